package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/doubt"
	"wangge/node/store"
	"wangge/schema/kindfile"
)

// A box's store has the year's records, with what was deleted and what two said apart,
// and the same command again adds nothing. All of it stands where its form puts it, and nothing
// takes away what is not there.
func TestGenerateFillsABoxOnce(t *testing.T) {
	dir := t.TempDir()
	do := func(args ...string) string {
		var out, wrong strings.Builder
		if code := run(t.Context(), args, nil, &out, &wrong); code != 0 {
			t.Fatalf("wangge %v: %d: %s", args, code, wrong.String())
		}
		return out.String()
	}
	county, keys, data := filepath.Join(dir, "county"), filepath.Join(dir, "box", "keys"), filepath.Join(dir, "box", "data")
	do("init", "--county", county)
	do("enrol", "--county", county, "--keys", keys, "--role", "box", "--name", "站", "--ring", "140581105",
		"--holds", "140581*/open,140581*/personal,140581*/confidential")
	fill := func() (g generated) {
		if err := json.Unmarshal([]byte(do("generate", "--records", "4000", "--communities", "2", "--data", data, "--json", "--quiet")), &g); err != nil {
			t.Fatal(err)
		}
		return g
	}
	dead, apart, count := 0, 0, 0
	look := func() {
		dead, apart, count = 0, 0, 0
		d := folder{data: data}
		o, _, err := d.open()
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		kinds, err := kindfile.Shipped()
		if err != nil {
			t.Fatal(err)
		}
		doubts := doubt.New(kinds, s.Held)
		err = s.Walk(func(l store.Listed) bool {
			count++
			doubts.Change(l.Space, l.ID, crdt.Record{}, l.Record)
			if l.Record.Fate() == crdt.Dead {
				dead++
			}
			if slices.Contains([]string{"grid_visit", "curtain_check"}, l.Record.Kind) && len(l.Record.Conflicts()) > 0 {
				apart++
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		if found := doubts.Look(); found.Astray.Count+found.Early.Count != 0 || found.Conflicts.Count < apart {
			t.Fatalf("astray %+v, early %+v", found.Astray, found.Early)
		}
	}
	if g := fill(); g.Forms != 4000 || g.There != 0 || g.Beyond != 0 || g.Boxes != 2 {
		t.Fatalf("the first time: %+v", g)
	}
	look()
	first := [3]int{dead, apart, count}
	if dead == 0 || apart == 0 || count < 3900 {
		t.Fatalf("%d deleted, %d with values side by side, of %d", dead, apart, count)
	}
	if g := fill(); g.There != 4000 {
		t.Fatalf("the second time: %+v", g)
	}
	if look(); first != [3]int{dead, apart, count} {
		t.Fatalf("the second time changed %v to %v", first, [3]int{dead, apart, count})
	}
}

func TestGenerateWritesFilesThatAnImportTakes(t *testing.T) {
	dir := t.TempDir()
	var out, wrong strings.Builder
	if code := run(t.Context(), []string{"generate", "--records", "500", "--communities", "2", "--out", dir, "--quiet"}, nil, &out, &wrong); code != 0 {
		t.Fatal(wrong.String())
	}
	files, err := filepath.Glob(filepath.Join(dir, "140581*", "*.ndjson"))
	if err != nil || len(files) < 94 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, bad := range [][]string{{"--records", "5"}, {"--scale", "0"}, {"--year", "1"}, {"--data", dir}} {
		args := append([]string{"generate", "--out", dir}, bad...)
		if code := run(t.Context(), args, nil, &out, &wrong); code != exitUsage {
			t.Errorf("%v: exit code %d", bad, code)
		}
	}
}
