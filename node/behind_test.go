package node

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// countyDesk returns the desk of a machine that holds and writes everything, with the
// figures of a replica.
func countyDesk(t *testing.T) desk {
	t.Helper()
	dir := t.TempDir()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "试验县", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(dir, "keys")
	all := []policy.Pattern{"*"}
	if _, err = county.Enrol(policy.Device{Name: "全县站", Role: policy.Box, Ring: "140581105", Holds: all, Writes: all}, keys, time.Now()); err != nil {
		t.Fatal(err)
	}
	n, err := open(Config{Keys: keys, Data: filepath.Join(dir, "data"), Link: "127.0.0.1:0", Web: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.close() })
	return desk{n}
}

// saveOneOfEach saves a sample of each kind that a box writes, and returns what it says.
func saveOneOfEach(t *testing.T, d desk) map[web.Name]map[string]any {
	t.Helper()
	saved := map[web.Name]map[string]any{}
	for _, k := range d.kinds.Kinds() {
		forms, err := kindfile.ShippedSamples(k.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range forms {
			if names, err := d.Save(k.Name, form); err == nil {
				saved[names[len(names)-1]] = form
				break
			}
		}
	}
	return saved
}

// An analyst opens the records behind a figure of any kind, but for those that are
// confidential, and never sees a person in full.
func TestTheRecordsBehindAFigureOpenForEachKind(t *testing.T) {
	d := countyDesk(t)
	saved := map[string]bool{}
	for name := range saveOneOfEach(t, d) {
		saved[name.Kind] = true
	}
	d.figures = report.New(d.kinds)
	err := d.store.Walk(func(l store.Listed) bool {
		d.figures.Change(l.ID, crdt.Record{}, l.Record)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	d.figures.Ready()
	opened := map[crdt.Class]int{}
	for _, k := range d.kinds.Kinds() {
		for _, r := range k.Reports {
			if r.Count != schema.Records || len(r.Where) > 0 || r.Standing() || !saved[k.Name] {
				continue
			}
			list, err := office(d).Behind(report.Query{Report: k.Name + "." + r.Name}, "", crdt.RecordID{}, 10)
			var refusal web.Refusal
			switch {
			case k.Class == crdt.Confidential && !errors.As(err, &refusal):
				t.Errorf("%s.%s: confidential records were listed: %v", k.Name, r.Name, err)
			case k.Class != crdt.Confidential && (err != nil || len(list.Items) == 0 || list.Items[0].Kind != k.Name):
				t.Errorf("%s.%s: %d records behind it (%v)", k.Name, r.Name, len(list.Items), err)
			default:
				unmasked(t, d, &k, list)
				opened[k.Class]++
			}
			break
		}
	}
	if opened[crdt.Open] < 20 || opened[crdt.Personal] < 15 || opened[crdt.Confidential] < 5 {
		t.Errorf("few kinds were tried: %v", opened)
	}
}

// unmasked complains of a guarded field that stands in full.
func unmasked(t *testing.T, d desk, k *schema.Kind, list web.List) {
	t.Helper()
	for _, item := range list.Items {
		_, _, rec, err := d.find(item.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range k.Fields {
			whole, _ := f.Winner(rec.Cells[f.ID]).Text()
			if f.Guarded && whole != "" && strings.Contains(fmt.Sprint(item.Values[f.Name]), whole) {
				t.Errorf("%s.%s stands in full", k.Name, f.Name)
			}
			if _, told := item.Values[f.Name]; f.Sealed && told {
				t.Errorf("%s.%s is sealed and told", k.Name, f.Name)
			}
		}
	}
}
