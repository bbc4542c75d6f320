package crdt

import (
	"slices"
	"testing"
)

func (s *side) note(v string, at Stamp) {
	op := s.rec.Append(RecordID{1}, "case", 1, Text(v))
	s.log = append(s.log, op)
	d := Dot{s.writer, uint64(len(s.log)), 0}
	s.rec.Apply(d, at, op, s.held)
	s.held[s.writer] = d.Seq
}

func lines(c Cell) (lines []string) {
	for _, e := range c.Log() {
		text, _ := e.Value.Text()
		lines = append(lines, text)
	}
	return lines
}

func TestALogKeepsAllThatWasNotedByStampThenDot(t *testing.T) {
	a, b := newSide(1), newSide(2)
	a.note("called", 5)
	b.note("visited", 4)
	a.note("called", 5)
	b.note("closed", 9)
	c := Cell{Entries: append(slices.Clone(b.rec.Cells[1].Entries), a.rec.Cells[1].Entries...)}
	if got, want := lines(c), []string{"visited", "called", "called", "closed"}; !slices.Equal(got, want) {
		t.Errorf("the log reads %q, want %q", got, want)
	}
	if c.Entries[0].Dot.Writer != b.writer || a.rec.Cells[1].Type != Log {
		t.Errorf("reading the log changed the cell, or an op of type %s wrote it", a.rec.Cells[1].Type)
	}
}

func TestAnOpThatNamesALogsDotsTakesThemFromTheScreenWheneverItComes(t *testing.T) {
	a := newSide(1)
	a.note("kept", 1)
	a.note("taken", 2)
	bad := a.rec.Append(RecordID{1}, "case", 1, "")
	bad.Replaces = []Dot{{a.writer, 2, 0}}
	before, after := newSide(2), newSide(3)
	before.take(9, 1, bad)
	before.pull(a)
	after.pull(a)
	after.take(9, 1, bad)
	for _, s := range []*side{before, after} {
		if got := lines(s.rec.Cells[1]); !slices.Equal(got, []string{"kept"}) || len(s.rec.Cells[1].Kills) != 0 {
			t.Errorf("the log reads %q", got)
		}
	}
}
