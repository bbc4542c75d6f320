package report

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"wangge/crdt"
	"wangge/schema"
)

// Figures holds every report of every kind as counts in cells, one cell for
// each combination of area, day and choices that occurs. A changed record is
// taken out of its old cell and put into its new one, so a report never reads
// records. Its methods may be called from any goroutine.
type Figures struct {
	registry *schema.Registry

	mu    sync.RWMutex // guards what follows
	cubes []*cube
	// linked holds, of the kinds that conditions look at through a link, what
	// each record shows: it may arrive after, and change without, the record
	// that links to it.
	linked map[string]map[crdt.RecordID]crdt.Record
	twins  twins
}

// cube is one report's cells, by their joined keys.
type cube struct {
	kind   *schema.Kind
	report *schema.Report
	cells  map[string]*cell
}

// cell is one combination of keys: area code in full, day, then the report's
// own fields in the order of By.
type cell struct {
	keys    []string
	records int64
	members map[crdt.Value]int64 // of a distinct count: how many records name each
	sum     int64                // of a sum or average, in the unit of its field
	filled  int64                // of those too: the records in which the field is filled in
}

// New returns empty figures of a registry's reports.
func New(registry *schema.Registry) *Figures {
	f := &Figures{registry: registry}
	f.Reset()
	return f
}

// Reset forgets everything, before the records are counted anew.
func (f *Figures) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cubes, f.linked = nil, map[string]map[crdt.RecordID]crdt.Record{}
	f.twins = twins{records: map[crdt.RecordID]crdt.Record{}}
	kinds := f.registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		for j := range k.Reports {
			c := &cube{k, &k.Reports[j], map[string]*cell{}}
			f.cubes = append(f.cubes, c)
			for _, name := range c.linkedKinds() {
				f.linked[name] = map[crdt.RecordID]crdt.Record{}
			}
		}
	}
}

// linkedKinds returns the kinds at which the report's conditions look.
func (c *cube) linkedKinds() []string {
	var names []string
	for _, w := range c.report.Where {
		if link, _ := w.Split(); link != "" {
			if field, ok := c.kind.Field(link); ok {
				names = append(names, field.To)
			}
		}
	}
	return names
}

// Change moves a record from what it was to what it is. A record that is new
// was nothing before.
func (f *Figures) Change(id crdt.RecordID, before, after crdt.Record) {
	before, after = f.registry.Calculate(before), f.registry.Calculate(after)
	f.mu.Lock()
	defer f.mu.Unlock()
	if records, ok := f.linked[after.Kind]; ok {
		records[id] = after
	}
	f.twins.change(id, after)
	for _, c := range f.cubes {
		c.count(before, -1)
		c.count(after, +1)
	}
}

func (c *cube) count(rec crdt.Record, n int64) {
	if !c.counts() || !c.takes(rec) {
		return
	}
	keys := c.keys(rec)
	at := joined(keys)
	cl := c.cells[at]
	if cl == nil {
		cl = &cell{keys: keys, members: map[crdt.Value]int64{}}
		c.cells[at] = cl
	}
	cl.records += n
	if c.report.Count == schema.Distinct {
		member := shown(c.kind, rec, c.report.Of)
		if cl.members[member] += n; cl.members[member] == 0 {
			delete(cl.members, member)
		}
	}
	if value, ok := c.addend(rec); ok {
		cl.sum += n * value
		cl.filled += n
	}
	if cl.records == 0 {
		delete(c.cells, at)
	}
}

// takes reports whether a record is counted.
func (c *cube) takes(rec crdt.Record) bool {
	return rec.Kind == c.kind.Name && rec.Fate() != crdt.Dead && c.own(rec)
}

// joined are a cell's keys as one.
func joined(keys []string) string { return strings.Join(keys, "\x00") }

// own reports whether a record meets the conditions on its own fields.
func (c *cube) own(rec crdt.Record) bool {
	for _, w := range c.report.Where {
		if link, field := w.Split(); link == "" && !w.Holds([]crdt.Value{shown(c.kind, rec, field)}) {
			return false
		}
	}
	return true
}

func (c *cube) keys(rec crdt.Record) []string {
	area, _ := shown(c.kind, rec, c.kind.Area.Field).Text()
	keys := []string{area, schema.Day(shown(c.kind, rec, c.kind.When))}
	for _, name := range c.fields() {
		v := shown(c.kind, rec, name)
		if v == "" {
			keys = append(keys, "")
			continue
		}
		keys = append(keys, fmt.Sprint(schema.Show(v)))
	}
	return keys
}

// fields returns the groupings that are the kind's own fields.
func (c *cube) fields() []string {
	return slices.DeleteFunc(slices.Clone(c.report.By), func(name string) bool {
		return name == schema.ByArea || name == schema.ByDay
	})
}

// shown returns the value that lists show for a field.
func shown(k *schema.Kind, rec crdt.Record, name string) crdt.Value {
	field, ok := k.Field(name)
	if !ok {
		return ""
	}
	return field.Winner(rec.Cells[field.ID])
}
