// Package registrar works out what only the county can decide: the numbers of records, and who was the first.
package registrar

import (
	"maps"
	"slices"
	"sync"

	"wangge/crdt"
	"wangge/schema"
)

// Decision is a value that the county is to write into a field.
type Decision struct {
	Space crdt.Space
	ID    crdt.RecordID
	Field *schema.Field
	Value crdt.Value
}

// Registrar knows which records wait for a decision, and which numbers were given. Every
// replica of the hub keeps one beside its figures, so that whoever comes to lead can go
// on; whether what it then decides counts, the log of the hub says. Its methods may be
// called from any goroutine.
type Registrar struct {
	mu       sync.Mutex
	registry *schema.Registry         // guarded by mu
	wait     map[crdt.RecordID]waiter // guarded by mu
	last     map[string]uint64        // guarded by mu; by kind and what the numbers begin with
}

type waiter struct {
	space crdt.Space
	rec   crdt.Record
}

// New returns a registrar that knows of no record.
func New(registry *schema.Registry) *Registrar {
	r := &Registrar{}
	r.Reset(registry)
	return r
}

// Reset forgets everything, before the records are shown anew, which may be by other
// kinds.
func (r *Registrar) Reset(registry *schema.Registry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.registry, r.wait, r.last = registry, map[crdt.RecordID]waiter{}, map[string]uint64{}
}

// Change shows a record as it is now.
func (r *Registrar) Change(space crdt.Space, id crdt.RecordID, rec crdt.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kind, ok := r.registry.Kind(rec.Kind)
	if !ok {
		r.unknown(id, rec)
		return
	}
	waits := false
	for i := range kind.Fields {
		f := &kind.Fields[i]
		if !f.Decided() {
			continue
		}
		r.given(kind, f, rec)
		waits = waits || open(kind, f, rec)
	}
	if waits {
		r.wait[id] = waiter{space, rec}
	} else {
		delete(r.wait, id)
	}
}

// unknown takes note of the numbers of a record that is of no kind here: those that its id
// says it is of. They were given, whatever is claimed of it since.
func (r *Registrar) unknown(id crdt.RecordID, rec crdt.Record) {
	delete(r.wait, id)
	for i := range r.registry.Kinds() {
		kind := &r.registry.Kinds()[i]
		for j := range kind.Fields {
			if f := &kind.Fields[j]; f.Decided() && len(rec.Cells[f.ID].Entries) > 0 && id.IsOf(kind.Name) {
				r.given(kind, f, rec)
			}
		}
	}
}

// given takes note of the numbers that a record has: of a dead one too, for no number is
// given twice.
func (r *Registrar) given(kind *schema.Kind, f *schema.Field, rec crdt.Record) {
	if f.Decide.Number == "" {
		return
	}
	for _, v := range rec.Cells[f.ID].Values() {
		text, _ := v.Text()
		if begin, n, ok := f.Decide.ReadNumber(text); ok {
			at := series(kind, f, begin)
			r.last[at] = max(r.last[at], n)
		}
	}
}

// series names numbers that must be unlike each other.
func series(kind *schema.Kind, f *schema.Field, begin string) string {
	return kind.Name + "\x00" + f.Name + "\x00" + begin
}

// open reports whether the county has something to decide of a record.
func open(kind *schema.Kind, f *schema.Field, rec crdt.Record) bool {
	if rec.Fate() == crdt.Dead || len(rec.Cells[f.ID].Entries) > 0 {
		return false
	}
	if f.Decide.Number != "" {
		_, ok := kind.NumberBegin(f, rec)
		return ok
	}
	return f.Decide.First != "" && kind.FirstOf(f, rec) != ""
}

// Waiting returns how many records wait for a field of a kind to be given.
func (r *Registrar) Waiting(kind *schema.Kind, f *schema.Field) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.wait {
		if w.rec.Kind == kind.Name && open(kind, f, w.rec) {
			n++
		}
	}
	return n
}

// Due returns what is to be decided of the records that wait, of at most so many of
// them, the oldest first. Numbers go on from those that were given; none of them counts
// as given until a record shows it.
func (r *Registrar) Due(records int) []Decision {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := map[string]uint64{}
	var due []Decision
	ids := slices.SortedFunc(maps.Keys(r.wait), crdt.RecordID.Compare)
	for _, id := range ids[:min(records, len(ids))] {
		w := r.wait[id]
		kind, _ := r.registry.Kind(w.rec.Kind)
		for i := range kind.Fields {
			if f := &kind.Fields[i]; f.Decided() && open(kind, f, w.rec) {
				due = append(due, Decision{w.space, id, f, r.decide(kind, f, w.rec, last)})
			}
		}
	}
	return due
}

func (r *Registrar) decide(kind *schema.Kind, f *schema.Field, rec crdt.Record, last map[string]uint64) crdt.Value {
	if f.Decide.Number == "" {
		return kind.FirstOf(f, rec)
	}
	begin, _ := kind.NumberBegin(f, rec)
	at := series(kind, f, begin)
	last[at] = max(last[at], r.last[at]) + 1
	return crdt.Text(f.Decide.Numbered(begin, last[at]))
}
