package report

import (
	"math/rand/v2"
	"testing"

	"wangge/crdt"
)

// naming returns a record that names others as the same one as well.
func naming(rec crdt.Record, others ...crdt.RecordID) crdt.Record {
	rec = rec.Clone()
	for i, o := range others {
		rec.Apply(crdt.Dot{Writer: 2, Seq: 1, Index: uint32(i)}, 1, rec.SameAs(crdt.RecordID{}, o), nil)
	}
	return rec
}

func checkedIn(area string, person int) crdt.Record {
	return record("checkin", map[crdt.FieldID]crdt.Value{
		1: crdt.Text(area), 2: crdt.Int(day), 3: choice(0), 4: crdt.Ref(id(person)),
	})
}

func wantTotal(t *testing.T, f *Figures, report string, want int64, rows ...int64) {
	t.Helper()
	table, err := f.Answer(Query{Report: "checkin." + report, By: []string{"area"}})
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for i, r := range table.Rows {
		if sum += r.Count; i < len(rows) && r.Count != rows[i] {
			t.Errorf("%s: row %v is %d, want %d", report, r.Keys, r.Count, rows[i])
		}
	}
	if table.Total != want || len(rows) > 0 && len(table.Rows) != len(rows) {
		t.Errorf("%s: total %d in %d rows, want %d in %d", report, table.Total, len(table.Rows), want, len(rows))
	}
}

func TestWhatIsOneIsCountedOnceUntilThatIsTakenBack(t *testing.T) {
	f := New(registry(t))
	east, west := checkedIn("140581105211", 21), checkedIn("140581105212", 22)
	f.Change(id(1), crdt.Record{}, east)
	f.Change(id(2), crdt.Record{}, west)
	wantTotal(t, f, "all", 2, 1, 1)
	wantTotal(t, f, "persons", 2)

	person := record("person", map[crdt.FieldID]crdt.Value{1: crdt.Text("140581105211"), 3: choice(0)})
	f.Change(id(21), crdt.Record{}, naming(person, id(22)))
	wantTotal(t, f, "persons", 2) // one side's word
	f.Change(id(22), crdt.Record{}, naming(person, id(21)))
	wantTotal(t, f, "persons", 1, 1, 1)
	wantTotal(t, f, "members", 1)
	wantTotal(t, f, "all", 2)

	f.Change(id(2), west, naming(west, id(1)))
	f.Change(id(1), east, naming(east, id(2)))
	wantTotal(t, f, "all", 1, 1)
	f.Change(id(1), naming(east, id(2)), east)
	f.Change(id(21), naming(person, id(22)), person)
	wantTotal(t, f, "all", 2, 1, 1)
	wantTotal(t, f, "persons", 2)
}

// The dumb twin counts groups of records by walking all of them.
func TestCountingOneRecordOfEachGroupIsCountingGroups(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 5))
		f, names := New(registry(t)), map[crdt.RecordID][]crdt.RecordID{}
		n := 1 + rng.IntN(7)
		for i := range n {
			rec := checkedIn([]string{"140581105211", "140581105212"}[rng.IntN(2)], i)
			for range rng.IntN(4) {
				names[id(i)] = append(names[id(i)], id(rng.IntN(n)))
			}
			f.Change(id(i), crdt.Record{}, naming(rec, names[id(i)]...))
		}
		groups := map[crdt.RecordID]bool{}
		for i := range n {
			groups[crdt.Resolve(names).Of(id(i))] = true
		}
		wantTotal(t, f, "all", int64(len(groups)))
		if t.Failed() {
			t.Fatalf("seed %d: %v", seed, names)
		}
	}
}
