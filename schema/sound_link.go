package schema

import "slices"

// linkFault checks where a field points. Inline links do not nest: a form within
// a form within a form cannot be filled in on a tablet.
func (r *Registry) linkFault(k *Kind, f *Field, at string) *Fault {
	links := f.Type == TypeLink || f.Type == TypeLinks
	if fault := k.broken(
		rule{links == (f.To != ""), at + ".to", "a link names the kind it points at, and nothing else does"},
		rule{!f.Inline || links, at + ".inline", "only a link can be inline"},
		rule{f.Parent == "" || f.Inline && f.Type == TypeLinks, at + ".parent", "only inline links have a link back"},
	); fault != nil || f.To == "" {
		return fault
	}
	to, ok := r.Kind(f.To)
	if !ok {
		return k.broken(rule{false, at + ".to", noKind(f.To)})
	}
	if !f.Inline {
		return nil
	}
	own, _ := k.Field(k.Area.Field)
	inner, _ := to.Field(to.Area.Field)
	return k.broken(
		rule{!slices.ContainsFunc(to.Fields, func(f Field) bool { return f.Inline }), at + ".inline", "the kind it points at has an inline link itself"},
		rule{own == nil || inner == nil || inner.Type.areaDigits() <= own.Type.areaDigits(), at + ".inline", "the kind it points at needs a finer area than this form has"},
		rule{!to.Decide, at + ".inline", "only the county makes records of the kind it points at: pick one that is there"},
		rule{f.Parent == "" || to.linksTo(f.Parent, k.Name), at + ".parent", "name a link of " + to.Name + " that points at " + k.Name + ", and is always asked"},
	)
}

func noKind(name string) string {
	return "there is no kind " + name + ": correct the name, or put its file beside this one"
}

// linksTo reports whether the field of that name is a link to the kind.
func (k *Kind) linksTo(name, kind string) bool {
	f, ok := k.Field(name)
	return ok && f.Type == TypeLink && f.To == kind && !f.Inline && f.Ask.IsZero()
}
