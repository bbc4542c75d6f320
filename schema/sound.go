package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

// The bounds of what a county may declare. A form that meets them cannot be
// filled in.
const (
	kindsMax   = 1000
	fieldsMax  = 200
	optionsMax = 500
)

// fault returns the first declaration that does not hold, or nil. Names come
// first, since kinds point at each other by name.
func (r *Registry) fault() *Fault {
	for i := range r.kinds {
		k := &r.kinds[i]
		first, _ := r.Kind(k.Name)
		if fault := k.broken(
			rule{i < kindsMax, "name", fmt.Sprintf("there are more than %d kinds", kindsMax)},
			rule{isName(k.Name), "name", nameRule},
			rule{first == k, "name", "another kind has this name already"},
		); fault != nil {
			return fault
		}
	}
	for i := range r.kinds {
		if fault := r.kindFault(&r.kinds[i]); fault != nil {
			return fault
		}
	}
	return nil
}

func (r *Registry) kindFault(k *Kind) *Fault {
	if fault := k.broken(
		rule{k.Title.both(), "title", titleRule},
		rule{k.Class <= crdt.Confidential, "class", "a class is open, personal or confidential"},
		rule{len(k.Fields) > 0 && len(k.Fields) <= fieldsMax, "fields", fmt.Sprintf("a kind has 1 to %d fields", fieldsMax)},
	); fault != nil {
		return fault
	}
	for i := range k.Fields {
		if fault := r.fieldFault(k, i); fault != nil {
			return fault
		}
	}
	for _, check := range []func(*Kind) *Fault{(*Kind).retiredFault, decidedFault, areaFault, whenFault, identityFault, namesFault, alikeFault, r.systemFault, r.tasksFault, r.reportsFault} {
		if fault := check(k); fault != nil {
			return fault
		}
	}
	return nil
}

func areaFault(k *Kind) *Fault {
	f, ok := k.Field(k.Area.Field)
	if !ok {
		return k.broken(rule{false, "area.field", "name the field that holds the record's area"})
	}
	levels := []int{County, Township, Community}
	return k.broken(
		rule{f.Type.areaDigits() > 0, "area.field", "the area's field must be a county, district, area, grid or household"},
		rule{f.Required, "area.field", "the area's field must be required: a record without an area has no space"},
		rule{slices.Contains(levels, k.Area.Level), "area.level", "a level is county, township or community"},
		rule{k.Area.Level <= f.Type.areaDigits(), "area.level", "the field's codes are shorter than this level"},
	)
}

func whenFault(k *Kind) *Fault {
	if k.When == "" {
		return nil
	}
	f, ok := k.Field(k.When)
	return k.broken(
		rule{ok, "when", "the kind has no such field"},
		rule{ok && (f.Type == TypeInstant || f.Type == TypeDate), "when", "the field that dates a record must be an instant or a date"},
	)
}

func identityFault(k *Kind) *Fault {
	for i, name := range k.Identity {
		at := fmt.Sprintf("identity[%d]", i)
		f, ok := k.Field(name)
		if fault := k.broken(
			rule{ok, at, "the kind has no such field"},
			rule{ok && f.Required, at, "a field of the identity must be required"},
			rule{ok && f.Merge == crdt.Register && !f.Inline, at, "a field of the identity must be a register, and no form of its own"},
			rule{slices.Index(k.Identity, name) == i, at, "the field stands here twice"},
		); fault != nil {
			return fault
		}
	}
	return nil
}
