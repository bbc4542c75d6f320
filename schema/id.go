package schema

import (
	"errors"
	"strings"

	"wangge/crdt"
)

// ulidAlphabet is Crockford's base32, in which ULIDs are written.
const ulidAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ParseULID reads a ULID: 26 characters, of which the first is at most 7, since
// they hold 130 bits and an id has 128.
func ParseULID(s string) (id crdt.RecordID, err error) {
	bad := errors.New("this is not a ULID: want 26 digits or letters other than I, L, O and U, the first at most 7")
	if len(s) != 26 || s[0] > '7' {
		return crdt.RecordID{}, bad
	}
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		digit := strings.IndexByte(ulidAlphabet, c)
		if digit < 0 {
			return crdt.RecordID{}, bad
		}
		shift(&id, byte(digit))
	}
	return id, nil
}

// shift moves the id five bits up and puts the digit below.
func shift(id *crdt.RecordID, digit byte) {
	carry := uint16(digit)
	for i := len(id) - 1; i >= 0; i-- {
		carry |= uint16(id[i]) << 5
		id[i] = byte(carry)
		carry >>= 8
	}
}

// ParseID reads a record's id as lines and links give it: a ULID, or hex.
func ParseID(s string) (crdt.RecordID, error) {
	if len(s) == 26 {
		return ParseULID(s)
	}
	return crdt.ParseRecordID(s)
}
