package store

import (
	"encoding/binary"
	"hash/crc32"
)

// Nothing in the log vouches for how far a stream is known to have come, or for how much a
// replica has applied. Such values end with a checksum of their own, over their key too, so
// that a page in another's place is noticed.

// checksumSize is the size in bytes of a CRC-32C.
const checksumSize = 4

// summed returns a value with its checksum.
func summed(key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value[:len(value):len(value)], checksum(key, value))
}

// unsummed returns the value without its checksum, and whether that is right.
func unsummed(key, b []byte) (value []byte, ok bool) {
	if len(b) < checksumSize {
		return nil, false
	}
	value = b[:len(b)-checksumSize]
	return value, binary.BigEndian.Uint32(b[len(value):]) == checksum(key, value)
}

// checksum is CRC-32C (RFC 3720, B.4).
func checksum(key, value []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(key, table), table, value)
}

// metaNumbers are the keys of the meta bucket under which numbers stand.
func metaNumbers() [][]byte { return [][]byte{epochKey, appliedKey, officeKey, clockKey} }

// putNumber writes a number of the meta bucket.
func putNumber(put func(key, value []byte) error, key []byte, n uint64) error {
	return put(key, summed(key, binary.BigEndian.AppendUint64(nil, n)))
}

// numberOf reads a number of the meta bucket, 0 if there is none. Formats 1 to 3 had no
// checksum. ok is false when it is damaged.
func numberOf(get func(key []byte) []byte, key []byte) (n uint64, ok bool) {
	b := get(key)
	if len(b) == 8+checksumSize {
		if b, ok = unsummed(key, b); !ok {
			return 0, false
		}
	}
	return number(b), len(b) == 0 || len(b) == 8
}
