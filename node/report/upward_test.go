package report

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// goingUp is everything with reports that go up: works are of the points that they link
// to, since a point must name somebody.
func goingUp(t testing.TB) *schema.Registry {
	kinds := everything(t).Kinds()
	for i := range kinds {
		k := &kinds[i]
		k.Class = crdt.Personal
		k.Reports = append([]schema.Report{}, k.Reports...)
		for j := range k.Reports {
			r := &k.Reports[j]
			if r.Count != schema.Records && r.Count != schema.Distinct && r.Count != schema.Sum && r.Count != schema.Average {
				continue
			}
			r.Publish = []string{schema.PublishTotal, schema.PublishTownship}
			if k.Wholes() {
				r.Publish = r.Publish[:1]
				continue
			}
			if r.Grouped("sort") {
				r.Publish = append(r.Publish, "sort")
			}
			if r.Grouped("open") {
				r.Publish = append(r.Publish, "open")
			}
		}
	}
	kinds[0].Fields = append(kinds[0].Fields,
		schema.Field{ID: 20, Name: "who", Title: schema.Text{Zh: "谁", En: "Who"}, Type: schema.TypeText, Merge: crdt.Register, Guarded: true, Required: true, Range: schema.Range{Min: 1, Max: 9}})
	kinds[1].Fields = append(kinds[1].Fields,
		schema.Field{ID: 20, Name: "mobile", Title: schema.Text{Zh: "手机", En: "Mobile"}, Type: schema.TypeMobile, Merge: crdt.Register, Guarded: true})
	r, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhoStandsBehindAFigureIsARecountOfThePersons(t *testing.T) {
	rows, fewer := 0, 0
	for seed := range uint64(40) {
		h := &history{rng: rand.New(rand.NewPCG(seed, 31)), registry: goingUp(t), records: map[crdt.RecordID]crdt.Record{}}
		h.figures = New(h.registry)
		if seed%3 > 0 {
			h.figures.rolledFrom = 1
			h.figures.Reset()
		}
		for range 6 {
			for range 40 {
				h.step()
				h.name()
			}
			_, got := h.figures.Freeze("2025-02")
			want := h.recount().Upward("2025-02")
			for i := range want {
				if !reflect.DeepEqual(bare(got[i]), want[i]) {
					t.Fatalf("seed %d: counted %+v\nrecounted %+v", seed, got[i], want[i])
				}
				for _, row := range want[i].Rows {
					if rows++; row.Persons < row.Value {
						fewer++
					}
					if row.Value != 0 && row.Persons == 0 {
						t.Fatalf("%s: nobody is behind %+v", want[i].Report, row)
					}
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%d tables were counted, and %d recounted", len(got), len(want))
			}
		}
	}
	if rows < 5000 || fewer < 500 {
		t.Errorf("%d rows, of which %d stand for fewer persons than they say", rows, fewer)
	}
}

// bare is a table without the pieces of its cells, which are no part of what is kept.
func bare(u Upward) Upward {
	plain := func(b Behind) Behind { return Behind{Key: b.Key, Value: b.Value, Persons: b.Persons} }
	u.Measure, u.Persons, u.tally, u.Total, u.Rows = "", nil, nil, plain(u.Total), slices.Clone(u.Rows)
	for i := range u.Rows {
		u.Rows[i] = plain(u.Rows[i])
	}
	return u
}

// Pieces say of each cell what it counts, and who stands behind it.
func TestPiecesAreWhatCellsCount(t *testing.T) {
	h := &history{rng: rand.New(rand.NewPCG(9, 31)), registry: goingUp(t), records: map[crdt.RecordID]crdt.Record{}}
	h.figures = New(h.registry)
	for range 400 {
		h.step()
		h.name()
	}
	_, all := h.figures.Freeze("2025-02")
	several := 0
	for _, u := range all {
		if u.Measure == "" {
			continue
		}
		for _, b := range append(slices.Clone(u.Rows), u.Total) {
			if got := u.Persons(b.Pieces); got < b.Persons || got > b.Persons && !u.Own { // a member's other records may be of others
				t.Errorf("%s %q: %d persons are behind its pieces, and %d behind it", u.Report, b.Key, got, b.Persons)
			}
			if len(b.Pieces) > 1 {
				several++
			}
		}
		for i, b := range u.Rows {
			for _, other := range u.Rows[:i] {
				if !u.Own && slices.ContainsFunc(b.Pieces, func(p int32) bool { return slices.Contains(other.Pieces, p) }) {
					t.Errorf("%s: %q and %q have a piece in common", u.Report, b.Key, other.Key)
				}
			}
		}
	}
	if several < 20 {
		t.Errorf("%d cells have several pieces", several)
	}
}

// name gives a record at random somebody whom it is of, or nobody.
func (h *history) name() {
	at := id(h.rng.IntN(60))
	before := h.records[at]
	if before.Kind == "" {
		return
	}
	who := crdt.Value("")
	if !h.pick(3) {
		who = crdt.Text([]string{"13800000001", "13800000002", "13800000003"}[h.rng.IntN(3)])
	}
	after := before.Clone()
	after.Apply(crdt.Dot{Writer: 7, Seq: uint64(h.rng.IntN(1 << 30))}, crdt.Stamp(1<<40+h.rng.IntN(1<<30)), before.Assign(at, before.Kind, 20, who), crdt.Frontier{7: 1 << 40})
	h.figures.Change(at, before, after)
	h.records[at] = after
}

// What a month keeps of its reports and what may go up of it are of one moment.
func TestWhatGoesUpIsFrozenWithTheRest(t *testing.T) {
	h := &history{rng: rand.New(rand.NewPCG(5, 31)), registry: goingUp(t), records: map[crdt.RecordID]crdt.Record{}}
	h.figures = New(h.registry)
	for range 200 {
		h.step()
	}
	frozen, upward := h.figures.Freeze("2025-02")
	for _, u := range upward {
		table, ok := frozen[u.Report].Answer(Query{})
		if _, part := schema.PartOf(u.Report); u.By == "" && !part && (!ok || table.Total != u.Total.Value) {
			t.Errorf("%s is frozen as %d, and goes up as %d", u.Report, table.Total, u.Total.Value)
		}
	}
	if len(upward) == 0 {
		t.Error("nothing goes up")
	}
}
