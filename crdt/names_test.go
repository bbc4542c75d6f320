package crdt_test

import (
	"math"
	"slices"
	"testing"

	. "wangge/crdt"
)

func TestWriterTellsDeviceAndIncarnation(t *testing.T) {
	w := NewWriter(7, 0xbeef)
	if w.Device() != 7 || w.Incarnation() != 0xbeef || w.String() != "7.beef" {
		t.Errorf("got device %d, incarnation %x, name %s", w.Device(), w.Incarnation(), w)
	}
}

func TestNamesReadBackAsTheyWereWritten(t *testing.T) {
	for _, w := range []Writer{0, 1, NewWriter(7, 0), NewWriter(7, 1<<31), math.MaxUint64} {
		if got, err := ParseWriter(w.String()); err != nil || got != w {
			t.Errorf("writer %s reads back as %s, %v", w, got, err)
		}
		d := Dot{Writer: w, Seq: math.MaxUint64, Index: math.MaxUint32}
		if got, err := ParseDot(d.String()); err != nil || got != d {
			t.Errorf("dot %s reads back as %s, %v", d, got, err)
		}
	}
	for _, s := range []Space{{"14", Open}, {"140581105211", Personal}, {"14058110521100001", Confidential}} {
		if got, err := ParseSpace(s.String()); err != nil || got != s {
			t.Errorf("space %s reads back as %s, %v", s, got, err)
		}
	}
	for _, typ := range []Type{Register, Set, Counter, MergedText, Attachments, Bounded, Log} {
		if got, err := ParseType(typ.String()); err != nil || got != typ {
			t.Errorf("type %s reads back as %s, %v", typ, got, err)
		}
	}
	id := RecordID{1, 0xfe, 15: 3}
	if got, err := ParseRecordID(id.String()); err != nil || got != id {
		t.Errorf("record %s reads back as %s, %v", id, got, err)
	}
}

func TestWhatIsNoNameIsRefused(t *testing.T) {
	parsers := map[string]func(string) error{
		"writer": func(s string) error { _, err := ParseWriter(s); return err },
		"dot":    func(s string) error { _, err := ParseDot(s); return err },
		"space":  func(s string) error { _, err := ParseSpace(s); return err },
		"class":  func(s string) error { _, err := ParseClass(s); return err },
		"type":   func(s string) error { _, err := ParseType(s); return err },
		"record": func(s string) error { _, err := ParseRecordID(s); return err },
	}
	for what, bad := range map[string][]string{
		"writer": {"", "7", "7.", ".0", "7.0.0", "-7.0", "4294967296.0", "7.100000000", "7.g"},
		"dot":    {"", "7.0", "7.0-1", "7.0-1-2-3", "7-1-2", "7.0-x-2", "7.0-1-4294967296"},
		"space":  {"", "14", "14/", "14/secret", "/open", "1/open", "14a5/open", "140581105211000012/open", "14/open/"},
		"class":  {"", "Open", "class7"},
		"type":   {"", "type9", "registers"},
		"record": {"", "00", "zz00000000000000000000000000000000"[:32], "000000000000000000000000000000000"},
	} {
		for _, s := range bad {
			if parsers[what](s) == nil {
				t.Errorf("%q was taken for a %s", s, what)
			}
		}
	}
}

func TestUnknownClassesAndTypesHaveNames(t *testing.T) {
	if Class(7).String() != "class7" || Type(9).String() != "type9" || Type(0).String() != "type0" {
		t.Errorf("got %s, %s and %s", Class(7), Type(9), Type(0))
	}
}

func TestDotsAndSpacesAreOrderedByTheirFirstDifference(t *testing.T) {
	dots := []Dot{{1, 1, 1}, {1, 1, 2}, {1, 2, 0}, {2, 1, 0}}
	for i, a := range dots {
		for j, b := range dots {
			if got := a.Compare(b); got != compareInts(i, j) {
				t.Errorf("%s against %s is %d", a, b, got)
			}
		}
	}
	spaces := []Space{{"14", Open}, {"14", Personal}, {"140", Open}, {"15", Open}}
	if !slices.IsSortedFunc(spaces, Space.Compare) || spaces[0].Compare(spaces[0]) != 0 || spaces[1].Compare(spaces[0]) != 1 {
		t.Errorf("spaces are not ordered by area, then class")
	}
}

func compareInts(i, j int) int { return min(max(i-j, -1), 1) }

func TestAFrontierHoldsStreamsUpToANumber(t *testing.T) {
	f := Frontier{1: 3}
	for d, want := range map[Dot]bool{{1, 3, 9}: true, {1, 1, 0}: true, {1, 4, 0}: false, {1, 0, 0}: false, {2, 1, 0}: false} {
		if f.Has(d) != want {
			t.Errorf("holds %s: %v, want %v", d, !want, want)
		}
	}
	if Frontier(nil).Has(dot(1, 1, 0)) {
		t.Errorf("the zero frontier holds something")
	}
}

func TestAFrontierCoversWhatItHolds(t *testing.T) {
	for _, test := range []struct {
		f, o Frontier
		want bool
	}{
		{nil, nil, true},
		{nil, Frontier{1: 1}, false},
		{Frontier{1: 2}, Frontier{1: 1}, true},
		{Frontier{1: 2}, Frontier{1: 2}, true},
		{Frontier{1: 2}, Frontier{1: 3}, false},
		{Frontier{1: 2}, Frontier{1: 1, 2: 1}, false},
		{Frontier{1: 2}, nil, true},
	} {
		if test.f.Covers(test.o) != test.want {
			t.Errorf("%v covers %v: %v, want %v", test.f, test.o, !test.want, test.want)
		}
	}
}

func TestAFrontierNeverGoesBackAndItsCloneIsFree(t *testing.T) {
	f := Frontier{2: 5}
	c := f.Clone()
	c.Raise(2, 4)
	c.Raise(1, 1)
	if c[2] != 5 || c[1] != 1 || f[1] != 0 {
		t.Errorf("clone %v of %v: want 2 to stay at 5, and the new writer in the clone alone", c, f)
	}
	if !slices.Equal(c.Writers(), []Writer{1, 2}) {
		t.Errorf("writers %v, want them in order", c.Writers())
	}
	empty := Frontier(nil).Clone()
	empty.Raise(1, 1)
	if empty[1] != 1 {
		t.Errorf("the clone of nothing cannot be raised")
	}
}
