package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// TestFilesOfEveryFormatStillOpen opens files that earlier programs wrote. With
// -update it writes the latest anew: only ever for a format that never left this
// house.
func TestFilesOfEveryFormatStillOpen(t *testing.T) {
	if *update {
		golden, words := goldenFile(formatVersion)
		writeGolden(t, golden, words)
	}
	for format := formatOldest; format <= formatVersion; format++ {
		t.Run(fmt.Sprint("format ", format), func(t *testing.T) { stillOpens(t, format) })
	}
}

func goldenFile(format int) (file, words string) {
	folder := filepath.Join("testdata", fmt.Sprint("v", format))
	return filepath.Join(folder, "store.db"), filepath.Join(folder, "store.txt")
}

func stillOpens(t *testing.T, format int) {
	golden, words := goldenFile(format)
	file, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(words)
	if err != nil {
		t.Fatal(err)
	}
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	if err := os.WriteFile(o.Path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, o)
	now := strings.Replace(string(want), fmt.Sprintf("meta format %02x", format), fmt.Sprintf("meta format %02x", formatVersion), 1)
	if got := describe(t, s); got != now {
		t.Errorf("the file reads as\n%s\nwant\n%s", got, want)
	}
	for _, sp := range s.Spaces() {
		if sp.Digest != recount(t, s, sp.Space) {
			t.Errorf("the digest of %s is not what a recount gives", sp.Space)
		}
	}
	save(t, s, village, recordID(1), "goes on")
	next := newStore(t, 9)
	pull(t, s, next)
	if digest(t, next, village) != digest(t, s, village) || digest(t, next, street) != digest(t, s, street) {
		t.Error("a peer of it has another state")
	}
}

func writeGolden(t *testing.T, golden, words string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
		t.Fatal(err)
	}
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	a, b := open(t, o), newStore(t, 2)
	save(t, a, village, recordID(1), "王家")
	save(t, b, village, recordID(1), "王家庄")
	save(t, b, street, recordID(2), "李家")
	pull(t, b, a)
	err := a.Save(func(d *Draft) error {
		rec, err := d.Record(village, recordID(1))
		d.Write(village,
			rec.AddElement(recordID(1), "visit", 2, crdt.Text("独居")),
			rec.Add(recordID(1), "visit", 3, d.Writer(), 5))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Reached([]wire.Mark{{Space: village, Writer: newDevice(1).writer, Seq: 1, Level: wire.AtCounty}})
	a.Close()
	if _, _, err := Compact(o.Path); err != nil {
		t.Fatal(err)
	}
	a = open(t, o)
	save(t, a, street, recordID(3), "赵家")
	if err := os.WriteFile(golden, snapshot(t, a), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(words, []byte(describe(t, a)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// describe tells what a store holds, and in which bytes.
func describe(t *testing.T, s *Store) string {
	t.Helper()
	var out strings.Builder
	for _, sp := range s.Spaces() {
		fmt.Fprintf(&out, "%s: %d records, %d batches of %d streams, %d at the county, digest %s\n",
			sp.Space, sp.Records, sp.Batches, sp.Streams, sp.AtHub, sp.Digest)
	}
	err := s.Recent("visit", nil, func(l Listed, _ []byte) bool {
		fmt.Fprintf(&out, "%s %s\n", l.Space, l.ID)
		for _, id := range l.Record.Fields() {
			fmt.Fprintf(&out, "  %d %s %q\n", id, l.Record.Cells[id].Type, l.Record.Cells[id].Values())
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n" + dump(t, s)
}
