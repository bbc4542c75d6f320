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
	return &desk{streams: map[stream][][]byte{}, records: map[string]*written{}, ops: map[crdt.Space]map[crdt.Dot]crdt.RecordID{}}
}

// shift begins anew; what was written before is held by everybody.
func (d *desk) shift() {
	d.streams = map[stream][][]byte{}
	for _, w := range d.records {
		if d.ops[w.space] == nil {
			d.ops[w.space] = map[crdt.Dot]crdt.RecordID{}
		}
		for _, dot := range w.dots {
			d.ops[w.space][dot] = w.id
		}
	}
}

func (d *desk) shared(s crdt.Space, dot crdt.Dot) (crdt.RecordID, bool) {
	id, ok := d.ops[s][dot]
	return id, ok
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

func (d *desk) write(w *written, writer crdt.Writer, held map[stream]int, ms int64, ops []crdt.Op) {
	st := stream{w.space, writer}
	d.streams[st] = append(d.streams[st], AppendBatch(nil, crdt.Batch{Stamp: crdt.NewStamp(ms), Ops: ops}))
	held[st]++
	for i, op := range ops {
		w.dots[op.Field] = crdt.Dot{Writer: writer, Seq: uint64(held[st]), Index: uint32(i)}
	}
}

func (d *desk) fill(l line, held map[stream]int) {
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
		d.write(w, authorOf(l.Author), held, l.At, []crdt.Op{op})
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
	d.write(w, authorOf(l.Author), held, l.VisitedAt, ops)
}

// Sizes of chunks before packing, as a session makes them.
const (
	firstChunk = 64 << 10
	laterChunk = 256 << 10
)

// chunks cuts what the desk wrote, in order of spaces and writers, as a session
// does. Each writer signs all of its streams at once.
func (d *desk) chunks(held map[stream]int) (chunks []Chunk) {
	order := slices.SortedFunc(maps.Keys(d.streams), func(a, b stream) int {
		return cmp.Or(a.space.Compare(b.space), cmp.Compare(a.writer, b.writer))
	})
	size, room := firstChunk, 0
	for _, st := range order {
		if room <= 0 {
			chunks = append(chunks, Chunk{Number: uint64(len(chunks) + 1)})
			room, size = size, min(2*size, laterChunk)
		}
		batches := d.streams[st]
		run := Run{Space: st.space, Writer: st.writer, First: uint64(held[st]-len(batches)) + 1, Batches: batches}
		run.Signature = append([]byte{2}, noise(uint64(st.writer), 64)...)
		last := &chunks[len(chunks)-1]
		last.Runs = append(last.Runs, run)
		for _, b := range batches {
			room -= len(b)
		}
	}
	return chunks
}

func noise(seed uint64, n int) []byte {
	g, b := newGenerator(seed), make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}
