package crdt

import (
	"maps"
	"slices"
)

// Record is the merged state of one record: its kind and its fields' cells. A
// record without cells does not exist here yet.
type Record struct {
	Kind  string
	Cells map[FieldID]Cell
}

// Apply changes the record by an op named d; see Cell.Apply. Of two kinds that
// claim one record id the first in byte order is taken, so that replicas agree;
// "" claims nothing.
func (r *Record) Apply(d Dot, s Stamp, op Op, held Frontier) {
	if r.Kind == "" || op.Kind != "" && op.Kind < r.Kind {
		r.Kind = op.Kind
	}
	if r.Cells == nil {
		r.Cells = map[FieldID]Cell{}
	}
	r.Cells[op.Field] = r.Cells[op.Field].Apply(d, s, op, held)
}

// ApplyAll changes the record by the ops of a batch that are about it, one after the other as they
// stand there, first being the dot of the first: what as many calls of Apply do. Most batches write a
// record that is new, whose cells are made at once.
func (r *Record) ApplyAll(first Dot, s Stamp, ops []Op, held Frontier) {
	var fresh []Entry // of cells that are written for the first time
	if r.Cells == nil {
		r.Cells = make(map[FieldID]Cell, len(ops))
		fresh = make([]Entry, 0, len(ops))
	}
	for i, op := range ops {
		d := first
		d.Index += uint32(i)
		if r.Kind == "" || op.Kind != "" && op.Kind < r.Kind {
			r.Kind = op.Kind
		}
		c, known := r.Cells[op.Field]
		if fresh != nil && !known && op.Value != "" && len(op.Replaces) == 0 {
			fresh = append(fresh, Entry{d, s, op.Value})
			n := len(fresh)
			r.Cells[op.Field] = Cell{Type: c.merged(op.Type), Entries: fresh[n-1 : n : n]}
			continue
		}
		r.Cells[op.Field] = c.Apply(d, s, op, held)
	}
}

// Fields returns the numbers of the record's fields in order.
func (r Record) Fields() []FieldID {
	fields := make([]FieldID, 0, len(r.Cells))
	for id := range r.Cells {
		fields = append(fields, id)
	}
	slices.Sort(fields)
	return fields
}

// Clone returns a copy whose map is its own; cells are values and are shared.
func (r Record) Clone() Record { return Record{r.Kind, maps.Clone(r.Cells)} }

// Visible returns the record without its kills. Replicas that hold the same
// batches have it equal, always. Kills are equal too as long as writers replace
// only what stands in the field itself; when a faulty one names a dot of
// another field, the order of arrival decides whether a kill stays behind.
func (r Record) Visible() Record {
	seen := r.Clone()
	for id, c := range seen.Cells {
		c.Kills = nil
		seen.Cells[id] = c
	}
	return seen
}

// Stamp returns the moment of the record's latest visible change.
func (r Record) Stamp() Stamp {
	var last Stamp
	for _, c := range r.Cells {
		for _, e := range c.Entries {
			last = max(last, e.Stamp)
		}
	}
	return last
}

// Conflicts returns the fields whose values a person must settle.
func (r Record) Conflicts() []FieldID {
	var fields []FieldID
	for id, c := range r.Cells {
		if id != Deleted && c.Conflict() {
			fields = append(fields, id)
		}
	}
	slices.Sort(fields)
	return fields
}

// Writes are the ops that authors make of what they see.

// Assign returns the op that writes a register's value over all that is
// visible.
func (r Record) Assign(id RecordID, kind string, field FieldID, v Value) Op {
	return Op{id, kind, field, Register, v, r.Cells[field].Dots()}
}

// AddElement returns the op that puts v into a set.
func (r Record) AddElement(id RecordID, kind string, field FieldID, v Value) Op {
	return Op{id, kind, field, Set, v, r.Cells[field].holding(v)}
}

// RemoveElement returns the op that takes v out of a set.
func (r Record) RemoveElement(id RecordID, kind string, field FieldID, v Value) Op {
	return Op{id, kind, field, Set, "", r.Cells[field].holding(v)}
}

// Add returns the op by which w adds n to a counter. It replaces w's own entry
// by w's new total, so a counter keeps one entry a writer. Only w's own ops may
// replace it, and w makes them one after the other: two ops made of one state
// would count that state twice.
func (r Record) Add(id RecordID, kind string, field FieldID, w Writer, n int64) Op {
	op := Op{Record: id, Kind: kind, Field: field, Type: Counter}
	for _, e := range r.Cells[field].Entries {
		if e.Dot.Writer == w && len(op.Replaces) < ReplacesMax {
			total, _ := e.Value.Int()
			n += total
			op.Replaces = append(op.Replaces, e.Dot)
		}
	}
	op.Value = Int(n)
	return op
}

func (c Cell) holding(v Value) []Dot {
	return c.dots(func(e Entry) bool { return e.Value == v })
}
