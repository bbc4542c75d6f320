package crdt_test

import (
	"encoding/hex"
	"math"
	"testing"

	. "wangge/crdt"
)

func TestValuesReadBackAsTheyWereWritten(t *testing.T) {
	for _, s := range []string{"", "网格", "t", "\x00"} {
		if got, ok := Text(s).Text(); !ok || got != s {
			t.Errorf("text %q reads back as %q, %v", s, got, ok)
		}
	}
	for _, n := range []int64{0, -1, 1, 63, 64, -64, -65, math.MinInt64, math.MaxInt64} {
		if got, ok := Int(n).Int(); !ok || got != n {
			t.Errorf("%d reads back as %d, %v", n, got, ok)
		}
	}
	for _, x := range []float64{0, 1.5, -2, math.Inf(1), math.SmallestNonzeroFloat64} {
		if got, ok := Float(x).Float(); !ok || got != x {
			t.Errorf("%g reads back as %g, %v", x, got, ok)
		}
	}
	for _, b := range []bool{false, true} {
		if got, ok := Bool(b).Bool(); !ok || got != b {
			t.Errorf("%v reads back as %v, %v", b, got, ok)
		}
	}
	id := RecordID{3, 15: 9}
	if got, ok := Ref(id).Ref(); !ok || got != id {
		t.Errorf("record %s reads back as %s, %v", id, got, ok)
	}
}

func TestEqualValuesHaveEqualBytes(t *testing.T) {
	odd := math.Float64frombits(0xfff8000000000123)
	for what, pair := range map[string][2]Value{
		"zero and minus zero": {Float(0), Float(math.Copysign(0, -1))},
		"one NaN and another": {Float(math.NaN()), Float(odd)},
		"what is not UTF-8":   {Text("a\xff"), Text("a\uFFFD")},
	} {
		if pair[0] != pair[1] || !pair[0].Valid() {
			t.Errorf("%s: %x and %x", what, pair[0], pair[1])
		}
	}
	if got := hex.EncodeToString([]byte(Float(math.NaN()))); got != "667ff8000000000001" {
		t.Errorf("NaN is written as %s", got)
	}
}

func TestDifferentValuesHaveDifferentBytes(t *testing.T) {
	seen := map[Value]bool{}
	values := []Value{"", Text(""), Text("1"), Int(1), Int(0), Float(1), Float(0), Bool(true), Bool(false), Ref(RecordID{})}
	for _, v := range values {
		seen[v] = true
	}
	if len(seen) != len(values) {
		t.Errorf("%d of %d values are different", len(seen), len(values))
	}
}

func TestBytesThatAreNotCanonicalAreNotValid(t *testing.T) {
	for what, v := range map[string]Value{
		"a longer varint":     "i\x80\x00",
		"a cut varint":        "i\x80",
		"no varint":           "i",
		"bytes after it":      "i\x02\x00",
		"an endless varint":   "i\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"minus zero":          "f\x80\x00\x00\x00\x00\x00\x00\x00",
		"another NaN":         "f\x7f\xf8\x00\x00\x00\x00\x00\x02",
		"a short float":       "f\x00",
		"a third bool":        "b\x02",
		"a long bool":         "b\x01\x00",
		"a short record":      "r\x00",
		"a text of no script": "t\xff",
	} {
		if v.Valid() {
			t.Errorf("%s (%x) is valid", what, v)
		}
		_, i := v.Int()
		_, f := v.Float()
		_, b := v.Bool()
		_, r := v.Ref()
		if i || f || b || r {
			t.Errorf("%s (%x) reads as a value", what, v)
		}
	}
}

func TestAValueOfANewerFormIsValidAndNothingKnown(t *testing.T) {
	v := Value("z\xff\x00")
	_, text := v.Text()
	_, number := v.Int()
	if !v.Valid() || text || number {
		t.Errorf("valid %v, text %v, number %v; want valid alone", v.Valid(), text, number)
	}
}

func FuzzValueSpellsEverythingOnce(f *testing.F) {
	for _, v := range []Value{"", Text("a"), Int(-300), Float(2.5), Bool(true), Ref(RecordID{1}), "i\x80\x00", "zz"} {
		f.Add(string(v))
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := Value(s)
		if !v.Valid() {
			return
		}
		again := v
		if x, ok := v.Text(); ok {
			again = Text(x)
		} else if x, ok := v.Int(); ok {
			again = Int(x)
		} else if x, ok := v.Float(); ok {
			again = Float(x)
		} else if x, ok := v.Bool(); ok {
			again = Bool(x)
		} else if x, ok := v.Ref(); ok {
			again = Ref(x)
		}
		if again != v {
			t.Errorf("%x is written again as %x", v, again)
		}
	})
}
