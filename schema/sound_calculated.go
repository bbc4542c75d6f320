package schema

import (
	"slices"

	"wangge/crdt"
)

// calculatedFault checks what a field is worked out of.
func (k *Kind) calculatedFault(f *Field, i int, at string) *Fault {
	if !f.Calculated() {
		return nil
	}
	sorts := map[FieldType]sort{
		TypeInt: sortNumber, TypeDecimal: sortNumber, TypeBool: sortYesNo, TypeDate: sortText, TypeText: sortText, TypeChoice: sortText,
	}
	want, can := sorts[f.Type]
	if fault := k.broken(
		rule{can && f.Merge == crdt.Register, at + ".is", "an int, decimal, date, text, bool or choice can be worked out, and merges as a register"},
		rule{!f.Required && len(f.Must) == 0, at + ".is", "nobody fills this in: it is neither required nor demands anything; write must at a question"},
		rule{!f.Multiline && (f.Type != TypeText || f.Range == Range{}), at + ".is", "a text that is worked out has neither several lines nor a range"},
	); fault != nil {
		return fault
	}
	if fault := k.beforeFault(f.Is, i, at+".is"); fault != nil {
		return fault
	}
	got, err := k.sortOf(f.Is)
	if err != nil {
		return k.broken(rule{false, at + ".is", err.Error()})
	}
	if fault := k.broken(rule{got == want, at + ".is", "this comes to a " + string(got) + ", and the field's type wants a " + string(want)}); fault != nil {
		return fault
	}
	return k.revealedFault(f, at)
}

// revealedFault keeps what is masked or sealed from being told by what is worked
// out of it.
func (k *Kind) revealedFault(f *Field, at string) *Fault {
	for _, name := range f.Is.Fields() {
		of, _ := k.Field(name)
		tells := f.Type == TypeText || f.Type == TypeDate
		if fault := k.broken(rule{!of.Guarded || !tells || f.Guarded, at + ".guarded", "this may tell what " + name + " masks: guard it too"}); fault != nil {
			return fault
		}
	}
	for _, value := range f.Is.outcomes() {
		s, _ := value.(string)
		if fault := k.broken(rule{f.Type != TypeChoice || f.offers(s), at + ".is", "the field has no option " + s}); fault != nil {
			return fault
		}
	}
	return nil
}

// outcomes returns the values that stand in the formula as its result.
func (f Formula) outcomes() []any {
	switch f.op {
	case opValue:
		return []any{f.operand}
	case "if":
		return slices.Concat(f.args[1].outcomes(), f.args[2].outcomes())
	}
	return nil
}
