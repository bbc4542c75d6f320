package wire

import (
	"math"
	"math/bits"

	"wangge/crdt"
)

// column is what was learned of the values of one field of one kind.
type column struct {
	number int  // of the column in its chunk
	had    odds // whether the value was there before
	again  odds // whether it is the last one
	choice [256]odds
	seen   map[crdt.Value]int
	values []crdt.Value
	last   crdt.Value
	source [16]odds // which known text begins the value
	shared number   // how many bytes of it
	digits [8]odds  // after the point
	whole  series
	place  number // of the ops that it replaces
}

const (
	valuesMax  = 256 // values that a column remembers
	valueMax   = 64  // bytes of one
	columnsMax = 256 // columns of a chunk; what comes later shares the last
	sharedMin  = 3   // bytes from which naming a known beginning pays
)

// value codes a value of which both sides know the tag.
func (p *packer) value(f *column, tag byte, v crdt.Value) crdt.Value {
	place, known := f.seen[v]
	if p.flag(&f.had, known || v == f.last && v != "") {
		v = p.known(f, v, place)
	} else {
		v = p.fresh(f, tag, v)
		if len(f.values) < valuesMax && len(v) <= valueMax {
			f.seen[v] = len(f.values)
			f.values = append(f.values, v)
		}
	}
	f.last = v
	return v
}

func (p *packer) known(f *column, v crdt.Value, place int) crdt.Value {
	if p.flag(&f.again, v == f.last) {
		return f.last
	}
	if len(f.values) == 0 {
		p.fail("a value that was not there")
		return ""
	}
	return f.values[p.among(&f.choice, place, len(f.values))]
}

func (p *packer) fresh(f *column, tag byte, v crdt.Value) crdt.Value {
	switch tag {
	case 'i':
		n, _ := v.Int()
		return crdt.Int(p.series(&f.whole, n))
	case 'f':
		x, _ := v.Float()
		return crdt.Float(p.float(f, x))
	case 'b':
		yes, _ := v.Bool()
		return crdt.Bool(p.flag(&f.digits[0], yes))
	case 'r':
		id, _ := v.Ref()
		return crdt.Ref(p.record(id))
	}
	return crdt.Value([]byte{tag}) + crdt.Value(p.words(f, string(v[min(1, len(v)):])))
}

// words codes a text, of which the beginning may stand in what is known: the
// area, the column's last value, the form's other texts.
func (p *packer) words(f *column, s string) string {
	heard := p.heard
	heard[1] = ""
	if f.last != "" {
		heard[1] = string(f.last[1:])
	}
	best, length := 0, sharedMin-1
	for i, known := range heard {
		if n := common(known, s); n >= length+1 && (best == 0 || n >= length+sharedMin) {
			best, length = i+1, n
		}
	}
	beginning := ""
	if best = p.tree(f.source[:], best, 4); best > len(heard) {
		p.fail("a text that is not known")
		return ""
	} else if best > 0 {
		known := heard[best-1]
		beginning = known[:p.upTo(&f.shared, uint64(length), uint64(len(known)), "a beginning")]
	}
	p.speller.begin(f.number, beginning)
	if !p.reading {
		p.text(p.speller, s[len(beginning):], 0)
	} else {
		s = beginning + p.text(p.speller, "", p.room-p.draft)
	}
	if len(p.heard) < heardMax {
		p.heard = append(p.heard, s)
	}
	return s
}

// heardMax is how many texts a text's beginning is looked for in.
const heardMax = 15

// common returns how many bytes two texts begin with.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

const (
	digitsMax = 6
	digitsRaw = 7    // not a short decimal
	wholeMax  = 1e12 // in units of the last digit; more digits than a sensor or a person gives
)

// float codes a number as the decimal that people typed or a sensor gave, where
// that gives back the very same bits.
func (p *packer) float(f *column, x float64) float64 {
	digits, n := digitsRaw, int64(0)
	for d, unit := 0, 1.0; d <= digitsMax && !p.reading; d, unit = d+1, unit*10 {
		if whole := math.Round(x * unit); math.Abs(whole) < wholeMax && whole/unit == x {
			digits, n = d, int64(whole)
			break
		}
	}
	if digits = p.tree(f.digits[:], digits, 3); digits == digitsRaw {
		return math.Float64frombits(p.plain(math.Float64bits(x), 64))
	}
	n = p.series(&f.whole, n*tens[digitsMax-digits]) / tens[digitsMax-digits]
	return float64(n) / float64(tens[digits])
}

var tens = [digitsMax + 1]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000}

// series is what was learned of a column's whole numbers. Each is told by its
// distance from whatever was nearest of late: the one before, the batch's
// moment, or zero.
type series struct {
	last int64
	cost [3]int
	from [3]number
}

func (p *packer) series(s *series, n int64) int64 {
	bases := [3]int64{s.last, p.stamp.Millis(), 0}
	nearest := 0
	for i := range s.cost {
		if s.cost[i] < s.cost[nearest] {
			nearest = i
		}
	}
	n = bases[nearest] + p.signed(&s.from[nearest], n-bases[nearest])
	for i, base := range bases {
		far := n - base
		s.cost[i] = (s.cost[i]*7 + 8*bits.Len64(uint64(far<<1^far>>63))) / 8
	}
	s.last = n
	return n
}
