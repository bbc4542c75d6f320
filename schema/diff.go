package schema

import (
	"fmt"
	"reflect"
	"slices"

	"wangge/crdt"
)

// Change is one difference between two versions of a county's kinds.
type Change struct {
	Kind   string `json:"kind"`
	Path   string `json:"path"`   // as kinds are written, such as fields.status.merge
	Breaks bool   `json:"breaks"` // what was written with the old kinds would be read wrongly
	Text   string `json:"text"`   // what it means, and what to do if it breaks
}

// Diff returns what turns the kinds of old into those of new, kind by kind. Machines
// with either work on one record for months, so a field is what it was for as long
// as there are records: it may be retired, but not become another.
func Diff(old, new *Registry) []Change {
	var d diff
	for _, was := range old.Kinds() {
		d.kind = was.Name
		if now, ok := new.Kind(was.Name); ok {
			d.kinds(&was, now)
		} else {
			d.breaks("kind", "its records would be shown by their numbers: keep the kind")
		}
	}
	for _, now := range new.Kinds() {
		if _, ok := old.Kind(now.Name); !ok {
			d.kind = now.Name
			d.adds("kind", "a new kind")
		}
	}
	return d.changes
}

// diff gathers changes of the kind that is being looked at.
type diff struct {
	kind    string
	changes []Change
}

func (d *diff) breaks(path, text string) {
	d.changes = append(d.changes, Change{d.kind, path, true, text})
}
func (d *diff) adds(path, text string) {
	d.changes = append(d.changes, Change{d.kind, path, false, text})
}

// differ notes something that must stay as it was.
func differ[T comparable](d *diff, path string, was, now T, why string) {
	if was != now {
		d.breaks(path, fmt.Sprintf("%v became %v: %s", was, now, why))
	}
}

func (d *diff) kinds(was, now *Kind) {
	differ(d, "class", was.Class, now.Class, "records would stand in another space: make it a new kind")
	differ(d, "area", was.Area, now.Area, "records would stand in another space: make it a new kind")
	if !slices.Equal(was.Identity, now.Identity) {
		d.breaks("identity", "the same person or thing would get a second record: make it a new kind")
	}
	if was.When != now.When {
		d.adds("when", "reports count earlier records anew, by another moment")
	}
	if !reflect.DeepEqual(was.Names, now.Names) {
		d.adds("names", "areas are called by other fields of its records")
	}
	if !reflect.DeepEqual(was.Alike, now.Alike) {
		d.adds("alike", "other records are shown as perhaps the same")
	}
	for _, f := range was.Fields {
		d.field(was, now, &f)
	}
	for _, f := range now.Fields {
		at := "fields." + f.Name
		if slices.Contains(was.Retired, f.ID) {
			d.breaks(at+".id", fmt.Sprintf("%d was another field's, of which there are records: take a number that was never used", f.ID))
		} else if _, known := was.FieldByID(f.ID); !known {
			d.adds(at, "a new field")
		}
	}
	for _, id := range was.Retired {
		if !slices.Contains(now.Retired, id) {
			d.breaks("retired", fmt.Sprintf("%d is missing: who has a retired number is remembered here, so that it is never used again", id))
		}
	}
	d.tasks(was, now)
	d.reports(was, now)
}

func (d *diff) tasks(was, now *Kind) {
	named := func(name string) func(Task) bool { return func(t Task) bool { return t.Name == name } }
	for _, t := range was.Tasks {
		if !slices.ContainsFunc(now.Tasks, named(t.Name)) {
			d.adds("tasks."+t.Name, "the task is gone; nobody is told of this work any more")
		}
	}
	for _, t := range now.Tasks {
		if !slices.ContainsFunc(was.Tasks, named(t.Name)) {
			d.adds("tasks."+t.Name, "a new task, which earlier records cause too")
		}
	}
}

// field compares what one number stands for.
func (d *diff) field(was, now *Kind, f *Field) {
	at := "fields." + f.Name
	same, ok := now.FieldByID(f.ID)
	switch {
	case ok:
		d.fields(at, f, same)
		d.guards(at, was.Masks(f) || f.Sealed, now.Masks(same), same)
	case slices.Contains(now.Retired, f.ID):
		d.adds(at, "retired: what was written in it is kept and shown by its number")
	default:
		d.breaks(at, fmt.Sprintf("it is gone: put its number into the kind's list retired: [%d], so that it is never used again", f.ID))
	}
}

// guards compares who may read what a field says: never more than were promised.
func (d *diff) guards(at string, kept, masks bool, now *Field) {
	switch keeps := masks || now.Sealed; {
	case kept && now.Office && !keeps:
		d.breaks(at+".office", "lists would show what people were promised to be masked: leave it out")
	case !kept && now.Sealed:
		d.adds(at+".sealed", "no list, report or export shows it from now on, of earlier records neither")
	case !kept && keeps:
		d.adds(at+".guarded", "lists and exports mask it from now on, of earlier records too")
	}
}

func (d *diff) fields(at string, was, now *Field) {
	differ(d, at+".name", was.Name, now.Name, "forms and exports name it so: keep the name and change the title, or add a field")
	differ(d, at+".type", was.Type, now.Type, "what was written would be read as something else: add a field and retire this one")
	differ(d, at+".merge", was.Merge, now.Merge, "what was written apart would merge in two ways: add a field and retire this one")
	differ(d, at+".is", was.Calculated(), now.Calculated(), "what is worked out is never written, and what was written is never worked out: add a field and retire this one")
	differ(d, at+".to", was.To, now.To, "links would point at records of another kind: add a field and retire this one")
	if was.Sealed && !now.Sealed {
		d.breaks(at+".sealed", "lists and exports would show what people were promised to be kept in its record: keep it sealed")
	}
	if was.Guarded && !now.Guarded && !now.Sealed {
		d.breaks(at+".guarded", "lists would show what people were promised to be masked: keep it guarded")
	}
	if !was.Required && now.Required {
		d.adds(at+".required", "forms must fill it in; records without it stay as they are")
	}
	for _, o := range was.Options {
		if !slices.ContainsFunc(now.Options, func(other Option) bool { return other.Value == o.Value }) {
			d.adds(at+".options", o.Value+" is not offered any more; records that say so keep it")
		}
	}
	for _, o := range was.Options {
		if other, ok := now.option(o.Value); ok && (!slices.Equal(o.After, other.After) || o.begins() != other.begins()) {
			d.adds(at+".options", "earlier cases are folded anew, since "+o.Value+" comes after other rungs")
		}
	}
	for _, o := range now.Options {
		if !slices.ContainsFunc(was.Options, func(other Option) bool { return other.Value == o.Value }) && was.Type == now.Type {
			d.adds(at+".options", o.Value+" is new; older machines show it as it is written")
		}
	}
}

func (d *diff) reports(was, now *Kind) {
	find := func(k *Kind, name string) int {
		return slices.IndexFunc(k.Reports, func(r Report) bool { return r.Name == name })
	}
	for _, r := range was.Reports {
		if find(now, r.Name) < 0 {
			d.adds("reports."+r.Name, "the report is gone; its figures are not counted any more")
		}
	}
	for _, r := range now.Reports {
		i := find(was, r.Name)
		if i < 0 {
			d.adds("reports."+r.Name, "a new report, which counts earlier records too")
		}
		for _, by := range r.Publish {
			if i < 0 || !slices.Contains(was.Reports[i].Publish, by) {
				d.adds("reports."+r.Name+".publish", "of months that are closed from now on the city sees it by "+by)
			}
		}
	}
}

// retiredFault checks the numbers that are never used again.
func (k *Kind) retiredFault() *Fault {
	for i, id := range k.Retired {
		at := fmt.Sprintf("retired[%d]", i)
		f, used := k.FieldByID(id)
		name := ""
		if used {
			name = f.Name
		}
		if fault := k.broken(
			rule{id > crdt.Deleted && id < crdt.Alias, at, "a field's id is from 1 to 65534"},
			rule{!used, at, "the field " + name + " has this number: give it another that was never used"},
			rule{slices.Index(k.Retired, id) == i, at, "the number stands here twice"},
		); fault != nil {
			return fault
		}
	}
	return nil
}
