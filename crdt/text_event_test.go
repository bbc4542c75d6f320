package crdt_test

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	. "wangge/crdt"
)

var parentsOfSample = []Dot{{NewWriter(1, 0), 300, 0}, {NewWriter(1, 7), 1, 4}, {NewWriter(2, 0), math.MaxUint64, math.MaxUint32}}

func TestEventsReadBackAsTheyWereWritten(t *testing.T) {
	for what, want := range map[string][]Edit{
		"one character":   {{0, 0, "网"}},
		"only a cut":      {{5, 1, ""}},
		"many places":     {{9, 0, "a"}, {0, 3, "网格员"}, {1 << 30, 1 << 30, ""}, {2, 0, "😀"}},
		"a page, packed":  {{3, 2, page}, {0, 0, "x"}},
		"a page of noise": {{3, 2, noise(2000)}},
	} {
		v := Event(parentsOfSample, want...)
		parents, edits, ok := v.Event()
		if !ok || !v.Valid() || !slices.Equal(parents, parentsOfSample) || !slices.Equal(edits, want) {
			t.Errorf("%s: reads back as %v %v, %v", what, parents, edits, ok)
		}
	}
}

// page is text that packs to about a third.
var page = strings.Repeat("The quick brown fox. ", 40) + noise(200)

// noise is text that does not pack.
func noise(n int) string {
	var b strings.Builder
	for x := uint32(1); n > 0; n-- {
		x = x*1664525 + 1013904223
		b.WriteRune(rune(0x4e00 + x>>18))
	}
	return b.String()
}

func TestParentsAreSortedAndNamedOnce(t *testing.T) {
	mixed := []Dot{parentsOfSample[2], parentsOfSample[0], parentsOfSample[1], parentsOfSample[0]}
	if Event(mixed, Edit{0, 0, "a"}) != Event(parentsOfSample, Edit{0, 0, "a"}) {
		t.Errorf("the order of the parents changes the value")
	}
	if mixed[0] != parentsOfSample[2] {
		t.Errorf("the caller's parents were moved")
	}
}

func TestARunOfTypingIsOneEdit(t *testing.T) {
	for what, test := range map[string]struct{ given, want []Edit }{
		"typing":             {[]Edit{{4, 0, "网"}, {5, 0, "格"}, {6, 0, "员"}}, []Edit{{4, 0, "网格员"}}},
		"replacing":          {[]Edit{{4, 9, "a"}, {5, 0, "b"}}, []Edit{{4, 9, "ab"}}},
		"backspaces":         {[]Edit{{4, 1, ""}, {3, 1, ""}, {1, 2, ""}}, []Edit{{1, 4, ""}}},
		"deletes":            {[]Edit{{4, 1, ""}, {4, 2, ""}}, []Edit{{4, 3, ""}}},
		"typing elsewhere":   {[]Edit{{4, 0, "a"}, {4, 0, "b"}, {7, 0, "c"}}, []Edit{{4, 0, "a"}, {4, 0, "b"}, {7, 0, "c"}}},
		"a slip":             {[]Edit{{4, 0, "ab"}, {5, 1, ""}, {5, 0, "c"}}, []Edit{{4, 0, "ab"}, {5, 1, ""}, {5, 0, "c"}}},
		"cutting, then more": {[]Edit{{4, 1, ""}, {4, 1, "x"}, {9, 1, ""}}, []Edit{{4, 1, ""}, {4, 1, "x"}, {9, 1, ""}}},
		"undoing a letter":   {[]Edit{{4, 0, "ab"}, {4, 1, ""}, {3, 1, ""}}, []Edit{{4, 0, "ab"}, {3, 2, ""}}},
		"cutting before":     {[]Edit{{4, 0, "ab"}, {3, 1, ""}}, []Edit{{4, 0, "ab"}, {3, 1, ""}}},
		"nothing between":    {[]Edit{{4, 0, "a"}, {9, 0, ""}, {5, 0, "b"}}, []Edit{{4, 0, "ab"}}},
	} {
		if _, edits, _ := Event(nil, test.given...).Event(); !slices.Equal(edits, test.want) {
			t.Errorf("%s: %v is stored as %v, want %v", what, test.given, edits, test.want)
		}
	}
}

func TestAnEventOfNothingOrTooMuchIsNotValid(t *testing.T) {
	tooMany := make([]Edit, 1<<16+1)
	for i := range tooMany {
		tooMany[i] = Edit{3 * i, 1, ""}
	}
	parents := make([]Dot, ReplacesMax+1)
	for i := range parents {
		parents[i] = Dot{1, uint64(i + 1), 0}
	}
	for what, v := range map[string]Value{
		"no edit":           Event(nil),
		"an empty edit":     Event(nil, Edit{3, 0, ""}),
		"many edits":        Event(nil, tooMany...),
		"many parents":      Event(parents, Edit{0, 0, "a"}),
		"much text":         Event(nil, Edit{0, 0, noise(350_000)}),
		"far away":          Event(nil, Edit{1<<30 + 1, 0, "a"}),
		"before the start":  Event(nil, Edit{-1, 0, "a"}),
		"a cut to infinity": Event(nil, Edit{0, 1<<30 + 1, ""}),
		"a cut backwards":   Event(nil, Edit{9, -1, ""}),
	} {
		if v.Valid() {
			t.Errorf("an event of %s is valid", what)
		}
	}
	if !Event(parents[1:], tooMany[1:]...).Valid() {
		t.Errorf("an event at its limits is not valid")
	}
}

func TestWhatIsNotUTF8IsWrittenAsTheMarkForIt(t *testing.T) {
	if _, edits, ok := Event(nil, Edit{0, 0, "a\xff"}, Edit{2, 0, "b"}).Event(); !ok || edits[0].Put != "a\uFFFDb" {
		t.Errorf("got %v, %v", edits, ok)
	}
}

func TestEventBytesThatAreNotCanonicalAreNotValid(t *testing.T) {
	packed := string(Event(nil, Edit{0, 0, page}))
	bomb := string(Event(nil, Edit{0, 0, strings.Repeat("x", 100000)}))
	if packed[1] != 1 || bomb[1] != 0 {
		t.Fatalf("the page is in form %d and the bomb in form %d, want packed and plain", packed[1], bomb[1])
	}
	size, n := binary.Uvarint([]byte(packed[3:]))
	sized := func(size uint64) string { return packed[:3] + string(binary.AppendUvarint(nil, size)) + packed[3+n:] }
	if sized(size) != packed {
		t.Fatalf("the page is not laid out as the test thinks")
	}
	for what, v := range map[string]string{
		"no form":                     "e",
		"another form":                "e\x02\x00\x01\x02\x01a",
		"no parents' number":          "e\x00",
		"a parent cut short":          "e\x00\x01\x01\x00\x01",
		"a parent twice":              "e\x00\x02\x01\x00\x01\x00\x01\x00\x01\x00\x01\x02\x01a",
		"parents out of order":        "e\x00\x02\x01\x00\x02\x00\x01\x00\x01\x00\x01\x02\x01a",
		"a device of 33 bits":         "e\x00\x01\x80\x80\x80\x80\x10\x00\x01\x00\x01\x02\x01a",
		"no edits":                    "e\x00\x00\x00",
		"a longer varint":             "e\x00\x00\x81\x00\x02\x01a",
		"more edits than bytes":       "e\x00\x00\x7f\x02\x01a",
		"an edit that does nothing":   "e\x00\x00\x01\x00\x00",
		"a cut of nothing":            "e\x00\x00\x01\x01\x00",
		"a text of nothing":           "e\x00\x00\x01\x02\x00",
		"less text than told":         "e\x00\x00\x01\x02\x02a",
		"more text than told":         "e\x00\x00\x01\x02\x01ab",
		"a place before the start":    "e\x00\x00\x01\x06\x01a",
		"a character torn apart":      "e\x00\x00\x02\x02\x02\x01\x02\xe7\xbd\x91",
		"a text of no script":         "e\x00\x00\x01\x02\x01\xff",
		"a packed page with more":     packed + "x",
		"a packed page cut short":     packed[:len(packed)-1],
		"a packed page said smaller":  sized(size - 1),
		"a packed page said larger":   sized(size + 1),
		"a packed page said far more": sized(1 << 20),
	} {
		if _, _, ok := Value(v).Event(); ok || Value(v).Valid() {
			t.Errorf("%s (%x) is valid", what, v)
		}
	}
	for _, v := range []Value{"e\x00\x00\x01\x02\x01a", "e\x00\x01\x01\x00\x01\x00\x01\x09\x01", Value(packed)} {
		if !v.Valid() {
			t.Errorf("%x is not valid", v)
		}
	}
}

func FuzzEventReadsOnlyWhatItWrites(f *testing.F) {
	f.Add(string(Event(nil, Edit{0, 0, "网格"})))
	f.Add(string(Event(parentsOfSample, Edit{7, 2, ""}, Edit{0, 1, "abc"})))
	f.Add(string(Event(parentsOfSample, Edit{0, 0, page})))
	f.Add("e\x00\x00\x01\x02\x01a")
	f.Fuzz(func(t *testing.T, s string) {
		v := Value("e" + strings.TrimPrefix(s, "e"))
		parents, edits, ok := v.Event()
		if ok != v.Valid() {
			t.Fatalf("reads %v, valid %v", ok, v.Valid())
		}
		if !ok {
			return
		}
		again := AppendEvent(parents, edits)
		p, e, ok := again.Event()
		if !ok || !slices.Equal(p, parents) || !slices.Equal(e, edits) {
			t.Errorf("%x reads as %v %v, which is written as %x", v, parents, edits, again)
		}
		if v[1] == 0 && again[1] == 0 && again != v {
			t.Errorf("%x is written again as %x", v, again)
		}
		c := Cell{Entries: []Entry{{Dot{1, 1, 0}, 1, Event(nil, Edit{0, 0, "some text"})}, {Dot{1, 2, 0}, 1, v}}}
		if text := c.Text(); len(text) < 64 && len(edits) < 8 && text != newTwin(c.Entries).text() {
			t.Errorf("the text differs from its twin")
		}
	})
}
