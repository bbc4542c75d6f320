package main

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wangge/schema/kindfile"
)

// smallWorkload writes a workload of few entries into files.
func smallWorkload(t *testing.T) (dir string, w workload) {
	t.Helper()
	w = generate(7)
	w.base, w.delta, w.edits = w.base[:60], w.delta[:10], nil
	g := newGenerator(8)
	for i := range 20 {
		w.edits = append(w.edits, g.edit(w.base[i], g.author(3), g.oneOf("status", "person", "followups", "topic")))
	}
	w.apart = g.apart(w.base, 5)
	dir = t.TempDir()
	writeEntries(t, dir, "base", w.base)
	writeEntries(t, dir, "delta100", w.delta)
	writeEntries(t, dir, "edits1000", w.edits)
	writeEntries(t, dir, "conflict_a", w.apart[0])
	writeEntries(t, dir, "conflict_b", w.apart[1])
	return dir, w
}

func writeEntries[E any](t *testing.T, dir, name string, entries []E) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, name+".ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	defer z.Close()
	for _, e := range entries {
		if err := json.NewEncoder(z).Encode(e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWorkloadComesBackFromItsFiles(t *testing.T) {
	dir, want := smallWorkload(t)
	got, err := readWorkload(dir)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v: the workload is another", err)
	}
	os.Remove(filepath.Join(dir, "edits1000.ndjson.gz"))
	if _, err := readWorkload(dir); err == nil || !strings.Contains(err.Error(), "edits1000") {
		t.Errorf("a missing file: %v", err)
	}
}

// What is made up must be a county's work, and the same for everybody.
func TestMadeUpVisitsAreFormsThatPassTheirChecks(t *testing.T) {
	w := generate(1)
	if !reflect.DeepEqual(w, generate(1)) || reflect.DeepEqual(w.base, generate(2).base) {
		t.Fatal("a seed does not say what is made up")
	}
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	bytes, writers := 0, map[string]bool{}
	for _, v := range append(w.base, w.delta...) {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		bytes += len(line) + 1
		writers[v.Author] = true
		if _, problems := kinds.Check("grid_visit", v.form()); len(problems) > 0 {
			t.Fatalf("%s: %v", line, problems)
		}
	}
	if len(w.base) != baseVisits || len(writers) != authors || bytes < 420*len(w.base) {
		t.Errorf("%d visits of %d authors in %d bytes: the measured workload has 10,000 of 40 in 4,201,991", len(w.base), len(writers), bytes)
	}
}

func TestBenchPrintsAFigureForEveryRowThatIsNamed(t *testing.T) {
	dir, _ := smallWorkload(t)
	code, out, bad := wangge(t, nil, "bench", "--workload", dir, "--dir", t.TempDir(), "--json", "p1", "P2", "P3", "P4", "P6", "P10")
	if code != 0 {
		t.Fatal(bad)
	}
	rows := map[string]benchFigure{}
	for line := range strings.Lines(out) {
		var f benchFigure
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if _, first := rows[f.Row]; !first {
			rows[f.Row] = f
		}
		if f.Met != nil && *f.Met != (f.Value <= f.Goal && !f.More || f.Value >= f.Goal && f.More) {
			t.Errorf("%+v", f)
		}
	}
	for row, least := range map[string]float64{"P1": 500, "P2": 100, "P3": 3000, "P4": 100, "P6": 1, "P10": 30} {
		if f := rows[row]; f.Value < least || f.Goal == 0 || f.Met == nil || f.What == "" {
			t.Errorf("%s: %+v", row, f)
		}
	}
}

func TestBenchOpensAStoreAndWatchesTheMemoryOfABox(t *testing.T) {
	code, out, bad := wangge(t, nil, "bench", "--records", "300", "--dir", t.TempDir(), "P7")
	if code != 0 || !strings.Contains(out, "300 records: open to first read") || !strings.Contains(out, "a page of 50") {
		t.Errorf("code %d, %s%s", code, out, bad)
	}
	me, err := memoryOfProcess(os.Getpid())
	if err != nil || me.own < 1 || me.file < 1 {
		t.Errorf("this process takes %+v, %v", me, err)
	}
}

// A small year through a real hub: all figures are as a recount has them, of all records.
func TestBenchTellsAHubAYear(t *testing.T) {
	code, out, bad := wangge(t, nil, "bench", "--records", "4000", "--dir", t.TempDir(), "--quiet", "--json", "year")
	if code != 0 {
		t.Fatal(bad)
	}
	checked := false
	for line := range strings.Lines(out) {
		var f benchFigure
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if strings.HasPrefix(f.What, "report check") {
			checked = f.Value == 0 && f.Met != nil && *f.Met && strings.Contains(f.Note, " records")
		}
	}
	if !checked {
		t.Errorf("the hub did not recount to the same: %s", out)
	}
}

func TestBenchLeavesNothingBehindAndSaysWhatItCannotDo(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{"--quiet", "--dir", dir, "P6"}},
		{exitUsage, []string{"P99"}},
		{exitUsage, []string{"P6", "P6"}},
		{exitUsage, []string{"P8", "--dir", dir}},
		{exitUsage, []string{"--records", "0", "P6"}},
		{exitUsage, []string{"--records", "9000000", "P7"}},
		{exitFailed, []string{"--workload", dir, "P6"}},
		{exitFailed, []string{"--dir", filepath.Join(dir, "none"), "P6"}},
	} {
		if code, _, bad := wangge(t, nil, append([]string{"bench"}, c.args...)...); code != c.code {
			t.Errorf("%v: code %d, %s", c.args, code, bad)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
