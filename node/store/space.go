package store

import (
	"cmp"
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
	// hollow says that of what was merged below the streams' floors a part is lost,
	// until a checkpoint brings it again.
	hollow bool
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

// recordSum hashes what a record shows. Its kills are left out: a faulty writer
// can make them depend on the order of arrival.
func recordSum(id crdt.RecordID, rec crdt.Record) sum {
	return sumOf(wire.AppendRecord(id[:], rec.Visible()))
}

// shownSum is recordSum for whoever has the bytes of id and record already.
func shownSum(rec crdt.Record, entry []byte) sum {
	for _, c := range rec.Cells {
		if len(c.Kills) > 0 {
			return recordSum(crdt.RecordID(entry), rec)
		}
	}
	return sumOf(entry)
}

func sumOf(b []byte) (s sum) {
	hash := sha256.Sum256(b)
	for i := range s {
		s[i] = binary.LittleEndian.Uint64(hash[8*i:])
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
	b = sp.sum.append(b)
	if sp.hollow {
		return append(b, 1)
	}
	return b
}

func decodeSpace(b []byte) (space, error) {
	const size = 4 + 8 + 32
	hollow := len(b) == size+1 && b[size] == 1
	if len(b) != size && !hollow {
		return space{}, fmt.Errorf("the store is damaged: a space of %d bytes", len(b))
	}
	sp := space{number: binary.BigEndian.Uint32(b), records: binary.BigEndian.Uint64(b[4:]), frontier: crdt.Frontier{}, hollow: hollow}
	for i := range sp.sum {
		sp.sum[i] = binary.LittleEndian.Uint64(b[12+8*i:])
	}
	return sp, nil
}

func compareMark(a, b wire.Mark) int {
	return cmp.Or(a.Space.Compare(b.Space), cmp.Compare(a.Writer, b.Writer))
}
