package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

// decidedFault checks a kind whose records only the county makes. An official fills in its
// form at the hub, which has no photos of its own and shows no persons.
func decidedFault(k *Kind) *Fault {
	if fault := k.broken(rule{k.Decide == crdt.CountyKind(k.Name), "decide", "kinds of which the county alone makes records have names that begin with " + crdt.CountyKinds + ", and no others: every machine tells them by it"}); fault != nil || !k.Decide {
		return fault
	}
	for i := range k.Fields {
		f := &k.Fields[i]
		at := fmt.Sprintf("fields[%d]", i)
		if fault := k.broken(
			rule{f.Merge == crdt.Register || f.Merge == crdt.Set || f.Merge == crdt.Log, at + ".merge", "what the county alone writes is not woven or added up: a register, set or log"},
			rule{!f.Inline, at + ".inline", "the county decides its own records alone: link to the other form's record"},
			rule{!f.Decide.Hand, at + ".decide", "all of this kind is decided by hand: leave it out here"},
		); fault != nil {
			return fault
		}
	}
	return k.broken(rule{k.Class == crdt.Open, "decide", "an official fills this in at the hub, which shows no persons: its class is open"})
}

// decideFault checks what the county is to give a field.
func (k *Kind) decideFault(f *Field, at string) *Fault {
	if fault := k.broken(rule{f.Decided() == f.ID.County(), at + ".id", fmt.Sprintf("fields that the county decides have numbers from %d on, and no others: every machine tells them by it", crdt.CountyFields)}); fault != nil || !f.Decided() {
		return fault
	}
	d := f.Decide
	ways := 0
	for _, way := range []bool{d.Number != "", d.First != "", d.Hand} {
		if way {
			ways++
		}
	}
	if fault := k.broken(
		rule{ways == 1, at + ".decide", "say one way: number, first or hand"},
		rule{f.Merge == crdt.Register && !f.Inline, at + ".decide", "what the county decides is one value: a register"},
		rule{!f.Required && f.Ask.IsZero() && len(f.Must) == 0 && !f.Calculated(), at + ".decide", "nobody fills this in: it is neither required, asked nor worked out"},
		rule{!slices.Contains(append(slices.Clone(k.Identity), k.Area.Field, k.When), f.Name), at + ".decide", "what identifies, places or dates a record is there from its beginning"},
	); fault != nil {
		return fault
	}
	if d.Number != "" {
		return k.numberFault(f, at)
	}
	if d.First != "" {
		return k.firstFault(f, at)
	}
	return nil
}

func (k *Kind) numberFault(f *Field, at string) *Fault {
	parts, err := f.Decide.parts()
	if err != nil {
		return k.broken(rule{false, at + ".decide.number", err.Error()})
	}
	year := slices.ContainsFunc(parts, func(p part) bool { return p.name == "year" })
	return k.broken(
		rule{f.Type == TypeText && !f.Multiline, at + ".decide.number", "a number is a text of one line"},
		rule{!year || k.When != "", at + ".decide.number", "{year} is that of the kind's when, and there is none"},
	)
}

func (k *Kind) firstFault(f *Field, at string) *Fault {
	of, ok := k.Field(f.Decide.First)
	return k.broken(
		rule{ok && (of.Merge == crdt.Log || of.Merge == crdt.Set) && of.Type != TypeLadder && !of.Inline, at + ".decide.first", "name a log, choices or links of this kind"},
		rule{!ok || f.Type == one(of.Type) && f.To == of.To, at + ".decide.first", "the first of them is of their type: a text of a log, a choice of choices, a link of links"},
		rule{!ok || !of.Guarded && !of.Sealed || f.Guarded || f.Sealed, at + ".decide.first", "this would tell what " + f.Decide.First + " keeps: guard or seal it too"},
	)
}

// one returns the type of one element of what a field of type t holds.
func one(t FieldType) FieldType {
	switch t {
	case TypeChoices:
		return TypeChoice
	case TypeLinks:
		return TypeLink
	}
	return t
}
