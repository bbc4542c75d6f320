package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

func (t FieldType) known() bool { return slices.Contains(FieldTypes(), t) }

// merges reports whether a field of type t may merge so. A set needs values that
// are chosen one by one, counters need whole numbers, a merged text and a log need
// texts, and attachments need files; all else is a register.
func (t FieldType) merges(m crdt.Type) bool {
	switch m {
	case crdt.Register:
		return t != TypeChoices && t != TypeLinks && t != TypeLadder && !t.holdsFiles()
	case crdt.Set:
		return t == TypeChoices || t == TypeLinks
	case crdt.Counter, crdt.Bounded:
		return t == TypeInt
	case crdt.MergedText:
		return t == TypeText
	case crdt.Log:
		return t == TypeText || t == TypeLadder
	case crdt.Attachments:
		return t.holdsFiles()
	}
	return false
}

func (r *Registry) fieldFault(k *Kind, i int) *Fault {
	f := &k.Fields[i]
	at := fmt.Sprintf("fields[%d]", i)
	byName, _ := k.Field(f.Name)
	byID, _ := k.FieldByID(f.ID)
	if fault := k.broken(
		rule{isName(f.Name), at + ".name", nameRule},
		rule{f.Name != formID && f.Name != formKind, at + ".name", "id and kind are names of the form itself: choose another"},
		rule{byName == f, at + ".name", "another field has this name already"},
		rule{f.ID > crdt.Deleted && f.ID < crdt.Alias, at + ".id", "a field's id is from 1 to 65534"},
		rule{byID == f, at + ".id", "another field has this id already"},
		rule{f.Title.both(), at + ".title", titleRule},
		rule{f.Section.Empty() || f.Section.both(), at + ".section", "give the section's heading in both languages, zh and en"},
		rule{f.Hint.Empty() || f.Hint.both(), at + ".hint", "give the hint in both languages, zh and en"},
		rule{f.Type.known(), at + ".type", "there is no such type: FORMAT.md lists them"},
		rule{f.Type.merges(f.Merge), at + ".merge", "choices and links merge as a set, an int as a register, counter or bounded, a text as a register, text or log, photos and files as attachments, a ladder as a log, all else as a register"},
	); fault != nil {
		return fault
	}
	if fault := k.attributeFault(f, at); fault != nil {
		return fault
	}
	if fault := k.sealedFault(f, at); fault != nil {
		return fault
	}
	if fault := k.optionsFault(f, at); fault != nil {
		return fault
	}
	if fault := k.filesFault(f, at); fault != nil {
		return fault
	}
	if fault := k.formulaFault(f, i, at); fault != nil {
		return fault
	}
	if fault := k.calculatedFault(f, i, at); fault != nil {
		return fault
	}
	if fault := k.decideFault(f, at); fault != nil {
		return fault
	}
	return r.linkFault(k, f, at)
}

// attributeFault checks what a field's type allows it to declare.
func (k *Kind) attributeFault(f *Field, at string) *Fault {
	number := f.Type == TypeInt || f.Type == TypeDecimal
	marks := f.Type == TypeResidentID || f.Type == TypeMobile
	position := f.Type == TypeDecimal && f.Merge == crdt.Register // a place on the map is an address
	return k.broken(
		rule{!f.Multiline || f.Type == TypeText, at + ".multiline", "only a text has several lines"},
		rule{f.Range == (Range{}) || number || f.Type == TypeText, at + ".range", "only texts and numbers have a range"},
		rule{f.Range.Min <= f.Range.Max, at + ".range", "the least must not be above the most"},
		rule{number || f.Range.Min >= 0, at + ".range", "a text's length is not negative"},
		rule{f.Guarded || f.Sealed || !marks, at + ".guarded", "identity and mobile numbers must be guarded, so that lists mask them, or sealed"},
		rule{!f.Guarded || marks || position || f.Type == TypeText || f.Type == TypeDate, at + ".guarded", "only texts, days, decimals, identity and mobile numbers can be masked"},
		rule{!f.Office || f.Type == TypeText, at + ".office", "only a text names an office or who acts in it"},
		rule{!f.Office || !f.Guarded && !f.Sealed, at + ".office", "who acts in an office is shown: it is neither guarded nor sealed"},
		rule{f.Multiline || f.Merge != crdt.MergedText, at + ".merge", "only a text of several lines merges as text: two names written apart are two names"},
		rule{!f.Guarded || k.Class != crdt.Open, at + ".guarded", "a kind with guarded fields must be personal or confidential"},
	)
}

func (k *Kind) optionsFault(f *Field, at string) *Fault {
	chosen := f.Type == TypeChoice || f.Type == TypeChoices || f.Type == TypeLadder
	if fault := k.broken(
		rule{chosen == (len(f.Options) > 0), at + ".options", "choices and ladders have options, and nothing else has"},
		rule{len(f.Options) <= optionsMax, at + ".options", fmt.Sprintf("a field has at most %d options", optionsMax)},
	); fault != nil {
		return fault
	}
	for i, o := range f.Options {
		at := fmt.Sprintf("%s.options[%d]", at, i)
		first := slices.IndexFunc(f.Options, func(other Option) bool { return other.Value == o.Value })
		if fault := k.broken(
			rule{o.Value != "", at + ".value", "an option needs a value"},
			rule{first == i, at + ".value", "the value stands here twice"},
			rule{o.Title.both(), at, titleRule},
		); fault != nil {
			return fault
		}
	}
	return k.ladderFault(f, at)
}
