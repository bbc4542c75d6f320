package wire_test

import (
	"errors"
	"reflect"
	"testing"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// ground is what device 7 remembers of device 9.
func ground() Ground {
	return Ground{
		Print: Print{1, 15: 2},
		Ends: [2]End{
			{Device: 7, Epoch: 1 << 40, Floors: map[crdt.Space]crdt.Frontier{village: {boris: 299}}},
			{Device: 9, Epoch: 5, Floors: map[crdt.Space]crdt.Frontier{}},
		},
		Holds: map[crdt.Space]crdt.Frontier{village: {anna: 11, boris: 300}},
	}
}

func TestGroundsKeepTheirBytes(t *testing.T) {
	g := ground()
	b := AppendGrounds(nil, []Ground{g, g})
	golden(t, "grounds", b)
	if got, err := ReadGrounds(b); err != nil || !reflect.DeepEqual(got, []Ground{g, g}) {
		t.Errorf("read again: %v, %v", got, err)
	}
	name := g.Name(county)
	golden(t, "ground_name", name[:])
}

func TestBothSidesNameAGroundAlikeAndNothingElseSo(t *testing.T) {
	g := ground()
	other := ground()
	other.Ends[0], other.Ends[1] = other.Ends[1], other.Ends[0]
	if g.Name(county) != other.Name(county) {
		t.Error("the two sides have two names for one ground")
	}
	for what, change := range map[string]func(*Ground){
		"other holdings":      func(g *Ground) { g.Print[3]++ },
		"another life":        func(g *Ground) { g.Ends[1].Epoch++ },
		"another life of own": func(g *Ground) { g.Ends[0].Epoch++ },
		"another device":      func(g *Ground) { g.Ends[1].Device++ },
		"other floors":        func(g *Ground) { g.Ends[0].Floors[village][boris]-- },
		"floors at the peer":  func(g *Ground) { g.Ends[1].Floors[village] = crdt.Frontier{anna: 1} },
	} {
		changed := ground()
		if change(&changed); changed.Name(county) == g.Name(county) {
			t.Errorf("a ground with %s has the same name", what)
		}
	}
}

func TestAHelloThatNamesAGroundTellsWhatAWholeOneDoes(t *testing.T) {
	g := ground()
	g.Ends[0], g.Ends[1] = g.Ends[1], g.Ends[0] // as device 9 remembers it
	m := Hello{
		Protocol: Protocol, County: county, Device: 7, Grounds: []GroundName{g.Name(county)},
		Holds:  map[crdt.Space]crdt.Frontier{village: {anna: 12}, town: {anna: 1}},
		Floors: map[crdt.Space]crdt.Frontier{village: {anna: 3, boris: 300}},
	}
	want := Hello{
		Protocol: Protocol, County: county, Device: 7, Epoch: 1 << 40,
		Holds:  map[crdt.Space]crdt.Frontier{village: {anna: 12, boris: 300}, town: {anna: 1}},
		Floors: map[crdt.Space]crdt.Frontier{village: {anna: 3, boris: 300}},
	}
	if got := m.Whole(g); !reflect.DeepEqual(got, want) {
		t.Errorf("it is read as %v, want %v", got, want)
	}
	if got := Beyond(want.Holds, g.Holds); !reflect.DeepEqual(got, m.Holds) {
		t.Errorf("beyond the ground are %v", got)
	}
	if g.Holds[village][anna] != 11 {
		t.Error("the ground was changed")
	}
}

func TestPrintsDifferWhereHoldingsDo(t *testing.T) {
	chain := func(n byte) func(crdt.Writer) Hash { return func(crdt.Writer) Hash { return Hash{n} } }
	seen := map[Print]string{}
	for what, spaces := range map[string]map[crdt.Space]Hash{
		"nothing":       {},
		"one":           {village: SpacePrint(crdt.Frontier{anna: 1}, chain(1))},
		"more":          {village: SpacePrint(crdt.Frontier{anna: 2}, chain(1))},
		"another's":     {village: SpacePrint(crdt.Frontier{boris: 1}, chain(1))},
		"another chain": {village: SpacePrint(crdt.Frontier{anna: 1}, chain(2))},
		"elsewhere":     {town: SpacePrint(crdt.Frontier{anna: 1}, chain(1))},
		"both":          {town: SpacePrint(crdt.Frontier{anna: 1}, chain(1)), village: SpacePrint(crdt.Frontier{anna: 1}, chain(1))},
	} {
		p := PrintOf(spaces)
		if was, ok := seen[p]; ok || p == (Print{}) {
			t.Errorf("%s has the fingerprint of %q", what, was)
		}
		seen[p] = what
	}
}

func FuzzReadGrounds(f *testing.F) {
	f.Add(AppendGrounds(nil, []Ground{ground()}))
	f.Add(AppendGrounds(nil, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		grounds, err := ReadGrounds(b)
		if err == nil {
			sameBytes(t, b, AppendGrounds(nil, grounds))
		} else if !errors.Is(err, ErrFormat) || grounds != nil {
			t.Errorf("%v with %d grounds, want ErrFormat and nothing", err, len(grounds))
		}
	})
}
