package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"wangge/schema/kindfile"
	"wangge/schema/kinds"
)

// differing is what comes of a sample other than it is to.
type differing struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

// trySamples has a folder's kinds take the forms in its samples.
func trySamples(folder string, asJSON bool, out io.Writer) error {
	var files fs.FS = kinds.Files
	if folder != "-" {
		files = os.DirFS(folder)
	}
	registry, own, err := loadKinds(folder)
	if err != nil {
		return err
	}
	all, tried := []differing{}, 0
	for _, k := range own {
		file := "samples/" + k.Name + ".yaml"
		samples, err := kindfile.Samples(files, k.Name)
		if errors.Is(err, fs.ErrNotExist) {
			all = append(all, differing{file, 0, "the kind has no sample: write down a form that somebody might fill in"})
			continue
		}
		if err != nil {
			return err
		}
		for _, s := range samples {
			tried++
			for _, text := range s.Try(registry, k.Name) {
				all = append(all, differing{file, s.Line, text})
			}
		}
	}
	if asJSON {
		err = json.NewEncoder(out).Encode(map[string]any{"tried": tried, "differ": all})
	} else {
		for _, d := range all {
			fmt.Fprintf(out, "%s:%d: %s\n", d.File, max(d.Line, 1), d.Text)
		}
		_, err = fmt.Fprintf(out, "%d kinds, %d samples tried\n", len(own), tried)
	}
	if err == nil && len(all) > 0 {
		err = fmt.Errorf("%d things are not as the samples have it", len(all))
	}
	return err
}
