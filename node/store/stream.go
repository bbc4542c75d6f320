package store

import (
	"encoding/binary"
	"fmt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// head is the end of a stream as this store holds it, and how much of the
// stream is known to have come further.
type head struct {
	seq  uint64
	hash wire.Hash
	box  uint64 // another box holds everything up to here
	hub  uint64 // the county has committed everything up to here
	had  since  // how much of that, and since when
	floor
}

// since is how far the county was known to have a stream at a moment of this
// node's clock. Its zero value says nothing.
type since struct {
	batch  uint64
	moment crdt.Stamp
}

// floor is the end of that part of a stream which is merged into the records and
// whose batches are no longer in the log, because the county has them. Its zero
// value is a stream's beginning.
type floor struct {
	batch uint64
	chain wire.Hash // after that batch
}

// level returns h with the levels of o, as far as h goes.
func (h head) level(o head) head {
	h.box, h.hub, h.had = min(h.seq, o.box), min(h.seq, o.hub), o.had
	h.had.batch = min(h.hub, h.had.batch)
	return h
}

const (
	headSize  = 8 + len(wire.Hash{}) + 8 + 8
	floorSize = 8 + len(wire.Hash{})
)

// headSummed begins a head with a checksum. Formats 1 to 3 had none and begin with a
// number's first byte, which no number of batches makes other than 0.
const headSummed = 1

func (h head) encode(key []byte) []byte {
	return summed(key, h.append([]byte{headSummed}))
}

func (h head) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, h.seq)
	b = append(b, h.hash[:]...)
	b = binary.BigEndian.AppendUint64(b, h.box)
	b = binary.BigEndian.AppendUint64(b, h.hub)
	if h.floor != (floor{}) {
		b = binary.BigEndian.AppendUint64(b, h.floor.batch)
		b = append(b, h.floor.chain[:]...)
	}
	if h.had != (since{}) {
		b = binary.AppendUvarint(b, h.had.batch)
		b = binary.AppendUvarint(b, uint64(h.had.moment.Millis()))
	}
	return b
}

func decodeHead(key, b []byte) (head, error) {
	damaged := fmt.Errorf("the store is damaged: a stream's head of %d bytes", len(b))
	bare := len(b) > 0 && b[0] == 0
	if !bare {
		value, ok := unsummed(key, b)
		if !ok || len(value) == 0 || value[0] != headSummed {
			return head{}, damaged
		}
		b = value[1:]
	}
	if len(b) < headSize {
		return head{}, damaged
	}
	h := head{
		seq: binary.BigEndian.Uint64(b), hash: wire.Hash(b[8:40]),
		box: binary.BigEndian.Uint64(b[40:]), hub: binary.BigEndian.Uint64(b[48:]),
	}
	rest := b[headSize:]
	if len(rest) >= floorSize {
		h.floor = floor{binary.BigEndian.Uint64(rest), wire.Hash(rest[8:floorSize])}
		rest = rest[floorSize:]
	}
	batch, n := binary.Uvarint(rest)
	if n > 0 {
		ms, _ := binary.Uvarint(rest[n:])
		h.had = since{batch, crdt.NewStamp(int64(min(ms, 1<<47)))}
	}
	if string(h.append(nil)) != string(b) || bare && !h.sane() {
		return head{}, damaged
	}
	return h, nil
}

// sane reports whether no part of h is beyond its end. It tells heads of formats 1 to 3 from
// those whose first byte, which says that they are none, was lost.
func (h head) sane() bool { return h.seq > 0 && max(h.box, h.hub, h.floor.batch, h.had.batch) <= h.seq }

func streamKey(space uint32, w crdt.Writer) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, space), uint64(w))
}

func splitStreamKey(k []byte) (space uint32, w crdt.Writer, ok bool) {
	if len(k) != 12 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(k), crdt.Writer(binary.BigEndian.Uint64(k[4:])), true
}

func logKey(space uint32, w crdt.Writer, seq uint64) []byte {
	b := make([]byte, 0, keySize)
	b = binary.BigEndian.AppendUint32(b, space)
	b = binary.BigEndian.AppendUint64(b, uint64(w))
	return binary.BigEndian.AppendUint64(b, seq)
}

// A log entry is a batch behind what vouches for the head after it, which most
// batches do without.

func joinEntry(signature, batch []byte) []byte {
	b := make([]byte, 0, binary.MaxVarintLen16+len(signature)+len(batch))
	b = append(binary.AppendUvarint(b, uint64(len(signature))), signature...)
	return append(b, batch...)
}

func splitEntry(b []byte) (signature, batch []byte) {
	size, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 || size >= uint64(len(b)-n) { // one spelling for every size
		return nil, nil
	}
	end := n + int(size)
	return b[n:end], b[end:]
}

func writerKey(w crdt.Writer) []byte { return binary.BigEndian.AppendUint64(nil, uint64(w)) }
