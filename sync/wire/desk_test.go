package wire_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"wangge/crdt"
	. "wangge/sync/wire"
)

// desk makes batches of lines, each form its own.
type desk struct {
	streams map[stream][][]byte
	records map[string]*written
	ops     map[crdt.Space]map[crdt.Dot]crdt.RecordID // what was written before
	ends    map[stream]end
	before  map[stream]end // of what was written before
}

// end is how far a stream has come.
type end struct {
	seq  uint64
	hash Hash
}

type stream struct {
	space  crdt.Space
	writer crdt.Writer
}

type written struct {
	id    crdt.RecordID
	space crdt.Space
	dots  map[crdt.FieldID]crdt.Dot
}

func newDesk() *desk {
	return &desk{streams: map[stream][][]byte{}, records: map[string]*written{}, ops: map[crdt.Space]map[crdt.Dot]crdt.RecordID{}, ends: map[stream]end{}}
}

// shift begins anew; what was written before is held by everybody.
func (d *desk) shift() {
	d.streams, d.before = map[stream][][]byte{}, maps.Clone(d.ends)
	for _, w := range d.records {
		if d.ops[w.space] == nil {
			d.ops[w.space] = map[crdt.Dot]crdt.RecordID{}
		}
		for _, dot := range w.dots {
			d.ops[w.space][dot] = w.id
		}
	}
}

func (d *desk) record(s crdt.Space, dot crdt.Dot) (crdt.RecordID, bool) {
	id, ok := d.ops[s][dot]
	return id, ok
}

// sender shares what was written before, and receiver holds that.
func (d *desk) sender() Shared {
	return Shared{Record: d.record, Lean: func(crdt.Space, crdt.Writer) bool { return true }}
}

func (d *desk) receiver() Shared {
	before := d.before
	return Shared{Record: d.record, County: county, Head: func(s crdt.Space, w crdt.Writer) (uint64, Hash) {
		e := endOf(before, stream{s, w})
		return e.seq, e.hash
	}}
}

func endOf(ends map[stream]end, st stream) end {
	if e, ok := ends[st]; ok {
		return e
	}
	return end{hash: Origin(county, st.space, st.writer)}
}

// ulid reads Crockford's base 32.
func ulid(s string) (id crdt.RecordID) {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	for _, c := range s {
		carry := strings.IndexRune(digits, c)
		for i := len(id) - 1; i >= 0; i-- {
			carry += int(id[i]) << 5
			id[i], carry = byte(carry), carry>>8
		}
	}
	return id
}

func authorOf(name string) crdt.Writer {
	var n uint32
	for _, c := range name[2:] {
		n = n*10 + uint32(c-'0')
	}
	return crdt.NewWriter(100+n, 0x9e3779b9*(n+1))
}

func (d *desk) write(w *written, writer crdt.Writer, ms int64, ops []crdt.Op) {
	st := stream{w.space, writer}
	b := AppendBatch(nil, crdt.Batch{Stamp: crdt.NewStamp(ms), Ops: ops})
	e := endOf(d.ends, st)
	d.streams[st], d.ends[st] = append(d.streams[st], b), end{e.seq + 1, e.hash.Next(b)}
	for i, op := range ops {
		w.dots[op.Field] = crdt.Dot{Writer: writer, Seq: d.ends[st].seq, Index: uint32(i)}
	}
}

func (d *desk) fill(l line) {
	if l.Op != "" {
		w := d.records[l.ID]
		op := crdt.Op{Record: w.id, Kind: "grid_visit", Field: fieldNames[l.Field], Type: crdt.Register}
		switch v := l.Value.(type) {
		case string:
			op.Value = crdt.Text(v)
		case float64:
			op.Value = crdt.Int(int64(v))
		}
		op.Replaces = []crdt.Dot{w.dots[op.Field]}
		d.write(w, authorOf(l.Author), l.At, []crdt.Op{op})
		return
	}
	w := &written{ulid(l.ID), crdt.Space{Area: l.Grid[:12], Class: crdt.Personal}, map[crdt.FieldID]crdt.Dot{}}
	d.records[l.ID] = w
	var ops []crdt.Op
	set := func(f crdt.FieldID, t crdt.Type, v crdt.Value) {
		ops = append(ops, crdt.Op{Record: w.id, Kind: "grid_visit", Field: f, Type: t, Value: v})
	}
	set(fieldAlive, crdt.Register, crdt.Bool(true))
	set(fieldGrid, crdt.Register, crdt.Text(l.Grid))
	set(fieldVisitedAt, crdt.Register, crdt.Int(l.VisitedAt))
	set(fieldHousehold, crdt.Register, crdt.Text(l.Household))
	set(fieldPerson, crdt.Register, crdt.Text(l.Person))
	set(fieldLat, crdt.Register, crdt.Float(l.Lat))
	set(fieldLon, crdt.Register, crdt.Float(l.Lon))
	set(fieldTopic, crdt.Register, crdt.Text(l.Topic))
	set(fieldStatus, crdt.Register, crdt.Text(l.Status))
	for _, t := range l.Tags {
		set(fieldTags, crdt.Set, crdt.Text(t))
	}
	set(fieldFollowups, crdt.Counter, crdt.Int(l.Followups))
	set(fieldNote, crdt.Register, crdt.Text(l.Note))
	d.write(w, authorOf(l.Author), l.VisitedAt, ops)
}

// Sizes of chunks before packing, as a session makes them.
const (
	firstChunk = 64 << 10
	laterChunk = 256 << 10
)

// chunks cuts what the desk wrote, in order of writers and spaces, as a session
// does. Each writer signs a tree over all of its streams.
func (d *desk) chunks() (chunks []Chunk) {
	order := slices.SortedFunc(maps.Keys(d.streams), func(a, b stream) int {
		return cmp.Or(cmp.Compare(a.writer, b.writer), a.space.Compare(b.space))
	})
	signatures := d.signatures(order)
	size, room := firstChunk, 0
	for i, st := range order {
		if room <= 0 {
			chunks = append(chunks, Chunk{Number: uint64(len(chunks) + 1)})
			room, size = size, min(2*size, laterChunk)
		}
		run := Run{Space: st.space, Writer: st.writer, First: endOf(d.before, st).seq + 1, Batches: d.streams[st], Signature: signatures[i]}
		last := &chunks[len(chunks)-1]
		last.Runs = append(last.Runs, run)
		for _, b := range run.Batches {
			room -= len(b)
		}
	}
	return chunks
}

// signatures returns what vouches for each of the streams, which stand in order
// of writers.
func (d *desk) signatures(order []stream) (all [][]byte) {
	var leaves []Hash
	for i, st := range order {
		leaves = append(leaves, Leaf(county, st.space, st.writer, d.ends[st].seq, d.ends[st].hash))
		if i+1 < len(order) && order[i+1].writer == st.writer {
			continue
		}
		root := sign(TreeMessage(county, st.writer, uint64(len(leaves)), Root(leaves)))
		for k := range leaves {
			p := Place{Leaves: len(leaves), Leaf: k, Branches: Prove(leaves, []int{k}), Signature: root}
			all = append(all, p.Append(nil))
		}
		leaves = nil
	}
	return all
}

func noise(seed uint64, n int) []byte {
	g, b := newGenerator(seed), make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}
