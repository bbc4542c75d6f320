package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// readWorkload reads the files of a workload: NDJSON, gzipped.
func readWorkload(dir string) (w workload, err error) {
	return w, errors.Join(
		readEntries(dir, "base", &w.base), readEntries(dir, "delta100", &w.delta), readEntries(dir, "edits1000", &w.edits),
		readEntries(dir, "conflict_a", &w.apart[0]), readEntries(dir, "conflict_b", &w.apart[1]),
	)
}

func readEntries[E any](dir, name string, entries *[]E) error {
	path := filepath.Join(dir, name+".ndjson.gz")
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for d := json.NewDecoder(z); ; {
		var e E
		switch err := d.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s, entry %d: %w", path, len(*entries)+1, err)
		}
		*entries = append(*entries, e)
	}
}
