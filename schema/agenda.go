package schema

import (
	"cmp"
	"slices"
	"strings"

	"wangge/crdt"
)

// Agenda knows what is to be done, as records come and change: an index by which a
// tablet with ten thousand records has its day's list at once. It reads no clock. It
// may not be used from two goroutines at a time.
type Agenda struct {
	registry *Registry
	calendar Calendar
	causes   map[crdt.RecordID]cause
	doings   map[doingAt][]int64 // when somebody did something about a record
	doing    map[string][]Doing  // the ways in which records of a kind do something, none twice
}

// cause is a record that causes work.
type cause struct {
	space crdt.Space
	area  string
	tasks []caused
}

// doingAt is one way of doing something about one record.
type doingAt struct {
	kind, link string
	about      crdt.RecordID
}

// Item is a thing to do and the record that causes it.
type Item struct {
	Work
	Space crdt.Space
	ID    crdt.RecordID
	Area  string // the full code
}

// NewAgenda returns the agenda of no records.
func NewAgenda(r *Registry, c Calendar) *Agenda {
	a := &Agenda{r, c, map[crdt.RecordID]cause{}, map[doingAt][]int64{}, map[string][]Doing{}}
	for i := range r.kinds {
		for _, t := range r.kinds[i].Tasks {
			for _, d := range []Doing{t.By, t.Escalate.Raise} {
				way := Doing{Kind: d.Kind, Link: d.Link}
				if d.Kind != "" && !slices.Contains(a.doing[d.Kind], way) {
					a.doing[d.Kind] = append(a.doing[d.Kind], way)
				}
			}
		}
	}
	return a
}

// Change puts a record as it is now in place of what it was; one that is new was
// nothing before.
func (a *Agenda) Change(space crdt.Space, id crdt.RecordID, before, after crdt.Record) {
	a.did(before, false)
	a.did(after, true)
	k, ok := a.registry.Kind(after.Kind)
	if before.Kind != "" {
		delete(a.causes, id)
	}
	if !ok || len(k.Tasks) == 0 || after.Fate() == crdt.Dead {
		return
	}
	of := k.readingOf(after)
	c := cause{space: space}
	for i := range k.Tasks {
		if caused, ok := k.cause(&k.Tasks[i], of); ok {
			c.tasks = append(c.tasks, caused)
		}
	}
	if len(c.tasks) > 0 {
		area, _ := of(k.Area.Field).(string)
		c.area = strings.Clone(area) // which is a part of the record
		a.causes[id] = c
	}
}

// did notes what a record does about others, or takes it back.
func (a *Agenda) did(rec crdt.Record, add bool) {
	if len(a.doing[rec.Kind]) == 0 || rec.Fate() == crdt.Dead {
		return
	}
	k, _ := a.registry.Kind(rec.Kind)
	at := k.moment(rec)
	for _, d := range a.doing[rec.Kind] {
		link, _ := k.Field(d.Link)
		for _, v := range rec.Cells[link.ID].Values() {
			about, ok := v.Ref()
			if !ok {
				continue
			}
			key := doingAt{d.Kind, d.Link, about}
			moments := a.doings[key]
			i, found := slices.BinarySearch(moments, at)
			if add {
				moments = slices.Insert(moments, i, at)
			} else if found {
				moments = slices.Delete(moments, i, i+1)
			}
			if a.doings[key] = moments; len(moments) == 0 {
				delete(a.doings, key)
			}
		}
	}
}

// moment returns when what a record tells of happened: as its kind dates it, else when
// it was last written.
func (k *Kind) moment(rec crdt.Record) int64 {
	if f, ok := k.Field(k.When); ok {
		v := f.Winner(rec.Cells[f.ID])
		if ms, ok := v.Int(); ok {
			return ms
		}
		if day, ok := v.Text(); ok && dateComplaint(day).Empty() {
			return startOf(day)
		}
	}
	return rec.Stamp().Millis()
}

// At returns what is to be done at a moment about the records of an area, "" for all:
// the longest due first, and last what nobody can date.
func (a *Agenda) At(now int64, area string) []Item {
	var items []Item
	for id, c := range a.causes {
		if len(c.area) < len(area) || c.area[:len(area)] != area {
			continue
		}
		for _, one := range c.tasks {
			d := done{a.about(one.task.By, id), a.about(one.task.Escalate.Raise, id)}
			if w, ok := one.work(d, a.calendar, now); ok {
				items = append(items, Item{w, c.space, id, c.area})
			}
		}
	}
	slices.SortFunc(items, Item.compare)
	return items
}

// compare orders by the moment, and what is due at one alike on every machine.
func (i Item) compare(o Item) int {
	if (i.Unknown == 0) != (o.Unknown == 0) {
		return cmp.Compare(i.Unknown, o.Unknown)
	}
	return cmp.Or(cmp.Compare(i.Due, o.Due), i.ID.Compare(o.ID), cmp.Compare(i.Task.Name, o.Task.Name))
}

func (a *Agenda) about(d Doing, id crdt.RecordID) []int64 {
	return a.doings[doingAt{d.Kind, d.Link, id}]
}
