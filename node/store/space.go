package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"

	"wangge/crdt"
	"wangge/sync/wire"
)

// space is what the store knows of a space without reading its records.
type space struct {
	number   uint32 // stands for the space in keys; local to this file
	records  uint64
	sum      sum
	frontier crdt.Frontier
}

// head is the end of a stream as this store holds it, and how much of the
// stream is known to have come further.
type head struct {
	seq  uint64
	hash wire.Hash
	box  uint64 // another box holds everything up to here
	hub  uint64 // the county has committed everything up to here
}

// Digest is a fingerprint of a space: equal on every replica that holds the
// same batches, whatever their order of arrival.
type Digest [sha256.Size]byte

// String returns the first 16 hex digits, enough to compare by eye.
func (d Digest) String() string { return fmt.Sprintf("%x", d[:8]) }

// sum adds up the hashes of a space's records modulo 2^256, so that a changed
// record changes it in constant time, whatever else the space holds. It finds
// faults and accidents, not forgeries; those the chains keep out.
type sum [4]uint64

func recordSum(id crdt.RecordID, record []byte) sum {
	h := sha256.New()
	h.Write(id[:])
	h.Write(record)
	b := h.Sum(nil)
	var s sum
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return s
}

func (s sum) plus(o sum) sum {
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], o[i], carry)
	}
	return s
}

func (s sum) minus(o sum) sum {
	var borrow uint64
	for i := range s {
		s[i], borrow = bits.Sub64(s[i], o[i], borrow)
	}
	return s
}

func (s sum) append(b []byte) []byte {
	for _, n := range s {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

func (sp space) digest() Digest {
	return sha256.Sum256(sp.sum.append(wire.AppendFrontier(nil, sp.frontier)))
}

func (sp space) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, sp.number)
	b = binary.BigEndian.AppendUint64(b, sp.records)
	return sp.sum.append(b)
}

func decodeSpace(b []byte) (space, error) {
	if len(b) != 4+8+32 {
		return space{}, fmt.Errorf("the store is damaged: a space of %d bytes", len(b))
	}
	sp := space{number: binary.BigEndian.Uint32(b), records: binary.BigEndian.Uint64(b[4:]), frontier: crdt.Frontier{}}
	for i := range sp.sum {
		sp.sum[i] = binary.LittleEndian.Uint64(b[12+8*i:])
	}
	return sp, nil
}

func (h head) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, h.seq)
	b = append(b, h.hash[:]...)
	b = binary.BigEndian.AppendUint64(b, h.box)
	return binary.BigEndian.AppendUint64(b, h.hub)
}

func decodeHead(b []byte) (head, error) {
	if len(b) != 8+32+8+8 {
		return head{}, fmt.Errorf("the store is damaged: a stream's head of %d bytes", len(b))
	}
	return head{
		seq: binary.BigEndian.Uint64(b), hash: wire.Hash(b[8:40]),
		box: binary.BigEndian.Uint64(b[40:]), hub: binary.BigEndian.Uint64(b[48:]),
	}, nil
}

func streamKey(space uint32, w crdt.Writer) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, space), uint64(w))
}

func logKey(space uint32, w crdt.Writer, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(streamKey(space, w), seq)
}

func recordKey(space uint32, id crdt.RecordID) []byte {
	return append(binary.BigEndian.AppendUint32(nil, space), id[:]...)
}

// recentKey orders a kind's records from the latest changed to the oldest.
func recentKey(space uint32, id crdt.RecordID, rec crdt.Record) []byte {
	b := append([]byte(rec.Kind), 0)
	b = binary.BigEndian.AppendUint64(b, ^uint64(rec.Stamp()))
	return append(b, recordKey(space, id)...)
}
