package wire

import (
	"encoding/binary"
	"maps"
	"slices"

	"wangge/crdt"
)

const (
	spacesMax  = 1 << 16 // spaces of one Hello
	writersMax = 1 << 20 // writers of one frontier
)

// Hello opens each side's part of a conversation: who speaks, which life of its
// store it speaks from, and what it holds. In every protocol version it begins
// with the version, county and device; of another version's Hello nothing else
// is read, so that both sides can tell their people who must update.
type Hello struct {
	Protocol uint64
	County   County
	Device   uint32
	// Grounds names what both sides may remember, the surest first. Where one is
	// named the epoch is not told, for the name says it, and Holds, Floors and Tags
	// tell only what came since the first of them.
	Grounds []GroundName
	Epoch   uint64
	// Print is of all that the sender holds of what both may hold.
	Print Print
	// Budget is how many bytes of chunks and pages the sender will take in this
	// conversation; 0 is as many as there are.
	Budget uint64
	// Holds tells, of each space, how far it holds each stream. A space that is
	// named with no writer asks for a checkpoint of it.
	Holds map[crdt.Space]crdt.Frontier
	// Floors tells of streams up to where their batches were merged and are no
	// longer at hand, neither to be passed on nor to look a dot up in.
	Floors map[crdt.Space]crdt.Frontier
	// Tags tells of each stream in Holds a little of its hash, or of none: two
	// that hold as many batches need not hold the same.
	Tags map[crdt.Space]map[crdt.Writer]Tag
}

func (m Hello) append(b []byte) []byte {
	b = binary.AppendUvarint(append(b, tagHello), m.Protocol)
	b = append(b, m.County[:]...)
	b = binary.AppendUvarint(b, uint64(m.Device))
	b = append(b, byte(len(m.Grounds)))
	for _, name := range m.Grounds {
		b = append(b, name[:]...)
	}
	if len(m.Grounds) == 0 {
		b = binary.AppendUvarint(b, m.Epoch)
	}
	b = binary.AppendUvarint(append(b, m.Print[:]...), m.Budget)
	b = appendFrontiers(appendFrontiers(b, m.Holds), m.Floors)
	return m.appendTags(b)
}

// streams calls yield with every stream in Holds, in order.
func (m Hello) streams(yield func(crdt.Space, crdt.Writer)) {
	for _, s := range slices.SortedFunc(maps.Keys(m.Holds), crdt.Space.Compare) {
		for _, w := range m.Holds[s].Writers() {
			if m.Holds[s][w] > 0 {
				yield(s, w)
			}
		}
	}
}

func (m Hello) appendTags(b []byte) []byte {
	if len(m.Tags) == 0 {
		return append(b, 0)
	}
	b = append(b, 1)
	m.streams(func(s crdt.Space, w crdt.Writer) {
		b = binary.BigEndian.AppendUint32(b, uint32(m.Tags[s][w]))
	})
	return b
}

func (r *reader) tags(m Hello) map[crdt.Space]map[crdt.Writer]Tag {
	told := r.byte("whether tags are told")
	r.check(told <= 1, "whether tags are told")
	if told == 0 {
		return nil
	}
	tags := map[crdt.Space]map[crdt.Writer]Tag{}
	m.streams(func(s crdt.Space, w crdt.Writer) {
		if tags[s] == nil {
			tags[s] = map[crdt.Writer]Tag{}
		}
		tags[s][w] = r.tag()
	})
	return tags
}

func appendFrontiers(b []byte, of map[crdt.Space]crdt.Frontier) []byte {
	b = binary.AppendUvarint(b, uint64(len(of)))
	for _, s := range slices.SortedFunc(maps.Keys(of), crdt.Space.Compare) {
		b = AppendFrontier(appendSpace(b, s), of[s])
	}
	return b
}

func (r *reader) hello() Hello {
	m := Hello{Protocol: r.uint("a protocol version", 1<<16)}
	copy(m.County[:], r.bytes("a county", len(m.County)))
	m.Device = uint32(r.uint("a device", 1<<32-1))
	if m.Protocol != Protocol {
		r.b = nil
		return m
	}
	m.Grounds = r.groundNames()
	if len(m.Grounds) == 0 {
		m.Epoch = r.uint("an epoch", 1<<64-1)
	}
	copy(m.Print[:], r.bytes("a fingerprint", len(m.Print)))
	m.Budget = r.uint("a budget", 1<<62)
	m.Holds, m.Floors = r.frontiers(), r.frontiers()
	m.Tags = r.tags(m)
	return m
}

func (r *reader) groundNames() (names []GroundName) {
	for range r.count("a number of grounds", groundsMax, len(GroundName{})) {
		var name GroundName
		copy(name[:], r.bytes("a ground's name", len(name)))
		names = append(names, name)
	}
	return names
}

func (r *reader) frontiers() map[crdt.Space]crdt.Frontier {
	of := map[crdt.Space]crdt.Frontier{}
	var last crdt.Space
	for range r.count("a number of spaces", spacesMax, 5) {
		s := r.space()
		r.check(last.Compare(s) < 0, "spaces out of order")
		last = s
		of[s] = r.frontier()
	}
	return of
}

// AppendFrontier appends a frontier's canonical bytes. Writers of whom nothing
// is held are left out.
func AppendFrontier(b []byte, f crdt.Frontier) []byte {
	writers := f.Writers()
	writers = slices.DeleteFunc(writers, func(w crdt.Writer) bool { return f[w] == 0 })
	b = binary.AppendUvarint(b, uint64(len(writers)))
	for _, w := range writers {
		b = binary.AppendUvarint(appendWriter(b, w), f[w])
	}
	return b
}

func (r *reader) frontier() crdt.Frontier {
	f := crdt.Frontier{}
	var last crdt.Writer
	for i := range r.count("a number of writers", writersMax, 3) {
		w := r.writer()
		r.check(i == 0 || last < w, "writers out of order")
		last = w
		f[w] = r.seq()
	}
	return f
}

// Greets reports whether a message's bytes are a Hello's.
func Greets(b []byte) bool { return len(b) > 0 && b[0] == tagHello }
