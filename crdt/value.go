package crdt

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"
)

// Value is one written value in its canonical bytes: a tag, then the payload.
// Equal values have equal bytes, so values compare with == and may be map keys.
// The empty Value means that nothing was written.
type Value string

// The tags of values. A value with another tag comes from a newer form; it is
// kept, merged, forwarded and shown as it is.
const (
	tagText   = 't' // UTF-8
	tagInt    = 'i' // zigzag varint
	tagFloat  = 'f' // IEEE 754, 8 bytes big-endian
	tagBool   = 'b' // one byte, 0 or 1
	tagRecord = 'r' // 16 bytes: a record's id
	tagEvent  = 'e' // parents and edits: one event of a text's history
	tagFile   = 'a' // one or two files: an attachment and its preview
)

// Text returns the value of a text. Bytes that are not UTF-8 become U+FFFD: no
// peer would take them.
func Text(s string) Value {
	return Value(string(rune(tagText)) + strings.ToValidUTF8(s, "\uFFFD"))
}

// Int returns the value of a whole number.
func Int(n int64) Value { return Value(binary.AppendVarint([]byte{tagInt}, n)) }

// Float returns the value of a number with a fraction. Minus zero is zero and
// every NaN is one NaN, so that equal numbers stay equal bytes.
func Float(x float64) Value {
	return Value(binary.BigEndian.AppendUint64([]byte{tagFloat}, floatBits(x)))
}

func floatBits(x float64) uint64 {
	switch {
	case x == 0:
		return 0
	case math.IsNaN(x):
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x)
}

// Bool returns the value of a yes or no.
func Bool(b bool) Value {
	if b {
		return Value([]byte{tagBool, 1})
	}
	return Value([]byte{tagBool, 0})
}

// Ref returns the value that points at another record.
func Ref(id RecordID) Value { return Value(string(rune(tagRecord)) + string(id[:])) }

func (v Value) payload(tag byte) (string, bool) {
	if len(v) == 0 || v[0] != tag {
		return "", false
	}
	return string(v[1:]), true
}

// Text returns the text, and whether the value is one.
func (v Value) Text() (string, bool) { return v.payload(tagText) }

// Int returns the whole number, and whether the value is one in its canonical,
// shortest bytes.
func (v Value) Int() (int64, bool) {
	p, _ := v.payload(tagInt)
	n, size := binary.Varint([]byte(p))
	if size <= 0 || size != len(p) || size > 1 && p[size-1] == 0 {
		return 0, false
	}
	return n, true
}

// Float returns the number, and whether the value is one with a fraction in its
// canonical bytes.
func (v Value) Float() (float64, bool) {
	p, ok := v.payload(tagFloat)
	if !ok || len(p) != 8 {
		return 0, false
	}
	bits := binary.BigEndian.Uint64([]byte(p))
	x := math.Float64frombits(bits)
	if bits != floatBits(x) {
		return 0, false
	}
	return x, true
}

// Bool returns the yes or no, and whether the value is one.
func (v Value) Bool() (value, ok bool) {
	p, ok := v.payload(tagBool)
	if !ok || len(p) != 1 || p[0] > 1 {
		return false, false
	}
	return p[0] == 1, true
}

// Ref returns the record that the value points at, and whether it does.
func (v Value) Ref() (id RecordID, ok bool) {
	p, ok := v.payload(tagRecord)
	if !ok || len(p) != len(id) {
		return id, false
	}
	return RecordID([]byte(p)), true
}

// Valid reports whether a value with a known tag has a well-formed payload.
// Values with unknown tags are valid: they come from a newer form.
func (v Value) Valid() bool {
	if v == "" {
		return true
	}
	ok := true
	switch v[0] {
	case tagText:
		ok = utf8.ValidString(string(v[1:]))
	case tagInt:
		_, ok = v.Int()
	case tagFloat:
		_, ok = v.Float()
	case tagBool:
		_, ok = v.Bool()
	case tagSeen:
		_, ok = v.seen()
	case tagRecord:
		_, ok = v.Ref()
	case tagEvent:
		_, _, ok = v.Event()
	case tagFile:
		_, ok = v.Attachment()
	case tagAccount:
		_, ok = v.Account()
	}
	return ok
}
