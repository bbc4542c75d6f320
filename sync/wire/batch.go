package wire

import (
	"encoding/binary"
	"fmt"
	"slices"

	"wangge/crdt"
)

const batchVersion = 1

// subject is what an op is about: a row of a batch's table.
type subject struct {
	id   crdt.RecordID
	kind string
}

// AppendBatch appends a batch's canonical bytes. Subjects stand in a table in
// the order of their first use, so that an op names its own in one byte. The
// dots of each op are written in order, each once. Whoever signs a batch makes
// sure that it keeps to the limits: DecodeBatch tells.
func AppendBatch(b []byte, batch crdt.Batch) []byte {
	at := map[subject]int{}
	var table []subject
	var last subject // mostly the next op's too
	size := batchMin + binary.MaxVarintLen64
	for i, op := range batch.Ops {
		size += opRoom + len(op.Value) + len(op.Replaces)*dotRoom
		s := subject{op.Record, op.Kind}
		if i > 0 && s == last {
			continue
		}
		last = s
		if _, ok := at[s]; !ok {
			at[s] = len(table)
			table = append(table, s)
			size += len(s.id) + len(s.kind) + 1
		}
	}
	b = slices.Grow(b, size)
	b = append(b, batchVersion)
	b = binary.AppendUvarint(b, uint64(batch.Stamp))
	b = binary.AppendUvarint(b, uint64(len(table)))
	for _, s := range table {
		b = append(b, s.id[:]...)
		b = appendBytes(b, s.kind)
	}
	b = binary.AppendUvarint(b, uint64(len(batch.Ops)))
	row := 0
	for i, op := range batch.Ops {
		if s := (subject{op.Record, op.Kind}); i == 0 || s != last {
			last, row = s, at[s]
		}
		b = appendOp(b, row, op)
	}
	return b
}

// What an op and a replaced dot take mostly, the values not counted.
const (
	opRoom  = 6
	dotRoom = 12
)

func appendOp(b []byte, at int, op crdt.Op) []byte {
	b = binary.AppendUvarint(b, uint64(at))
	b = binary.AppendUvarint(b, uint64(op.Field))
	b = append(b, byte(op.Type))
	dots := slices.Clone(op.Replaces)
	slices.SortFunc(dots, crdt.Dot.Compare)
	b = appendDots(b, slices.Compact(dots))
	return appendBytes(b, op.Value)
}

// DecodeBatch reads what AppendBatch wrote, all of it or nothing. Whatever it
// takes, AppendBatch writes back byte for byte. The batch shares nothing with b.
// Its values are parts of one text: whoever keeps one for long keeps a copy of it. Every error is ErrFormat.
func DecodeBatch(b []byte) (crdt.Batch, error) {
	if len(b) > BatchMax {
		return crdt.Batch{}, fmt.Errorf("%w: a batch of %d bytes, %d at most", ErrFormat, len(b), BatchMax)
	}
	r := &reader{b: b, whole: string(b)}
	if v := r.byte("a batch's version"); v != batchVersion {
		r.fail(fmt.Sprintf("batch version %d, the receiver reads %d: update the receiver", v, batchVersion))
	}
	batch := crdt.Batch{Stamp: r.stamp()}
	batch.Ops = r.ops(r.subjects())
	if err := r.end(); err != nil {
		return crdt.Batch{}, err
	}
	return batch, nil
}

func (r *reader) subjects() []subject {
	table := make([]subject, r.count("a number of records", OpsMax, 18))
	for i := range table {
		copy(table[i].id[:], r.bytes("a record's id", len(crdt.RecordID{})))
		table[i].kind = r.kind()
	}
	if len(table) > 1 { // most forms are about one
		seen := make(map[subject]bool, len(table))
		for _, s := range table {
			r.check(!seen[s], "a record twice in the table")
			seen[s] = true
		}
	}
	return table
}

// ops takes the ops, which must use all of the table in its order.
func (r *reader) ops(table []subject) []crdt.Op {
	n := r.count("a number of ops", OpsMax, 5)
	ops := slices.Grow([]crdt.Op(nil), n)
	used := 0
	for range n {
		at := int(r.uint("a record's place", uint64(used)))
		if r.err != nil || at >= len(table) {
			r.fail("a record's place")
			return nil
		}
		used = max(used, at+1)
		ops = append(ops, r.op(table[at]))
	}
	r.check(used == len(table), "a record without ops")
	return ops
}

func (r *reader) op(about subject) crdt.Op {
	return crdt.Op{
		Record:   about.id,
		Kind:     about.kind,
		Field:    crdt.FieldID(r.uint("a field", 1<<16-1)),
		Type:     r.mergeType(),
		Replaces: r.dots(crdt.ReplacesMax),
		Value:    r.value(),
	}
}
