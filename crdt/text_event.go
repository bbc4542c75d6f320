package crdt

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

// What an event may hold. Nobody types that much between two saves; an import
// is cut into several events.
const (
	parentsMax   = ReplacesMax
	editsMax     = 1 << 16 // edits of one event
	positionMax  = 1 << 30 // code points before an edit, or that it cuts
	eventMax     = 1 << 20 // bytes of an event's body when unpacked
	packMin      = 512     // bytes from which packing is tried
	packRatioMax = 4       // bytes that one packed byte may become: notes pack to a third
)

// The forms of an event's body.
const (
	formPlain  = 0
	formPacked = 1
)

// What an edit's key says besides the position.
const (
	keyCuts = 1
	keyPuts = 2
)

// Event returns the value of one event of a text: the edits, one after the
// other, of the text that its author saw. The parents are the heads of that
// text (see Cell.TextHeads). Touching edits become one. The value is Valid if
// there is something to do, and not too much: at most 65536 edits and 1 MiB.
func Event(parents []Dot, edits ...Edit) Value {
	seen := slices.SortedFunc(slices.Values(parents), Dot.Compare)
	return event(slices.Compact(seen), joined(edits))
}

func event(parents []Dot, edits []Edit) Value {
	body := appendEdits(nil, edits)
	form := byte(formPlain)
	if packed, ok := pack(body); ok {
		form, body = formPacked, packed
	}
	return Value(append(appendParents([]byte{tagEvent, form}, parents), body...))
}

func appendParents(b []byte, parents []Dot) []byte {
	b = binary.AppendUvarint(b, uint64(len(parents)))
	for _, d := range parents {
		b = binary.AppendUvarint(b, uint64(d.Writer.Device()))
		b = binary.AppendUvarint(b, uint64(d.Writer.Incarnation()))
		b = binary.AppendUvarint(b, d.Seq)
		b = binary.AppendUvarint(b, uint64(d.Index))
	}
	return b
}

// appendEdits writes the edits in columns, which pack better than rows: keys,
// numbers cut, bytes put, and all the text. A key holds how far the edit stands
// from the end of the one before, which is mostly near.
func appendEdits(b []byte, edits []Edit) []byte {
	var cuts, puts []byte
	var text strings.Builder
	b = binary.AppendUvarint(b, uint64(len(edits)))
	end := 0
	for _, e := range edits {
		key := zigzag(e.At-end) << 2
		if e.Cut != 0 {
			key |= keyCuts
			cuts = binary.AppendUvarint(cuts, uint64(e.Cut))
		}
		put := strings.ToValidUTF8(e.Put, "\uFFFD")
		if put != "" {
			key |= keyPuts
			puts = binary.AppendUvarint(puts, uint64(len(put)))
			text.WriteString(put)
		}
		b = binary.AppendUvarint(b, key)
		end = e.At + utf8.RuneCountInString(put)
	}
	return append(slices.Concat(b, cuts, puts), text.String()...)
}

func zigzag(n int) uint64 { return uint64(n)<<1 ^ uint64(n>>63) }

// pack returns the body deflated, behind its own size, if that gains, and no
// more than a reader takes.
func pack(body []byte) ([]byte, bool) {
	if len(body) < packMin {
		return nil, false
	}
	b := bytes.NewBuffer(binary.AppendUvarint(nil, uint64(len(body))))
	head := b.Len()
	w, err := flate.NewWriter(b, flate.BestCompression)
	if err != nil {
		panic("crdt: the best compression is no level of flate: " + err.Error())
	}
	_, failed := w.Write(body)
	if err := w.Close(); err != nil || failed != nil {
		panic("crdt: flate cannot write to memory")
	}
	gains := b.Len() < len(body) && len(body) <= packRatioMax*(b.Len()-head)
	return b.Bytes(), gains
}
