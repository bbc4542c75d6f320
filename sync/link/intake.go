package link

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"
)

const (
	ackDelay  = 100 * time.Millisecond // how long a report is awaited beyond the round trip
	soon      = 10 * time.Millisecond  // after which a report leaves that was asked for
	later     = 500 * time.Millisecond // after which it leaves anyway
	reportAll = 4                      // packets that one report is made for
)

// report says what has come, so far as the sender needs to know.
type report struct {
	top    uint32        // number of the packet that came last in order of numbers
	at     time.Duration // when that came, by the reporter's clock
	held   time.Duration // how long ago that was
	came   uint64        // packets so far
	next   uint64        // parcels before this one are delivered
	counts []byte        // symbols of that parcel and those after it
}

// intake is the receiving half of a post. It is told the time.
type intake struct {
	window  window
	began   time.Time
	came    uint64
	top     uint32
	topAt   time.Time
	next    uint64
	parcels map[uint64]*incoming // at most parcelsAhead
	due     time.Time            // of a report; zero for none
	owed    int                  // symbols since the last one
	again   bool                 // whether the last report was a first saying
}

// incoming is a parcel that is not delivered yet.
type incoming struct {
	cutting cutting
	symbols [][]byte
	count   int
	letters []letter // once there are enough symbols
	whole   bool
}

// note counts a packet, and reports false if it was here before.
func (n *intake) note(number uint32, now time.Time) bool {
	if !n.window.fresh(number) {
		return false
	}
	if n.came == 0 {
		n.began = now
	}
	if n.came == 0 || number > n.top {
		n.top, n.topAt = number, now
	}
	n.came++
	return true
}

// ask makes a report due, at the latest after a while.
func (n *intake) ask(after time.Duration, now time.Time) {
	if due := now.Add(after); n.due.IsZero() || due.Before(n.due) {
		n.due = due
	}
}

// take puts a symbol to its parcel. The error says that the sender does not keep to the format.
func (n *intake) take(s symbol, now time.Time) error {
	if n.owed++; n.owed >= reportAll || s.urgent {
		n.ask(soon, now)
	}
	n.ask(later, now)
	n.skip(s.parcel - s.behind)
	if s.parcel < n.next || s.parcel >= n.next+parcelsAhead {
		n.ask(soon, now) // it does not know how far this end is
		return nil
	}
	cutting, ok := cutOf(s.size)
	if !ok || s.index >= cutting.kinds() || len(s.data) != cutting.symbol {
		return errParcel
	}
	p := n.parcels[s.parcel]
	if p == nil {
		p = &incoming{cutting: cutting, symbols: make([][]byte, cutting.kinds())}
		n.parcels[s.parcel] = p
	}
	if p.cutting != cutting {
		return errParcel
	}
	if p.whole || len(p.symbols[s.index]) > 0 {
		return nil
	}
	p.symbols[s.index] = s.data
	if p.count++; p.count == cutting.source {
		n.ask(soon, now)
		return p.complete()
	}
	return nil
}

// skip passes over parcels that the sender has given up: their letters come by stream, and no report may wait for them.
func (n *intake) skip(first uint64) {
	if first <= n.next {
		return
	}
	maps.DeleteFunc(n.parcels, func(number uint64, _ *incoming) bool { return number < first })
	n.next = first
}

// complete reads the letters of a parcel that has enough symbols.
func (p *incoming) complete() error {
	for len(p.symbols) < p.cutting.source {
		p.symbols = append(p.symbols, nil)
	}
	content, err := p.cutting.join(p.symbols)
	if err != nil {
		return err
	}
	p.whole, p.symbols = true, nil
	p.letters, err = readLetters(content)
	return err
}

// deliver hands over the letters of whole parcels, as far as they are taken. Streams put their frames into order
// themselves, so that no parcel waits for another. It reports whether the sender should hear of it.
func (n *intake) deliver(taken func(letter) bool) (any bool) {
	for i := range uint64(parcelsAhead) {
		p := n.parcels[n.next+i]
		if p != nil && p.whole { // a stream that has no room holds up no other
			p.letters = slices.DeleteFunc(p.letters, taken)
		}
	}
	for p := n.parcels[n.next]; p != nil && p.whole && len(p.letters) == 0; p = n.parcels[n.next] {
		delete(n.parcels, n.next)
		n.next++
		any = true
	}
	return any
}

// report makes the report that is due. Where packets are lost, one after which nothing is left to wait for is said
// twice: were it lost, the sender would send symbols again, which are larger. Where every third is, all are.
func (n *intake) report(now time.Time) report {
	loss := 1 - float64(n.came)/float64(n.top+1)
	lossy := loss > lossyFrom && len(n.parcels) == 0 || loss > 0.3
	r := report{top: n.top, at: n.topAt.Sub(n.began), held: now.Sub(n.topAt), came: n.came, next: n.next}
	for i := range uint64(parcelsAhead) {
		if p := n.parcels[n.next+i]; p != nil {
			for uint64(len(r.counts)) < i {
				r.counts = append(r.counts, 0)
			}
			r.counts = append(r.counts, byte(p.count))
		}
	}
	n.due, n.owed = time.Time{}, 0
	if n.again = lossy && !n.again; n.again {
		n.due = now.Add(ackDelay)
	}
	return r
}

// What stands first in a sealed packet.
const (
	kindSymbol byte = 1 // of a parcel
	kindUrgent byte = 2 // the same, and a report is awaited
	kindReport byte = 3
)

// symbol is a part of a parcel on its way.
type symbol struct {
	urgent bool
	parcel uint64
	behind uint64 // parcels before this one that the sender has out; it has given up those before them
	size   int    // of the parcel
	index  int
	data   []byte
}

func appendSymbol(b []byte, s symbol) []byte {
	kind := kindSymbol
	if s.urgent {
		kind = kindUrgent
	}
	b = append(b, kind)
	b = binary.AppendUvarint(b, s.parcel)
	b = binary.AppendUvarint(b, s.behind)
	b = binary.AppendUvarint(b, uint64(s.size))
	b = append(b, byte(s.index))
	return append(b, s.data...)
}

// readSymbol reads what appendSymbol wrote.
func readSymbol(b []byte) (symbol, error) {
	f := fields{b: b[1:]}
	s := symbol{urgent: b[0] == kindUrgent, parcel: f.number(1<<32 - 1), behind: f.number(parcelsAhead), size: int(f.number(parcelMax))}
	if f.bad || len(f.b) < 2 || s.behind > s.parcel {
		return symbol{}, errParcel
	}
	s.index, s.data = int(f.b[0]), f.b[1:]
	return s, nil
}

func appendReport(b []byte, r report) []byte {
	b = append(b, kindReport)
	b = binary.AppendUvarint(b, uint64(r.top))
	b = binary.AppendUvarint(b, uint64(r.at.Microseconds()))
	b = binary.AppendUvarint(b, uint64(r.held.Microseconds()))
	b = binary.AppendUvarint(b, r.came)
	b = binary.AppendUvarint(b, r.next)
	return append(b, r.counts...)
}

// readReport reads what appendReport wrote.
func readReport(b []byte) (report, error) {
	f := fields{b: b[1:]}
	r := report{
		top:  uint32(f.number(1<<32 - 1)),
		at:   time.Duration(f.number(1<<50)) * time.Microsecond,
		held: time.Duration(f.number(1<<32)) * time.Microsecond,
		came: f.number(1<<32 - 1), next: f.number(1 << 32), counts: f.b,
	}
	if f.bad || len(r.counts) > parcelsAhead {
		return report{}, errParcel
	}
	return r, nil
}

// fields reads numbers, and remembers if one was bad.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) number(most uint64) uint64 {
	v, n := binary.Uvarint(f.b)
	if n <= 0 || v > most {
		f.bad, f.b = true, nil
		return 0
	}
	f.b = f.b[n:]
	return v
}

// take returns so many bytes.
func (f *fields) take(n int) []byte {
	if n < 0 || n > len(f.b) {
		f.bad, f.b = true, nil
		return nil
	}
	taken := f.b[:n]
	f.b = f.b[n:]
	return taken
}

func (f *fields) byte() byte {
	if b := f.take(1); !f.bad {
		return b[0]
	}
	return 0
}

// varint reads a number as QUIC writes it (RFC 9000, section 16).
func (f *fields) varint() int {
	first := f.byte()
	v := int(first & 0x3f)
	for _, b := range f.take(1<<(first>>6) - 1) {
		v = v<<8 | int(b)
	}
	return v
}
