package crdt_test

import (
	"slices"
	"testing"

	. "wangge/crdt"
)

// author writes batch after batch of one op into a record.
type author struct {
	writer Writer
	held   Frontier
	record Record
}

func newAuthor(w Writer) *author { return &author{writer: w, held: Frontier{}} }

func (a *author) do(op Op) added {
	made := added{Dot{Writer: a.writer, Seq: a.held[a.writer] + 1}, NewStamp(1), op}
	a.see(made)
	return made
}

func (a *author) see(o added) {
	a.record.Apply(o.dot, o.stamp, o.op, a.held)
	a.held.Raise(o.dot.Writer, o.dot.Seq)
}

func TestAnAdditionWinsOverARemovalThatDidNotSeeIt(t *testing.T) {
	a, b := newAuthor(1), newAuthor(2)
	b.see(a.do(a.record.AddElement(RecordID{}, "k", 2, Text("x"))))
	again := a.do(a.record.AddElement(RecordID{}, "k", 2, Text("x")))
	removed := b.do(b.record.RemoveElement(RecordID{}, "k", 2, Text("x")))
	a.see(removed)
	b.see(again)
	for _, who := range []*author{a, b} {
		if got := who.record.Cells[2].Values(); !slices.Equal(got, []Value{Text("x")}) {
			t.Errorf("writer %s sees %q, want x", who.writer, got)
		}
	}
}

func TestARemovalTakesOnlyItsElement(t *testing.T) {
	a := newAuthor(1)
	for _, v := range []Value{Text("x"), Text("y"), Text("x")} {
		a.do(a.record.AddElement(RecordID{}, "k", 2, v))
	}
	if n := len(a.record.Cells[2].Entries); n != 2 {
		t.Errorf("%d entries, want 2: adding x again replaces x", n)
	}
	a.do(a.record.RemoveElement(RecordID{}, "k", 2, Text("x")))
	if got := a.record.Cells[2].Values(); !slices.Equal(got, []Value{Text("y")}) {
		t.Errorf("left %q, want y", got)
	}
}

func TestWritersAddToACounterApartAndLoseNothing(t *testing.T) {
	a, b := newAuthor(1), newAuthor(2)
	var ofA []added
	for _, n := range []int64{5, -2, 10} {
		ofA = append(ofA, a.do(a.record.Add(RecordID{}, "k", 3, 1, n)))
	}
	a.see(b.do(b.record.Add(RecordID{}, "k", 3, 2, 100)))
	for _, o := range ofA {
		b.see(o)
	}
	for _, who := range []*author{a, b} {
		if c := who.record.Cells[3]; c.Sum() != 113 || len(c.Entries) != 2 {
			t.Errorf("writer %s sees %d in %d entries, want 113 in 2", who.writer, c.Sum(), len(c.Entries))
		}
	}
}

func TestAssigningSettlesAConflict(t *testing.T) {
	a, b := newAuthor(1), newAuthor(2)
	ofA := a.do(a.record.Assign(RecordID{}, "k", 1, Text("a")))
	ofB := b.do(b.record.Assign(RecordID{}, "k", 1, Text("b")))
	a.see(ofB)
	b.see(ofA)
	if got := a.record.Conflicts(); !slices.Equal(got, []FieldID{1}) {
		t.Fatalf("conflicts %v, want field 1", got)
	}
	b.see(a.do(a.record.Assign(RecordID{}, "k", 1, Text("both"))))
	for _, who := range []*author{a, b} {
		if who.record.Cells[1].Winner() != Text("both") || len(who.record.Conflicts()) != 0 {
			t.Errorf("writer %s sees %q, want both, settled", who.writer, who.record.Cells[1].Values())
		}
	}
}

func TestAClockInTheFutureCannotBeatAnEditThatSawItsValue(t *testing.T) {
	a := newAuthor(1)
	a.see(added{Dot{Writer: 9, Seq: 1}, NewStamp(4070908800000), write(Text("2099"))})
	a.do(a.record.Assign(RecordID{}, "k", 0, Text("now")))
	if got := a.record.Cells[0].Values(); !slices.Equal(got, []Value{Text("now")}) {
		t.Errorf("got %q, want now alone", got)
	}
}

func TestKindIsTheFirstInByteOrderThatAnyWriterNamed(t *testing.T) {
	for _, order := range [][]string{{"b", "a", ""}, {"", "a", "b"}, {"a", "", "b"}, {"b", "", "a"}} {
		a := newAuthor(1)
		for _, kind := range order {
			a.do(Op{Kind: kind, Type: Register})
		}
		if a.record.Kind != "a" {
			t.Errorf("kinds in order %q give %q, want a", order, a.record.Kind)
		}
	}
}

func TestStampIsThatOfTheLatestVisibleChange(t *testing.T) {
	rec := Record{Cells: map[FieldID]Cell{
		1: {Entries: []Entry{{Stamp: 5}, {Stamp: 8}}}, 2: {Entries: []Entry{{Stamp: 7}}}, 3: {},
	}}
	if rec.Stamp() != 8 || (Record{}).Stamp() != 0 {
		t.Errorf("stamps %d and %d, want 8 and 0", rec.Stamp(), Record{}.Stamp())
	}
}

func TestAClonesChangesStayItsOwn(t *testing.T) {
	a := newAuthor(1)
	a.do(a.record.Assign(RecordID{}, "k", 1, Text("old")))
	clone := a.record.Clone()
	clone.Apply(Dot{Writer: 1, Seq: 2}, 9, clone.Assign(RecordID{}, "j", 2, Text("new")), a.held)
	if got := a.record.Fields(); !slices.Equal(got, []FieldID{1}) || a.record.Kind != "k" {
		t.Errorf("the original has fields %v and kind %s", got, a.record.Kind)
	}
	if got := clone.Fields(); !slices.Equal(got, []FieldID{1, 2}) {
		t.Errorf("the clone has fields %v, want 1 and 2", got)
	}
}

func TestVisibleLeavesTheRecordsKillsAlone(t *testing.T) {
	var rec Record
	rec.Apply(Dot{Writer: 1, Seq: 1}, 1, write(Text("x"), Dot{Writer: 2, Seq: 1}), Frontier{})
	if seen := rec.Visible(); len(seen.Cells[0].Kills) != 0 || seen.Cells[0].Winner() != Text("x") {
		t.Errorf("visible is %v, want x without kills", seen)
	}
	if len(rec.Cells[0].Kills) != 1 {
		t.Errorf("the record lost its kill")
	}
}
