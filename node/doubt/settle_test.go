package doubt_test

import (
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/node/doubt"
)

const (
	east = crdt.Writer(7)
	west = crdt.Writer(8)
)

func TestARecordThatSaysAnotherAreaThanItsSpaceIsToldOf(t *testing.T) {
	kinds := shipped(t)
	station := func(area string) crdt.Record {
		return record(t, kinds, "warm_station", map[string]string{"area": area, "name": "暖新驿站"})
	}
	for _, c := range []struct {
		what  string
		space crdt.Space
		rec   crdt.Record
		want  int
	}{
		{"where its form puts it", village, station("140581105211"), 0},
		{"in another village", village, station("140581105212"), 1},
		{"in no area", village, station(""), 1},
		{"in the township", village, station("140581105"), 1},
		{"kept in the space of the township", crdt.Space{Area: "140581105", Class: crdt.Open}, station("140581105211"), 1},
		{"kept in a space of another class", crdt.Space{Area: "140581105211", Class: crdt.Personal}, station("140581105211"), 1},
		{"of a kind that is not known here", village, crdt.Record{Kind: "unheard_of"}, 0},
	} {
		d := newDoubts(kinds)
		d.Change(c.space, idOf(1), c.rec)
		if found := d.Look().Astray; found.Count != c.want || len(found.First) != c.want {
			t.Errorf("%s: found %+v", c.what, found)
		}
		dead := c.rec.Clone()
		dead.Apply(crdt.Dot{Writer: 1, Seq: 99}, crdt.NewStamp(99), dead.Delete(idOf(1)), crdt.Frontier{})
		d.Change(c.space, idOf(1), dead)
		if found := d.Look().Astray; found.Count != 0 {
			t.Errorf("%s: it is deleted, and still %+v", c.what, found)
		}
	}
}

// Whoever writes ten thousand doubtful records and more costs no more memory than that, and
// their number is right all the same.
func TestOfMoreDoubtfulRecordsThanAreKeptTheNumberIsKnown(t *testing.T) {
	const many = 10_007
	kinds := shipped(t)
	d := newDoubts(kinds)
	lost, home := record(t, kinds, "warm_station", map[string]string{"area": "140581105212"}), record(t, kinds, "warm_station", map[string]string{"area": "140581105211"})
	for i := range many {
		d.Change(village, idOf(i), lost)
	}
	for i := range many { // told again, none is counted twice
		d.Change(village, idOf(i), lost)
	}
	if found := d.Look().Astray; found.Count != many || len(found.First) != 50 {
		t.Fatalf("%d are known, %d listed", found.Count, len(found.First))
	}
	for i := many - 1; i >= 0; i-- { // those that are not kept first
		d.Change(village, idOf(i), home)
		if i%2500 == 3 {
			if found := d.Look().Astray; found.Count != i {
				t.Fatalf("%d are known, want %d", found.Count, i)
			}
		}
	}
	if found := d.Look().Astray; found.Count != 0 || len(found.First) != 0 {
		t.Errorf("all came home, and still %+v", found)
	}
	for i := range many {
		d.Change(village, idOf(i), lost)
	}
	for i := range 10_000 { // those that are kept first
		d.Change(village, idOf(i), home)
	}
	if found := d.Look().Astray; found.Count != 7 || len(found.First) != 0 {
		t.Errorf("seven are left, of which is not known which they are, and %+v", found)
	}
	for i := 10_000; i < many; i++ {
		d.Change(village, idOf(i), lost) // there is room for them now
		d.Change(village, idOf(i), home)
		d.Change(village, idOf(many-1), lost)
	}
	if found := d.Look().Astray; found.Count != 1 || !slices.Equal(idsOf(found.First), []crdt.RecordID{idOf(many - 1)}) {
		t.Errorf("one is left, and %+v", found)
	}
}

func TestWhatBothNameIsAgreedAndTheLatestComesFirst(t *testing.T) {
	kinds := shipped(t)
	d, recs := newDoubts(kinds), map[int]crdt.Record{}
	says := func(one, other int, at int64, say func(crdt.Record, crdt.RecordID, crdt.RecordID) crdt.Op) {
		rec, ok := recs[one]
		if !ok {
			rec = record(t, kinds, "warm_station", map[string]string{"area": village.Area})
		}
		rec = rec.Clone()
		rec.Apply(crdt.Dot{Writer: east, Seq: uint64(at)}, crdt.NewStamp(at), say(rec, idOf(one), idOf(other)), crdt.Frontier{})
		recs[one] = rec
		d.Change(village, idOf(one), rec)
	}
	says(1, 2, 10, crdt.Record.SameAs)
	if found := d.Look(); found.Agreed.Count != 0 || found.Twins.Count != 1 {
		t.Errorf("one side has said it: %+v", found)
	}
	says(2, 1, 40, crdt.Record.SameAs)
	says(4, 3, 20, crdt.Record.SameAs)
	says(3, 4, 30, crdt.Record.SameAs)
	says(6, 6, 60, crdt.Record.SameAs) // itself
	found := d.Look()
	if found.Agreed.Count != 2 || found.Twins.Count != 0 || len(found.Agreed.Last) != 2 {
		t.Fatalf("two pairs are agreed: %+v", found)
	}
	if last := found.Agreed.Last[0]; last.One.ID != idOf(1) || last.Other.ID != idOf(2) || last.At.Millis() != 40 {
		t.Errorf("the last to be agreed is %+v", last)
	}
	says(1, 2, 50, crdt.Record.NotSameAs)
	if found := d.Look(); found.Agreed.Count != 1 || found.Twins.Count != 1 {
		t.Errorf("one side has taken it back: %+v", found)
	}
	d.Change(village, idOf(3), crdt.Record{})
	if found := d.Look(); found.Agreed.Count != 0 || found.Twins.Count != 2 {
		t.Errorf("one of two is gone: %+v", found)
	}
}

func TestOfManyAgreedPairsTheLatestAreListedAndNoneThatIsConfidential(t *testing.T) {
	kinds := shipped(t)
	d := newDoubts(kinds)
	for i := range 120 {
		kind, space := "warm_station", village
		if i >= 110 {
			kind, space = "mediation_case", crdt.Space{Area: village.Area, Class: crdt.Confidential}
		}
		for _, p := range [][2]int{{2 * i, 2*i + 1}, {2*i + 1, 2 * i}} {
			rec := record(t, kinds, kind, map[string]string{"area": village.Area})
			rec.Apply(crdt.Dot{Writer: east, Seq: 9}, crdt.NewStamp(int64(100+i)), rec.SameAs(idOf(p[0]), idOf(p[1])), crdt.Frontier{})
			d.Change(space, idOf(p[0]), rec)
		}
	}
	found := d.Look().Agreed
	if found.Count != 120 || len(found.Last) != 50 || found.Last[0].One.ID != idOf(218) || found.Last[49].One.ID != idOf(120) {
		t.Errorf("%d pairs, %d listed, from %+v", found.Count, len(found.Last), found.Last[0])
	}
}

func TestADeletionOfWhatIsNotHereIsToldUntilItIs(t *testing.T) {
	kinds := shipped(t)
	d := newDoubts(kinds)
	d.held[east], d.held[west] = 3, 1
	rec := record(t, kinds, "warm_station", map[string]string{"area": village.Area})
	seen := crdt.Record{Cells: map[crdt.FieldID]crdt.Cell{1: {Entries: []crdt.Entry{{Dot: crdt.Dot{Writer: east, Seq: 5}}, {Dot: crdt.Dot{Writer: 1, Seq: 1}}}}}}
	op := seen.Delete(idOf(1))
	op.Kind = rec.Kind
	rec.Apply(crdt.Dot{Writer: west, Seq: 1}, crdt.NewStamp(7), op, crdt.Frontier{1: 1})
	d.held[1] = 1
	d.Change(village, idOf(1), rec)
	found := d.Look().Early
	if found.Count != 1 || len(found.First) != 1 || len(found.First[0].Parts) != 1 {
		t.Fatalf("found %+v", found)
	}
	want := crdt.Unheld{Field: crdt.Deleted, By: crdt.Dot{Writer: west, Seq: 1}, Stamp: crdt.NewStamp(7), Writer: east, Seq: 5, Held: 3}
	if got := found.First[0].Parts[0]; got != want {
		t.Errorf("it takes away %+v, want %+v", got, want)
	}
	d.held[east] = 4
	if found := d.Look().Early; found.Count != 1 || found.First[0].Parts[0].Held != 4 {
		t.Errorf("one more has come: %+v", found)
	}
	d.held[east] = 5 // of other records
	if found := d.Look().Early; found.Count != 0 || len(found.First) != 0 {
		t.Errorf("all has come, and still %+v", found)
	}
}

// Whoever takes away the future of many records, or of many writers, costs no more than a bound.
func TestWhatTakesAwayTheFutureIsBounded(t *testing.T) {
	kinds := shipped(t)
	d := newDoubts(kinds)
	rec := record(t, kinds, "warm_station", map[string]string{"area": village.Area})
	var dots []crdt.Dot
	for w := range crdt.Writer(9) {
		dots = append(dots, crdt.Dot{Writer: 100 + w, Seq: uint64(10 + w)})
	}
	d.held[1] = 9
	rec.Apply(crdt.Dot{Writer: 1, Seq: 9}, crdt.NewStamp(9), crdt.Op{Record: idOf(1), Kind: rec.Kind, Field: 2, Type: crdt.Register, Replaces: dots}, crdt.Frontier{1: 8})
	for i := range 10_003 {
		d.Change(village, idOf(i), rec)
	}
	found := d.Look().Early
	if found.Count != 10_000 || !found.More || len(found.First) != 50 || len(found.First[0].Parts) != 4 || found.First[0].Parts[0].Seq != 18 {
		t.Errorf("%d, more %t, %d listed, the first %+v", found.Count, found.More, len(found.First), found.First[0])
	}
	hidden := newDoubts(kinds)
	rec.Kind = "mediation_case"
	if hidden.Change(village, idOf(1), rec); hidden.Look().Early.Count != 1 || len(hidden.Look().Early.First) != 0 {
		t.Errorf("of what is confidential more than the number is told: %+v", hidden.Look().Early)
	}
	if found.First[0].Ref.ID != idOf(0) || found.First[49].Ref.ID != idOf(49) {
		t.Errorf("the list goes from %+v to %+v", found.First[0].Ref, found.First[49].Ref)
	}
}

func idsOf(all []doubt.Ref) (ids []crdt.RecordID) {
	for _, ref := range all {
		ids = append(ids, ref.ID)
	}
	return ids
}
