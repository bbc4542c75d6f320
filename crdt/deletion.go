package crdt

import "encoding/binary"

// Deleted is the field that says what was seen of a record when it was deleted.
// A record without it is alive, which costs nothing; an edit need not repeat
// that the record is alive. A deletion takes no value away: it holds for what
// its author had seen, and an edit that it did not see keeps the record alive.
const Deleted FieldID = 0

// tagSeen marks a value that names, for each writer of what was visible in a
// record, the number of the latest batch. Streams are held without gaps, so who
// saw a batch of a writer had all before it.
const tagSeen = 's'

func seen(f Frontier) Value {
	b := []byte{tagSeen}
	for _, w := range f.Writers() {
		b = binary.AppendUvarint(b, uint64(w.Device()))
		b = binary.AppendUvarint(b, uint64(w.Incarnation()))
		b = binary.AppendUvarint(b, f[w])
	}
	return Value(b)
}

// seen returns what a deletion covers, and whether the value is one. Writers
// stand in order, each once, and numbers in their shortest form, so that equal
// deletions have equal bytes.
func (v Value) seen() (Frontier, bool) {
	p, ok := v.payload(tagSeen)
	if !ok {
		return nil, false
	}
	f := Frontier{}
	for b := []byte(p); len(b) > 0; {
		var part [3]uint64
		for i := range part {
			n, size := binary.Uvarint(b)
			if size <= 0 {
				return nil, false
			}
			part[i], b = n, b[size:]
		}
		if part[0] > 1<<32-1 || part[1] > 1<<32-1 || part[2] == 0 {
			return nil, false
		}
		f[NewWriter(uint32(part[0]), uint32(part[1]))] = part[2]
	}
	return f, len(f) > 0 && seen(f) == v
}

// Delete returns the op that deletes what is visible of the record now.
func (r Record) Delete(id RecordID) Op {
	f := Frontier{}
	for field, c := range r.Cells {
		for _, e := range c.Entries {
			if field != Deleted {
				f.Raise(e.Dot.Writer, e.Dot.Seq)
			}
		}
	}
	return Op{id, r.Kind, Deleted, Register, seen(f), r.Cells[Deleted].Dots()}
}

// Restore returns the op that takes back every deletion that is visible.
func (r Record) Restore(id RecordID) Op {
	return Op{id, r.Kind, Deleted, Register, "", r.Cells[Deleted].Dots()}
}

// Fate says whether a record is alive.
type Fate int

// The fates.
const (
	Alive    Fate = iota
	Disputed      // deleted by somebody who had not seen all of it: alive, and a person should look
	Dead
)

// String returns the fate's name.
func (f Fate) String() string { return [...]string{"alive", "disputed", "dead"}[f] }

// Fate returns what became of the record: it is dead when each of its visible
// values was seen by somebody who deleted it. What nobody wrote, but was worked out of
// the others, has no dot and nothing to do with it.
func (r Record) Fate() Fate {
	if len(r.Cells[Deleted].Entries) == 0 {
		return Alive
	}
	covered := Frontier{}
	for _, d := range r.Deletions() {
		for w, seq := range d.Seen {
			covered.Raise(w, seq)
		}
	}
	for field, c := range r.Cells {
		for _, e := range c.Entries {
			if field != Deleted && e.Dot.Seq != 0 && !covered.Has(e.Dot) {
				return Disputed
			}
		}
	}
	return Dead
}

// Deletion is a visible deletion: who wrote it, when, and up to where it covers each
// writer's stream.
type Deletion struct {
	Dot   Dot
	Stamp Stamp
	Seen  Frontier
}

// Deletions returns the deletions that are visible, in dot order.
func (r Record) Deletions() []Deletion {
	var all []Deletion
	for _, e := range r.Cells[Deleted].Entries {
		if f, ok := e.Value.seen(); ok {
			all = append(all, Deletion{e.Dot, e.Stamp, f})
		}
	}
	return all
}
