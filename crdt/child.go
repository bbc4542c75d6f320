package crdt

import (
	"crypto/sha256"
	"encoding/binary"
)

// ChildID returns the id of a record that stands inside another: in which field,
// and under which key there. Two replicas that make the same child offline make
// one record, since its place names it. The key is what tells the children of a
// field apart for good, such as a year or a flat's number, and must not change;
// it is no secret, so a number that marks a person belongs into the identity of
// a kind, whose hash is keyed.
func ChildID(parent RecordID, field FieldID, key Value) RecordID {
	b := append([]byte("wangge child 1\x00"), parent[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(field))
	sum := sha256.Sum256(append(b, key...))
	return RecordID(sum[:len(parent)])
}
