package crdt_test

import (
	"slices"
	"testing"

	. "wangge/crdt"
)

func dot(w Writer, seq uint64, index uint32) Dot { return Dot{Writer: w, Seq: seq, Index: index} }

func write(v Value, replaces ...Dot) Op { return Op{Type: Register, Value: v, Replaces: replaces} }

func TestAReplacedValueStopsBeingVisible(t *testing.T) {
	c := Cell{}.Apply(dot(1, 1, 0), 1, write(Text("old")), Frontier{})
	c = c.Apply(dot(2, 1, 0), 2, write(Text("new"), dot(1, 1, 0)), Frontier{1: 1})
	want := Cell{Register, []Entry{{dot(2, 1, 0), 2, Text("new")}}, nil}
	if !equalCell(c, want) {
		t.Errorf("got %v, want %v", c, want)
	}
}

func TestADotReplacedBeforeItArrivesNeverShows(t *testing.T) {
	c := Cell{}.Apply(dot(2, 1, 0), 2, write(Text("new"), dot(1, 1, 0)), Frontier{})
	if !slices.Equal(c.Kills, []Dot{dot(1, 1, 0)}) {
		t.Fatalf("kills %v, want the dot that has not arrived", c.Kills)
	}
	c = c.Apply(dot(1, 1, 0), 1, write(Text("old")), Frontier{2: 1})
	if got := c.Values(); !slices.Equal(got, []Value{Text("new")}) || len(c.Kills) != 0 {
		t.Errorf("values %v and kills %v, want the new value and no kill", got, c.Kills)
	}
}

func TestAKilledRemovalTakesItsKillAway(t *testing.T) {
	c := Cell{}.Apply(dot(2, 1, 0), 2, write("", dot(1, 1, 0)), Frontier{})
	c = c.Apply(dot(1, 1, 0), 1, write(""), Frontier{2: 1})
	if !c.Empty() || c.Type != Register {
		t.Errorf("got %v, want an empty register", c)
	}
}

func TestAReplacedDotThatIsHeldLeavesNoKill(t *testing.T) {
	held := Frontier{1: 3}
	c := Cell{}.Apply(dot(2, 1, 0), 2, write(Text("x"), dot(1, 3, 0)), held)
	if len(c.Kills) != 0 {
		t.Errorf("kills %v, want none: the dot was held and replaced already", c.Kills)
	}
	c = Cell{}.Apply(dot(2, 1, 0), 2, write(Text("x"), dot(1, 4, 0)), held)
	if len(c.Kills) != 1 {
		t.Errorf("kills %v, want the dot above the frontier", c.Kills)
	}
}

func TestDotsOfTheSameBatchCountAsHeldUpToTheOp(t *testing.T) {
	for _, test := range []struct {
		name     string
		replaced Dot
		kills    int
	}{
		{"lower index", dot(1, 5, 1), 0},
		{"higher index", dot(1, 5, 3), 1},
		{"lower index of another batch", dot(1, 6, 1), 1},
		{"lower index of another writer's batch", dot(2, 5, 1), 1},
	} {
		c := Cell{}.Apply(dot(1, 5, 2), 1, write(Text("x"), test.replaced), Frontier{1: 4})
		if len(c.Kills) != test.kills {
			t.Errorf("%s: %d kills, want %d", test.name, len(c.Kills), test.kills)
		}
	}
}

func TestAnOpThatReplacesItselfDoesNothing(t *testing.T) {
	c := Cell{}.Apply(dot(1, 1, 0), 1, write(Text("x"), dot(1, 1, 0)), Frontier{})
	if !c.Empty() {
		t.Errorf("got %v, want nothing", c)
	}
}

func TestListsStayInDotOrder(t *testing.T) {
	var c Cell
	for _, w := range []Writer{5, 1, 9, 3} {
		c = c.Apply(dot(w, 1, 0), 1, write(Int(int64(w)), dot(100-w, 1, 0), dot(50, 1, 0)), Frontier{})
	}
	if !slices.IsSortedFunc(c.Entries, func(a, b Entry) int { return a.Dot.Compare(b.Dot) }) || len(c.Entries) != 4 {
		t.Errorf("entries %v, want four in dot order", c.Entries)
	}
	if !slices.IsSortedFunc(c.Kills, Dot.Compare) || len(c.Kills) != 5 {
		t.Errorf("kills %v, want five in dot order, none twice", c.Kills)
	}
}

func TestTypeIsTheLowestThatAnyWriterNamed(t *testing.T) {
	for _, order := range [][]Type{{2, 3, 0}, {3, 2, 0}, {0, 3, 2}, {2, 0, 3}, {3, 0, 2}, {0, 2, 3}} {
		var c Cell
		for i, typ := range order {
			c = c.Apply(dot(1, uint64(i+1), 0), 1, Op{Type: typ}, Frontier{1: uint64(i)})
		}
		if c.Type != Set {
			t.Errorf("types in order %v give %v, want set", order, c.Type)
		}
	}
}

func TestARegisterKeepsAllThatWasWrittenApartAndShowsTheLatestFirst(t *testing.T) {
	c := Cell{Type: Register, Entries: []Entry{
		{dot(1, 1, 0), 7, Text("a")}, {dot(2, 1, 0), 9, Text("b")}, {dot(3, 1, 0), 9, Text("c")}, {dot(4, 1, 0), 8, Text("b")},
	}}
	if got, want := c.Values(), []Value{Text("c"), Text("b"), Text("a")}; !slices.Equal(got, want) {
		t.Errorf("values %q, want %q: latest stamp first, then highest dot, none twice", got, want)
	}
	if c.Winner() != Text("c") || !c.Conflict() {
		t.Errorf("winner %q and conflict %v, want c in conflict", c.Winner(), c.Conflict())
	}
}

func TestOnlyDifferentValuesOfARegisterAreAConflict(t *testing.T) {
	one, two := Entry{dot(1, 1, 0), 1, Text("a")}, Entry{dot(2, 1, 0), 2, Text("b")}
	same := Entry{dot(3, 1, 0), 3, Text("a")}
	for _, test := range []struct {
		cell Cell
		want bool
	}{
		{Cell{}, false},
		{Cell{Type: Register, Entries: []Entry{one}}, false},
		{Cell{Type: Register, Entries: []Entry{one, same}}, false},
		{Cell{Type: Register, Entries: []Entry{one, two}}, true},
		{Cell{Type: Set, Entries: []Entry{one, two}}, false},
		{Cell{Type: Counter, Entries: []Entry{one, two}}, false},
	} {
		if test.cell.Conflict() != test.want {
			t.Errorf("%v: conflict %v, want %v", test.cell, test.cell.Conflict(), test.want)
		}
	}
}

func TestAnEmptyCellHasNoWinnerAndNoSum(t *testing.T) {
	if c := (Cell{}); c.Winner() != "" || c.Sum() != 0 || !c.Empty() || len(c.Dots()) != 0 {
		t.Errorf("the zero cell holds something")
	}
	if c := (Cell{Kills: []Dot{dot(1, 1, 0)}}); c.Empty() {
		t.Errorf("a cell with a kill is called empty")
	}
}

func TestSumPassesOverWhatIsNoNumber(t *testing.T) {
	c := Cell{Type: Counter, Entries: []Entry{
		{dot(1, 1, 0), 1, Int(40)}, {dot(2, 1, 0), 1, Text("5")}, {dot(3, 1, 0), 1, Int(-1) + "rest"}, {dot(4, 1, 0), 1, Int(2)},
	}}
	if c.Sum() != 42 {
		t.Errorf("sum %d, want 42", c.Sum())
	}
}

func TestAnAuthorReplacesNoMoreThanCanTravel(t *testing.T) {
	var rec Record
	for i := range ReplacesMax + 10 {
		rec.Apply(dot(Writer(i), 1, 0), 1, write(Int(int64(i))), Frontier{})
	}
	op := rec.Assign(RecordID{}, "k", 0, Text("settled"))
	if len(op.Replaces) != ReplacesMax {
		t.Fatalf("replaces %d, want %d", len(op.Replaces), ReplacesMax)
	}
	rec.Apply(dot(1000, 1, 0), 2, op, Frontier{})
	if rest := len(rec.Assign(RecordID{}, "k", 0, "").Replaces); rest != 11 {
		t.Errorf("the next time replaces %d, want the 10 left and the settled one", rest)
	}
}
