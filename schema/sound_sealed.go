package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

// A sealed field is shown in its own record and nowhere else. What would tell of it
// from elsewhere is refused here, so that nobody has to remember it: what identifies,
// places or dates a record, what is worked out of it or hangs on it, and reports.

// sealedFault checks what a sealed field may be, and that no open one tells of it.
func (k *Kind) sealedFault(f *Field, at string) *Fault {
	for _, name := range slices.Concat(f.Is.Fields(), f.Ask.Fields()) {
		of, ok := k.Field(name)
		if fault := k.broken(rule{!ok || !of.Sealed || f.Sealed, at + ".sealed", "this tells of " + name + ", which is sealed: seal it too"}); fault != nil {
			return fault
		}
	}
	if !f.Sealed {
		return nil
	}
	needed := f.Name == k.Area.Field || f.Name == k.When || slices.Contains(k.Identity, f.Name)
	return k.broken(
		rule{k.Class != crdt.Open, at + ".sealed", "a kind with sealed fields must be personal or confidential"},
		rule{!needed, at + ".sealed", "what places, dates or identifies a record cannot be sealed"},
		rule{!f.Guarded, at + ".sealed", "a sealed field stands in no list that could mask it: it is not guarded as well"},
	)
}

// openFault checks that a report speaks of no sealed field.
func (r *Registry) openFault(k *Kind, report *Report, at string) *Fault {
	sealed := func(f *Field, ok bool) bool { return ok && f.Sealed }
	for _, of := range [][2]string{{report.Of, ".of"}, {report.When, ".when"}, {report.From, ".from"}, {report.To, ".to"}} {
		if sealed(k.Field(of[0])) && (of[1] != ".of" || report.Count != Ratio && !report.Compares()) {
			return k.broken(rule{false, at + of[1], of[0] + " is sealed: no figure may tell of it"})
		}
	}
	for i, by := range report.By {
		if sealed(k.Field(by)) {
			return k.broken(rule{false, fmt.Sprintf("%s.by[%d]", at, i), by + " is sealed: no figure may tell of it"})
		}
	}
	for i, c := range report.Where {
		link, inner, _ := c.Through()
		of, _ := r.linked(k, link)
		for _, name := range inner.Fields() {
			if sealed(of.Field(name)) || sealed(k.Field(link)) {
				return k.broken(rule{false, fmt.Sprintf("%s.where[%d]", at, i), name + " is sealed: no figure may tell of it"})
			}
		}
	}
	return nil
}

// systemFault checks that a system has one name in each language.
func (r *Registry) systemFault(k *Kind) *Fault {
	other := slices.IndexFunc(r.kinds, func(o Kind) bool { return (o.System.Zh == k.System.Zh) != (o.System.En == k.System.En) })
	return k.broken(
		rule{k.System.Empty() || k.System.both(), "system", "give the system's name in both languages, zh and en"},
		rule{k.System.Empty() || other < 0 || r.kinds[other].System.Empty(), "system", "another kind calls this system otherwise: give it one name"},
	)
}
