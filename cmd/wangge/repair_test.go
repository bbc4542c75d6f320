package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema"
)

// boxFolder enrols a box, saves a record in its data folder, and returns that.
func boxFolder(t *testing.T) (data string, id crdt.RecordID) {
	t.Helper()
	dir := t.TempDir()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "网格县", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	box := policy.Device{Name: "城东站", Role: policy.Box, Ring: "140581105", Holds: []policy.Pattern{"*"}, Writes: []policy.Pattern{"*"}}
	if _, err := county.Enrol(box, filepath.Join(dir, "keys"), time.Now()); err != nil {
		t.Fatal(err)
	}
	d := folder{data: filepath.Join(dir, "data")}
	o, identity, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	o.Author = func([]byte) (store.Author, error) { return identity.NewWriter() }
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id = crdt.RecordID{7}.Of("grid_visit")
	err = s.Save(func(draft *store.Draft) error {
		draft.Write(crdt.Space{Area: "140581105211"}, crdt.Op{Record: id, Kind: "grid_visit", Field: 900, Type: crdt.Register, Value: crdt.Text("旧")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.data, id
}

func TestDamageIsToldByTheExitCodeAndMendedOnRequest(t *testing.T) {
	data, _ := boxFolder(t)
	path := filepath.Join(data, "store.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(b) - 4 { // the value, wherever it stands: in the log, in the record
		if string(b[at:at+3]) == "旧" {
			b[at] ^= 1
		}
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, bad := wangge(t, nil, "verify", "--data", data)
	if code != exitFailed || !strings.Contains(out, "no other machine is known to have them") || !strings.Contains(bad, "faults") {
		t.Errorf("verify: code %d, %s%s", code, out, bad)
	}
	if code, out, bad := wangge(t, nil, "verify", "--repair", "--data", data); code != 0 || !strings.Contains(bad, "repaired") {
		t.Errorf("repair: code %d, %s%s", code, out, bad)
	}
	if code, out, bad := wangge(t, nil, "verify", "--data", data); code != 0 || !strings.Contains(out, "all is well") {
		t.Errorf("after the repair: code %d, %s%s", code, out, bad)
	}
}

func TestVerbsForAStoppedNodeSayWhatIsMissing(t *testing.T) {
	data, id := boxFolder(t)
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "--data DIR is missing", []string{"verify"}},
		{exitUsage, "--data DIR is missing", []string{"compact"}},
		{exitUsage, "FILE is missing", []string{"backup", "--data", data}},
		{exitUsage, "SPACE and RECORD are missing", []string{"explain", "--data", data}},
		{exitUsage, "is not a space", []string{"explain", "--data", data, "village", id.String()}},
		{exitFailed, "no batch", []string{"explain", "--data", data, "140581105211/open", crdt.RecordID{8}.String()}},
		{exitFailed, "nothing was ever written into a field status", []string{"explain", "--data", data, "140581105211/open", id.String(), "status"}},
		{exitFailed, "there is no store at", []string{"compact", "--data", t.TempDir()}},
		{exitFailed, "keys", []string{"verify", "--data", t.TempDir()}},
	} {
		if code, _, bad := wangge(t, nil, c.args...); code != c.code || !strings.Contains(bad, c.want) {
			t.Errorf("wangge %s: code %d, %s; want code %d, %q", strings.Join(c.args, " "), code, bad, c.code, c.want)
		}
	}
}

// Every outcome has its rule in words, and the winner is the one that the merge
// shows.
func TestAStorySaysWhichRuleDecided(t *testing.T) {
	dot := func(w crdt.Writer, seq uint64) crdt.Dot { return crdt.Dot{Writer: w, Seq: seq} }
	write := func(d crdt.Dot, at crdt.Stamp, v string, replaces ...crdt.Dot) store.Touch {
		return store.Touch{Dot: d, Stamp: at, Op: crdt.Op{Kind: "none", Field: 5, Type: crdt.Register, Value: crdt.Text(v), Replaces: replaces}}
	}
	touches := []store.Touch{
		write(dot(1, 1), 10, "first"), write(dot(1, 2), 20, "a", dot(1, 1)), write(dot(2, 1), 30, "b"),
		write(dot(3, 1), 30, "c"), write(dot(4, 1), 5, "c"),
	}
	var rec crdt.Record
	for _, touch := range touches {
		rec.Apply(touch.Dot, touch.Stamp, touch.Op, nil)
	}
	kinds, err := schema.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newStory(crdt.Space{Area: "14"}, crdt.RecordID{1}, touches, kinds, nil)
	f := s.Fields[0]
	if f.Now != schema.Show(rec.Cells[5].Winner()) {
		t.Errorf("shows %v, the merge %v", f.Now, schema.Show(rec.Cells[5].Winner()))
	}
	for i, want := range []struct{ outcome, why string }{
		{"replaced", "whose author saw it"}, {"beside", "it is earlier"}, {"beside", "a lower dot"},
		{"wins", "the highest dot"}, {"beside", "says the same"},
	} {
		if got := f.Steps[i]; got.Outcome != want.outcome || !strings.Contains(got.Why.En, want.why) || got.Why.Zh == "" {
			t.Errorf("step %d: %s, %s; want %s, %s", i+1, got.Outcome, got.Why.En, want.outcome, want.why)
		}
	}
}
