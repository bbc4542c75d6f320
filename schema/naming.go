package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

// Naming says by which of its fields a kind's records give areas their names. Codes are
// withdrawn and given out anew, so a name holds from a day to a day.
type Naming struct {
	Code  string `json:"code"`  // of any level, 2 digits to a grid's
	Title string `json:"title"` // what people call the area
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Next  string `json:"next,omitempty"` // the code by which the area goes on
}

// Alike says by what two records of a kind in one space may be the same person or thing,
// written twice: they are called nearly the same, and one of the fields By, if there are
// any, agrees. Of an identity number the day of birth is looked at.
type Alike struct {
	Name string   `json:"name"`
	By   []string `json:"by,omitempty"`
}

func namesFault(k *Kind) *Fault {
	if k.Names == nil {
		return nil
	}
	n := *k.Names
	text := func(name string) bool {
		return plainly(k, name, TypeText, TypeCounty, TypeDistrict, TypeArea, TypeGrid)
	}
	day := func(name string) bool { return name == "" || plainly(k, name, TypeDate) }
	return k.broken(
		rule{k.Class == crdt.Open, "names", "names are read everywhere: only an open kind has them"},
		rule{text(n.Code), "names.code", "name a text or code of this kind that is neither guarded nor sealed"},
		rule{text(n.Title), "names.title", "name a text of this kind that is neither guarded nor sealed"},
		rule{day(n.From), "names.from", "name a date of this kind"},
		rule{day(n.To), "names.to", "name a date of this kind"},
		rule{n.Next == "" || text(n.Next), "names.next", "name a text or code of this kind"},
	)
}

// plainly reports whether a kind has a stored register of that name and one of the types
// that anybody may read.
func plainly(k *Kind, name string, types ...FieldType) bool {
	f, ok := k.Field(name)
	return ok && slices.Contains(types, f.Type) && f.Merge == crdt.Register && !f.Guarded && !f.Sealed && !f.Calculated()
}

func alikeFault(k *Kind) *Fault {
	if k.Alike == nil {
		return nil
	}
	stored := func(name string) bool {
		f, ok := k.Field(name)
		return ok && f.Merge == crdt.Register && !f.Sealed && !f.Calculated() && f.Type != TypeLink
	}
	name, _ := k.Field(k.Alike.Name)
	rules := []rule{{stored(k.Alike.Name) && name.Type == TypeText, "alike.name", "name a text of this kind that is not sealed"}}
	for i, by := range k.Alike.By {
		at := fmt.Sprintf("alike.by[%d]", i)
		rules = append(rules,
			rule{stored(by), at, "name a register of this kind that is not sealed"},
			rule{by != k.Alike.Name && slices.Index(k.Alike.By, by) == i, at, "the field stands here twice"})
	}
	return k.broken(rules...)
}
