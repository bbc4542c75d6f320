package crdt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "wangge/crdt"
)

// story is events as they came about, whoever wrote them.
type story struct{ cell Cell }

// tell adds a writer's event, made with just these parents in view.
func (s *story) tell(w Writer, parents []Dot, edits ...Edit) []Dot {
	var seq uint64 = 1
	for _, e := range s.cell.Entries {
		if e.Dot.Writer == w {
			seq = e.Dot.Seq + 1
		}
	}
	d := Dot{Writer: w, Seq: seq}
	s.cell = s.cell.Apply(d, 1, Op{Type: MergedText, Value: Event(parents, edits...)}, Frontier{w: seq - 1})
	return []Dot{d}
}

// typed adds an event for each character of a text, all at one place or each
// behind the one before.
func (s *story) typed(w Writer, parents []Dot, at int, text string, step int) []Dot {
	for _, c := range text {
		parents = s.tell(w, parents, Edit{at, 0, string(c)})
		at += step
	}
	return parents
}

func (s *story) shows(t *testing.T, want string) {
	t.Helper()
	if got := s.cell.Text(); got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
	if got := newTwin(s.cell.Entries).text(); got != want {
		t.Errorf("the twin is %q, want %q", got, want)
	}
}

func TestAnEmptyCellIsAnEmptyText(t *testing.T) {
	if c := (Cell{}); c.Text() != "" || len(c.TextHeads()) != 0 || c.TextAt([]Dot{{1, 1, 0}}) != "" {
		t.Errorf("the zero cell shows something")
	}
}

func TestWhatTwoPeopleTypeAtOnePlaceStaysWhole(t *testing.T) {
	for what, step := range map[string]int{"forward": 1, "backward": 0} {
		var s story
		begin := s.tell(1, nil, Edit{0, 0, "买：。"})
		s.typed(3, begin, 2, "鸡蛋面包", step)
		s.typed(2, begin, 2, "milk", step)
		if want := map[int]string{1: "买：milk鸡蛋面包。", 0: "买：klim包面蛋鸡。"}[step]; s.cell.Text() != want {
			t.Errorf("%s: %q, want %q", what, s.cell.Text(), want)
		}
	}
}

func TestTypingForwardAndBackwardDoesNotMix(t *testing.T) {
	var s story
	s.typed(1, nil, 0, "abc", 1)
	s.typed(2, nil, 0, "zyx", 0)
	s.typed(3, nil, 0, "123", 1)
	s.shows(t, "abcxyz123")
}

func TestBetweenPeopleWhoSawDifferentNeighboursTheFartherComesFirst(t *testing.T) {
	var s story
	begin := s.tell(9, nil, Edit{0, 0, "()"})
	a := s.tell(1, begin, Edit{1, 0, "a"})
	b := s.tell(2, begin, Edit{1, 0, "b"})
	s.tell(3, append(a, b...), Edit{2, 0, "x"})
	s.tell(4, a, Edit{2, 0, "y"})
	s.shows(t, "(ayxb)")
}

func TestWhatIsWrittenIntoARunPartsOnlyThatRun(t *testing.T) {
	var s story
	a := s.tell(1, nil, Edit{0, 0, "gridwork"})
	s.tell(2, nil, Edit{0, 0, "other"})
	s.tell(4, a, Edit{4, 0, "-"})
	s.tell(3, a, Edit{4, 0, " "})
	s.shows(t, "grid -workother")
}

func TestWhatIsWrittenInFrontOfARunStaysWithIt(t *testing.T) {
	var s story
	r, z := s.tell(5, nil, Edit{0, 0, "R"}), s.tell(9, nil, Edit{0, 0, "z"})
	behind := s.tell(3, r, Edit{0, 0, "S"})
	s.tell(6, behind, Edit{0, 0, "X"})
	s.tell(7, behind, Edit{0, 0, "Y"})
	s.tell(2, append(r, z...), Edit{0, 0, "N"})
	s.shows(t, "NXYSRz")
}

func TestACharacterThatSeveralDeleteIsGoneOnce(t *testing.T) {
	var s story
	begin := s.tell(1, nil, Edit{0, 0, "abcdef"})
	left := s.tell(2, begin, Edit{1, 3, ""})
	right := s.tell(3, begin, Edit{2, 3, "X"})
	s.shows(t, "aXf")
	s.tell(2, append(left, right...), Edit{2, 0, "!"})
	s.shows(t, "aX!f")
	s.tell(3, right, Edit{1, 1, "?"})
	s.shows(t, "a?X!f")
}

func TestWhatLiesBeyondTheEndIsClampedAlike(t *testing.T) {
	var s story
	begin := s.tell(1, nil, Edit{7, 5, "ab"})
	s.tell(2, begin, Edit{1, 1 << 30, ""})
	s.shows(t, "a")
	s.tell(3, begin, Edit{1 << 30, 1 << 30, "c"}, Edit{2, 3, "d"})
	s.shows(t, "ad")
}

func TestEventsWaitForTheirParents(t *testing.T) {
	var s story
	a := s.tell(1, nil, Edit{0, 0, "a"})
	b := s.tell(2, []Dot{{5, 1, 0}, a[0]}, Edit{1, 0, "b"})
	s.tell(3, b, Edit{2, 0, "c"})
	s.shows(t, "a")
	if heads := s.cell.TextHeads(); !slices.Equal(heads, a) {
		t.Errorf("the heads are %v, want only what can be shown", heads)
	}
	s.tell(5, nil, Edit{0, 0, "e"})
	s.shows(t, "abce")
}

func TestParentsThatNeverWereOrGoInCirclesLeaveOnlyTheirOwnOut(t *testing.T) {
	var s story
	s.tell(1, nil, Edit{0, 0, "sound"})
	s.tell(2, []Dot{{3, 1, 0}}, Edit{0, 0, "x"})
	s.tell(3, []Dot{{2, 1, 0}}, Edit{0, 0, "y"})
	s.tell(4, []Dot{{4, 1, 0}}, Edit{0, 0, "z"})
	s.cell = s.cell.Apply(Dot{5, 1, 0}, 1, Op{Type: MergedText, Value: Text("no event")}, nil)
	s.tell(6, []Dot{{5, 1, 0}}, Edit{0, 0, "w"})
	s.shows(t, "sound")
}

func TestAParentThatAnotherParentSawChangesNothing(t *testing.T) {
	var s story
	a := s.tell(1, nil, Edit{0, 0, "a"})
	b := s.tell(1, a, Edit{1, 0, "b"})
	s.tell(2, a, Edit{1, 0, "x"})
	s.tell(1, append(a, b...), Edit{2, 0, "c"})
	s.shows(t, "abcx")
}

func TestHeadsAreTheEventsOnWhichNothingBuilds(t *testing.T) {
	var s story
	a := s.tell(1, nil, Edit{0, 0, "a"})
	b, c := s.tell(3, a, Edit{0, 0, "b"}), s.tell(2, a, Edit{0, 0, "c"})
	if heads := s.cell.TextHeads(); !slices.Equal(heads, append(c, b...)) {
		t.Errorf("the heads are %v, want the two branches in dot order", heads)
	}
	if got := s.cell.TextAt(b); got != "ba" {
		t.Errorf("one branch shows %q, want ba", got)
	}
	if got := s.cell.TextAt([]Dot{{7, 7, 7}}); got != "" {
		t.Errorf("an unknown version shows %q", got)
	}
	d := s.tell(1, append(b, c...), Edit{0, 1, ""})
	if heads := s.cell.TextHeads(); !slices.Equal(heads, d) {
		t.Errorf("the heads are %v, want the event that joins them", heads)
	}
}

func TestAnAuthorNamesNoMoreHeadsThanCanTravel(t *testing.T) {
	var s story
	for w := range ReplacesMax + 5 {
		s.tell(Writer(w), nil, Edit{0, 0, "x"})
	}
	rec := Record{Cells: map[FieldID]Cell{1: s.cell}}
	op := rec.EditText(RecordID{}, "k", 1, s.cell.TextHeads(), "settled")
	if !op.Value.Valid() || op.Value == "" {
		t.Fatalf("the edit of a text with many heads is not valid")
	}
	rec.Apply(Dot{1000, 1, 0}, 1, op, nil)
	if rest := len(rec.Cells[1].TextHeads()); rest != 6 {
		t.Errorf("%d heads are left, want 5 and the edit", rest)
	}
}

func TestAnEditKeepsWhatStayedTheSame(t *testing.T) {
	long := strings.Repeat("网格员上门走访。", 900)
	for _, test := range []struct {
		old, new string
		want     []Edit
	}{
		{"", "网格", []Edit{{0, 0, "网格"}}},
		{"网格", "", []Edit{{0, 2, ""}}},
		{"上门走访", "上门再走访", []Edit{{2, 0, "再"}}},
		{"aaa", "aaaa", []Edit{{3, 0, "a"}}},
		{"abab", "ab", []Edit{{2, 2, ""}}},
		{"one two three four", "1 two three 4!", []Edit{{0, 3, "1"}, {12, 4, "4!"}}},
		{"xabcdy", "1abcd2", []Edit{{0, 1, "1"}, {5, 1, "2"}}},
		{"xabcy", "1abc2", []Edit{{0, 5, "1abc2"}}},
		{"axbxcxd", "1x2x3x4", []Edit{{0, 7, "1x2x3x4"}}},
		{"keep this, drop that, finish", "[keep this, finish]", []Edit{{0, 0, "["}, {12, 11, ""}, {18, 0, "]"}}},
		{"a" + long + "b", "x" + long + "y", []Edit{{0, len([]rune(long)) + 2, "x" + long + "y"}}},
	} {
		var s story
		begin := s.tell(1, nil, Edit{0, 0, test.old})
		if test.old == "" {
			begin = nil
		}
		op := Record{Cells: map[FieldID]Cell{1: s.cell}}.EditText(RecordID{3}, "k", 1, begin, test.new)
		_, edits, _ := op.Value.Event()
		if !slices.Equal(edits, test.want) {
			t.Errorf("%.40q to %.40q: %.200s, want %.200s", test.old, test.new, fmt.Sprint(edits), fmt.Sprint(test.want))
		}
		if op.Record != (RecordID{3}) || op.Kind != "k" || op.Field != 1 || op.Type != MergedText || op.Replaces != nil {
			t.Errorf("the op is %v, want one of this field that replaces nothing", op)
		}
	}
}

func TestEditsOfAnOldVersionMeetWhatOthersWrote(t *testing.T) {
	var rec Record
	write := func(w Writer, heads []Dot, text string) {
		op := rec.EditText(RecordID{}, "k", 1, heads, text)
		rec.Apply(Dot{Writer: w, Seq: 1}, 1, op, Frontier{})
	}
	write(1, nil, "Visited the home. All well.")
	opened := rec.Cells[1].TextHeads()
	write(2, opened, "Visited the home of Zhang. All well.")
	write(3, opened, "Monday: visited the home. Gas hose is old.")
	if got, want := rec.Cells[1].Text(), "Monday: visited the home of Zhang. Gas hose is old."; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
}
