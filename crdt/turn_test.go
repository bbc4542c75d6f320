package crdt

import (
	"slices"
	"testing"
)

var (
	forked = NewWriter(7, 1)
	branch = NewWriter(7, 2)
	turn   = Turn{Of: forked, After: 5, To: branch}
)

func TestATurnRenamesWhatStandsBehindTheFork(t *testing.T) {
	for from, want := range map[Dot]Dot{
		{forked, 5, 3}:          {forked, 5, 3},
		{forked, 6, 3}:          {branch, 1, 3},
		{forked, 60, 0}:         {branch, 55, 0},
		{NewWriter(8, 1), 6, 3}: {NewWriter(8, 1), 6, 3},
	} {
		if got := turn.Dot(from); got != want {
			t.Errorf("%s becomes %s, want %s", from, got, want)
		}
	}
	op := Op{Type: Register, Value: Text("x"), Replaces: []Dot{{forked, 5, 0}, {forked, 6, 0}}}
	if got := turn.Op(op); !slices.Equal(got.Replaces, []Dot{{forked, 5, 0}, {branch, 1, 0}}) || op.Replaces[1].Writer != forked {
		t.Errorf("got %v, of %v", got.Replaces, op.Replaces)
	}
}

func TestATurnSplitsWhatADeletionHadSeen(t *testing.T) {
	other := NewWriter(8, 1)
	got, ok := turn.Op(Op{Value: seen(Frontier{forked: 9, other: 9})}).Value.seen()
	if !ok || got[forked] != 5 || got[branch] != 4 || got[other] != 9 {
		t.Errorf("got %v", got)
	}
	if got, _ := (Turn{Of: forked, To: branch}).Op(Op{Value: seen(Frontier{forked: 9})}).Value.seen(); len(got) != 1 || got[branch] != 9 {
		t.Errorf("from the first batch on: %v", got)
	}
	if got, _ := turn.Op(Op{Value: seen(Frontier{forked: 5})}).Value.seen(); len(got) != 1 || got[forked] != 5 {
		t.Errorf("up to the fork: %v", got)
	}
}

func TestATurnNamesTheVersionsOfATextAnewAndKeepsTheRest(t *testing.T) {
	for _, put := range []string{"short", string(slices.Repeat([]byte("long enough to be packed "), 100))} {
		edit := Edit{At: 3, Cut: 1, Put: put}
		before := Event([]Dot{{forked, 5, 0}, {forked, 8, 1}}, edit)
		want := Event([]Dot{{forked, 5, 0}, {branch, 3, 1}}, edit)
		if got := turn.Op(Op{Value: before}).Value; got != want {
			t.Errorf("an event of %d bytes is not the one under the new name", len(before))
		}
	}
}

func TestACellWithoutABranchIsAsIfItHadNotCome(t *testing.T) {
	c := Cell{
		Type:    Register,
		Entries: []Entry{{Dot{forked, 5, 0}, 1, Text("a")}, {Dot{forked, 6, 0}, 2, Text("b")}},
		Kills:   []Dot{{forked, 5, 1}, {forked, 9, 0}},
	}
	got := c.Without(forked, 5)
	if len(got.Entries) != 1 || len(got.Kills) != 1 || len(c.Entries) != 2 || len(c.Kills) != 2 {
		t.Errorf("got %+v of %+v", got, c)
	}
	again := got.Kill(Dot{forked, 6, 0}).Kill(Dot{forked, 6, 0})
	if !slices.Equal(again.Kills, []Dot{{forked, 5, 1}, {forked, 6, 0}}) || len(got.Kills) != 1 {
		t.Errorf("got %v", again.Kills)
	}
}
