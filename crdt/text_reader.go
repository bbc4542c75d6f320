package crdt

import (
	"compress/flate"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Event returns the parents and the edits of a text's event, and whether the
// value is one: in canonical bytes and within the limits.
func (v Value) Event() (parents []Dot, edits []Edit, ok bool) {
	p, ok := v.payload(tagEvent)
	if !ok || p == "" {
		return nil, nil, false
	}
	r := eventReader{rest: p[1:]}
	parents = r.dots()
	switch p[0] {
	case formPlain:
	case formPacked:
		r.unpack()
	default:
		return nil, nil, false
	}
	if r.broken || len(r.rest) > eventMax {
		return nil, nil, false
	}
	edits = r.edits()
	if r.broken || r.rest != "" {
		return nil, nil, false
	}
	return parents, edits, true
}

// eventReader takes an event's parts off its bytes. Once something does not fit
// it is broken, and all that it still gives is without meaning.
type eventReader struct {
	rest   string
	broken bool
}

func (r *eventReader) uint(limit uint64) uint64 {
	head := r.rest[:min(len(r.rest), binary.MaxVarintLen64)]
	n, size := binary.Uvarint([]byte(head))
	if size <= 0 || size > 1 && r.rest[size-1] == 0 || n > limit {
		r.broken, r.rest = true, ""
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count reads how many parts of at least so many bytes follow, and believes no
// more than could stand in the bytes that are left.
func (r *eventReader) count(limit, each int) int {
	n := int(r.uint(uint64(limit)))
	if n*each > len(r.rest) {
		r.broken = true
		return 0
	}
	return n
}

func (r *eventReader) dots() []Dot {
	dots := make([]Dot, r.count(parentsMax, 4))
	for i := range dots {
		device, incarnation := r.uint(math.MaxUint32), r.uint(math.MaxUint32)
		w := NewWriter(uint32(device), uint32(incarnation))
		dots[i] = Dot{w, r.uint(math.MaxUint64), uint32(r.uint(math.MaxUint32))}
		if i > 0 && dots[i-1].Compare(dots[i]) >= 0 {
			r.broken = true
		}
	}
	return dots
}

func (r *eventReader) unpack() {
	size := int(r.uint(eventMax))
	if r.broken || size < packMin || size > packRatioMax*len(r.rest) {
		r.broken = true
		return
	}
	packed := strings.NewReader(r.rest)
	body, beyond := make([]byte, size), make([]byte, 1)
	plain := flate.NewReader(packed)
	_, failed := io.ReadFull(plain, body)
	n, err := plain.Read(beyond)
	r.broken = failed != nil || n > 0 || err != io.EOF || packed.Len() > 0
	r.rest = string(body)
}

func (r *eventReader) edits() []Edit {
	keys := make([]uint64, r.count(editsMax, 2))
	for i := range keys {
		keys[i] = r.uint(16 * positionMax)
	}
	edits := make([]Edit, len(keys))
	for i, key := range keys {
		if key&keyCuts != 0 {
			edits[i].Cut = int(r.uint(positionMax))
		}
		r.broken = r.broken || key&keyCuts != 0 && edits[i].Cut == 0 || key&(keyCuts|keyPuts) == 0
	}
	r.puts(keys, edits)
	r.broken = r.broken || len(edits) == 0
	return edits
}

// puts reads what each edit puts, and where: a key counts from the end of the
// edit before.
func (r *eventReader) puts(keys []uint64, edits []Edit) {
	sizes := make([]int, len(keys))
	for i, key := range keys {
		if key&keyPuts != 0 {
			sizes[i] = int(r.uint(eventMax))
			r.broken = r.broken || sizes[i] == 0
		}
	}
	end := 0
	for i, key := range keys {
		size := min(sizes[i], len(r.rest))
		e := &edits[i]
		e.Put, r.rest = r.rest[:size], r.rest[size:]
		e.At = end + unzigzag(key>>2)
		end = e.At + utf8.RuneCountInString(e.Put)
		if size < sizes[i] || e.At < 0 || e.At > positionMax || !utf8.ValidString(e.Put) {
			r.broken = true
		}
	}
}

func unzigzag(n uint64) int { return int(n>>1) ^ -int(n&1) }
