package doubt_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/node/doubt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

var (
	village = crdt.Space{Area: "140581105211", Class: crdt.Open}
	other   = crdt.Space{Area: "140581105212", Class: crdt.Open}
	county  = crdt.Space{Area: "140581", Class: crdt.Personal}
)

func idOf(n int) crdt.RecordID { return crdt.RecordID{byte(n >> 8), byte(n)} }

// record writes fields without asking whether a form would take them.
func record(t testing.TB, kinds *schema.Registry, kind string, fields map[string]string) crdt.Record {
	t.Helper()
	k, ok := kinds.Kind(kind)
	if !ok {
		t.Fatal(kind)
	}
	rec := crdt.Record{}
	seq := uint64(0)
	for name, value := range fields {
		f, ok := k.Field(name)
		if !ok {
			t.Fatal(name)
		}
		seq++
		rec.Apply(crdt.Dot{Writer: 1, Seq: seq}, crdt.NewStamp(int64(seq)), rec.Assign(idOf(1), kind, f.ID, crdt.Text(value)), crdt.Frontier{})
	}
	return rec
}

func shipped(t testing.TB) *schema.Registry {
	t.Helper()
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

// doubts are told of records one after the other, and remember what they were told of each.
type doubts struct {
	*doubt.Doubts
	told map[doubt.Ref]crdt.Record
	held map[crdt.Writer]uint64 // of every space
}

func newDoubts(kinds *schema.Registry) *doubts {
	d := &doubts{told: map[doubt.Ref]crdt.Record{}, held: map[crdt.Writer]uint64{}}
	d.Doubts = doubt.New(kinds, func(_ crdt.Space, w crdt.Writer) uint64 { return d.held[w] })
	return d
}

func (d *doubts) Change(space crdt.Space, id crdt.RecordID, after crdt.Record) {
	ref := doubt.Ref{Space: space, ID: id}
	d.Doubts.Change(space, id, d.told[ref], after)
	d.told[ref] = after
}

func TestRecordsThatMayBeOneAreFoundAndWhy(t *testing.T) {
	kinds := shipped(t)
	person := func(name, id, mobile string) crdt.Record {
		return record(t, kinds, "person", map[string]string{"name": name, "id_number": id, "mobile": mobile})
	}
	station := func(name string) crdt.Record {
		return record(t, kinds, "warm_station", map[string]string{"name": name})
	}
	for _, c := range []struct {
		what     string
		a, b     crdt.Record
		sa, sb   crdt.Space
		want, as bool // whether they may be one, and are called the same
		by       []string
	}{
		{"one phone, one name", person("张桂兰", "", "13834561201"), person("张桂兰", "", "13834561201"), county, county, true, true, []string{"mobile"}},
		{"one birthday, one name", person("张桂兰", "14058119920307151X", "13834561201"), person("张桂兰", "140581199203071528", "13900000000"), county, county, true, true, []string{"id_number"}},
		{"a letter written otherwise", person("张桂兰", "", "13834561201"), person("张桂蘭", "", "13834561201"), county, county, true, false, []string{"mobile"}},
		{"a name with a space", person("张 桂兰", "", "13834561201"), person("张桂兰", "", "13834561201"), county, county, true, true, []string{"mobile"}},
		{"a family's phone", person("张强", "", "13834561201"), person("张伟", "", "13834561201"), county, county, false, false, nil},
		{"a common name alone", person("张伟", "", "13834561201"), person("张伟", "", "13900000000"), county, county, false, false, nil},
		{"a station written twice", station("城关镇暖新驿站"), station("城关镇暖心驿站"), village, village, true, false, nil},
		{"a letter more", station("城关镇暖新驿站"), station("城关镇暖新驿站点"), village, village, true, false, nil},
		{"two letters otherwise", station("城关镇暖新驿站"), station("城东镇暖心驿站"), village, village, false, false, nil},
		{"short names", station("东站"), station("西站"), village, village, false, false, nil},
		{"another village", station("城关镇暖新驿站"), station("城关镇暖新驿站"), village, other, false, false, nil},
	} {
		d := newDoubts(kinds)
		d.Change(c.sb, idOf(2), c.b)
		d.Change(c.sa, idOf(1), c.a)
		found := d.Look().Alike
		if !c.want {
			if len(found) != 0 {
				t.Errorf("%s: found %+v", c.what, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Same != c.as || !slices.Equal(found[0].By, c.by) || found[0].One.ID != idOf(1) {
			t.Errorf("%s: found %+v", c.what, found)
		}
		d.Change(c.sa, idOf(1), crdt.Record{Kind: c.a.Kind})
		if again := d.Look().Alike; len(again) != 0 {
			t.Errorf("%s: one is gone, and still %+v", c.what, again)
		}
	}
}

func TestWhatOneRecordAlreadyNamesAsTheSameIsNoGuess(t *testing.T) {
	kinds, d := shipped(t), newDoubts(shipped(t))
	a, b := record(t, kinds, "warm_station", map[string]string{"name": "暖新驿站"}), record(t, kinds, "warm_station", map[string]string{"name": "暖新驿站"})
	a.Apply(crdt.Dot{Writer: 1, Seq: 9}, crdt.NewStamp(9), a.SameAs(idOf(1), idOf(2)), crdt.Frontier{})
	d.Change(village, idOf(1), a)
	d.Change(village, idOf(2), b)
	if found := d.Look(); len(found.Alike) != 0 || found.Twins.Count != 1 {
		t.Errorf("found %+v", found)
	}
}

func TestAnIdentityNumberThatFailsItsCheckIsToldOf(t *testing.T) {
	kinds := shipped(t)
	d := newDoubts(kinds)
	d.Change(county, idOf(1), record(t, kinds, "person", map[string]string{"id_number": "140581199203071511"}))
	d.Change(county, idOf(2), record(t, kinds, "person", map[string]string{"id_number": "14058119920307151X"}))
	if found := d.Look().Unsound; found.Count != 1 || found.First[0].ID != idOf(1) {
		t.Errorf("found %+v", found)
	}
	d.Change(county, idOf(1), record(t, kinds, "person", map[string]string{"id_number": "14058119920307151X"}))
	if found := d.Look().Unsound; found.Count != 0 {
		t.Errorf("it was mended, and still %+v", found)
	}
}

func TestWhatHalfAVillageSharesIsNotCompared(t *testing.T) {
	kinds := shipped(t)
	d := newDoubts(kinds)
	for i := range 40 {
		d.Change(village, idOf(i), record(t, kinds, "warm_station", map[string]string{"name": "驿站"}))
	}
	if found := d.Look(); len(found.Alike) != 0 || found.Crowded != 1 {
		t.Errorf("%d pairs, %d groups too large", len(found.Alike), found.Crowded)
	}
}

// What changes one by one comes to the same as what is put there at once, and as comparing
// each with each.
func TestLikenessFollowsEachChange(t *testing.T) {
	kinds := shipped(t)
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		d := newDoubts(kinds)
		last := map[int]string{}
		for range 120 {
			i, name := r.IntN(20), ""
			if r.IntN(5) > 0 {
				name = fmt.Sprintf("暖新驿站%c%c", '甲'+rune(r.IntN(4)), 'a'+rune(r.IntN(4)))
			}
			last[i] = name
			if name == "" {
				d.Change(village, idOf(i), crdt.Record{})
				continue
			}
			d.Change(village, idOf(i), record(t, kinds, "warm_station", map[string]string{"name": name}))
			d.Look()
		}
		want := map[[2]crdt.RecordID]bool{}
		for i, a := range last {
			for j, b := range last {
				if i < j && a != "" && b != "" && differing(a, b) <= 1 {
					want[[2]crdt.RecordID{idOf(i), idOf(j)}] = true
				}
			}
		}
		got := map[[2]crdt.RecordID]bool{}
		for _, p := range d.Look().Alike {
			got[[2]crdt.RecordID{p.One.ID, p.Other.ID}] = true
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %d pairs, want %d", seed, len(got), len(want))
		}
	}
}

// differing counts the letters in which two names of one length differ.
func differing(a, b string) (n int) {
	x, y := []rune(a), []rune(b)
	for i := range x {
		if x[i] != y[i] {
			n++
		}
	}
	return n
}

// A county's register of 200,000 persons: what a look costs when one has changed.
func BenchmarkLookAtTwoHundredThousandPersons(b *testing.B) {
	kinds := shipped(b)
	d, r := newDoubts(kinds), rand.New(rand.NewPCG(1, 2))
	put := func(i int) {
		rec := record(b, kinds, "person", map[string]string{
			"name": string([]rune{'一' + rune(r.IntN(100)), '丁' + rune(r.IntN(300)), '丁' + rune(r.IntN(300))}), "mobile": fmt.Sprintf("138%08d", r.IntN(60_000)),
		})
		d.Change(county, crdt.RecordID{byte(i >> 16), byte(i >> 8), byte(i)}, rec)
	}
	for i := range 200_000 {
		put(i)
	}
	b.ResetTimer()
	for range b.N {
		put(r.IntN(200_000))
		d.Look()
	}
}
