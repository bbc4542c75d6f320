package wire

import (
	"encoding/binary"
	"fmt"
	"slices"

	"wangge/crdt"
)

const batchVersion = 1

// AppendBatch appends a batch's canonical bytes. Records stand in a table in
// the order of their first use, so that an op names its record in one byte.
// The dots of each op are written in order.
func AppendBatch(b []byte, batch crdt.Batch) []byte {
	type key struct {
		id   crdt.RecordID
		kind string
	}
	index := map[key]int{}
	var table []key
	for _, op := range batch.Ops {
		k := key{op.Record, op.Kind}
		if _, ok := index[k]; !ok {
			index[k] = len(table)
			table = append(table, k)
		}
	}
	b = append(b, batchVersion)
	b = binary.AppendUvarint(b, uint64(batch.Stamp))
	b = binary.AppendUvarint(b, uint64(len(table)))
	for _, k := range table {
		b = append(b, k.id[:]...)
		b = appendBytes(b, k.kind)
	}
	b = binary.AppendUvarint(b, uint64(len(batch.Ops)))
	for _, op := range batch.Ops {
		b = appendOp(b, index[key{op.Record, op.Kind}], op)
	}
	return b
}

func appendOp(b []byte, record int, op crdt.Op) []byte {
	b = binary.AppendUvarint(b, uint64(record))
	b = binary.AppendUvarint(b, uint64(op.Field))
	b = append(b, byte(op.Type))
	b = binary.AppendUvarint(b, uint64(len(op.Replaces)))
	for _, d := range slices.SortedFunc(slices.Values(op.Replaces), crdt.Dot.Compare) {
		b = appendDot(b, d)
	}
	return appendBytes(b, op.Value)
}

// DecodeBatch reads what AppendBatch wrote, all of it or nothing. Whatever it
// takes, AppendBatch writes back byte for byte. The batch shares nothing with b.
func DecodeBatch(b []byte) (crdt.Batch, error) {
	if len(b) > BatchMax {
		return crdt.Batch{}, fmt.Errorf("%w: a batch of %d bytes, %d at most", ErrFormat, len(b), BatchMax)
	}
	r := &reader{b: b}
	if v := r.byte("a batch's version"); r.err == nil && v != batchVersion {
		r.fail(fmt.Sprintf("batch version %d, this node reads %d", v, batchVersion))
	}
	batch := crdt.Batch{Stamp: crdt.Stamp(r.uint("a stamp", 1<<64-1))}
	records := make([]crdt.Op, r.count("a number of records", OpsMax, 17))
	for i := range records {
		copy(records[i].Record[:], r.bytes("a record's id", 16))
		records[i].Kind = string(r.sized("a kind", kindMax))
	}
	if n := r.count("a number of ops", OpsMax, 5); n > 0 {
		batch.Ops = make([]crdt.Op, n)
	}
	used := 0
	for i := range batch.Ops {
		at := int(r.uint("a record's place", uint64(max(used, 0))))
		if r.err != nil || at >= len(records) {
			r.fail("a record's place")
			break
		}
		used = max(used, at+1)
		batch.Ops[i] = r.op(records[at])
	}
	if r.err == nil && used != len(records) {
		r.fail("a record without ops")
	}
	if r.err == nil && repeats(records) {
		r.fail("a record twice in the table")
	}
	return batch, r.end()
}

func (r *reader) op(op crdt.Op) crdt.Op {
	op.Field = crdt.FieldID(r.uint("a field", 1<<16-1))
	op.Type = crdt.Type(r.byte("a merge type"))
	op.Replaces = r.dots(replacesMax)
	op.Value = r.value()
	return op
}

func repeats(records []crdt.Op) bool {
	seen := make(map[string]bool, len(records))
	for _, o := range records {
		k := string(o.Record[:]) + o.Kind
		if seen[k] {
			return true
		}
		seen[k] = true
	}
	return false
}
