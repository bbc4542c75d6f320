package wire

import (
	"encoding/binary"

	"wangge/crdt"
)

// The parts that batches, records and messages are made of.

func appendBytes[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendSpace(b []byte, s crdt.Space) []byte {
	return append(appendBytes(b, s.Area), byte(s.Class))
}

// space refuses a class that this node does not know: a class decides who may
// read, so a node that cannot guard it must not hold it.
func (r *reader) space() crdt.Space {
	s := crdt.Space{Area: string(r.sized("a space's area", 17)), Class: crdt.Class(r.byte("a space's class"))}
	r.check(crdt.IsArea(s.Area), "a space's area")
	r.check(s.Class <= crdt.Confidential, "a space's class")
	return s
}

func appendWriter(b []byte, w crdt.Writer) []byte {
	b = binary.AppendUvarint(b, uint64(w.Device()))
	return binary.AppendUvarint(b, uint64(w.Incarnation()))
}

func (r *reader) writer() crdt.Writer {
	device := r.uint("a writer's device", 1<<32-1)
	return crdt.NewWriter(uint32(device), uint32(r.uint("a writer's incarnation", 1<<32-1)))
}

// seq takes the number of a batch. Streams count from 1.
func (r *reader) seq() uint64 {
	n := r.uint("a batch's number", seqMax)
	r.check(n > 0, "a batch's number")
	return n
}

func appendDot(b []byte, d crdt.Dot) []byte {
	b = appendWriter(b, d.Writer)
	b = binary.AppendUvarint(b, d.Seq)
	return binary.AppendUvarint(b, uint64(d.Index))
}

func (r *reader) dot() crdt.Dot {
	return crdt.Dot{Writer: r.writer(), Seq: r.seq(), Index: uint32(r.uint("a dot's place", OpsMax-1))}
}

func appendDots(b []byte, dots []crdt.Dot) []byte {
	b = binary.AppendUvarint(b, uint64(len(dots)))
	for _, d := range dots {
		b = appendDot(b, d)
	}
	return b
}

// dots takes a list of dots in order, none twice.
func (r *reader) dots(limit int) []crdt.Dot {
	n := r.count("a number of dots", limit, 4)
	if n == 0 {
		return nil
	}
	dots := make([]crdt.Dot, n)
	for i := range dots {
		dots[i] = r.dot()
		r.check(i == 0 || dots[i-1].Compare(dots[i]) < 0, "dots out of order")
	}
	return dots
}

// kind takes a kind's name. The empty name names no kind.
func (r *reader) kind() string {
	s := r.text("a kind", kindMax)
	r.check(s != "", "a kind")
	return s
}

// mergeType takes a field's merge type, also one that this node does not know:
// all merge alike. 0 is none.
func (r *reader) mergeType() crdt.Type {
	t := crdt.Type(r.byte("a merge type"))
	r.check(t != 0, "a merge type")
	return t
}

func (r *reader) stamp() crdt.Stamp { return crdt.Stamp(r.uint("a stamp", 1<<64-1)) }

func (r *reader) value() crdt.Value {
	var v crdt.Value
	if part := r.sized("a value", BatchMax); r.whole == "" {
		v = crdt.Value(part)
	} else {
		end := len(r.whole) - len(r.b)
		v = crdt.Value(r.whole[end-len(part) : end])
	}
	r.check(v.Valid(), "a value")
	return v
}
