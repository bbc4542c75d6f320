package schema

import (
	"fmt"
	"maps"
	"slices"

	"wangge/crdt"
)

// A link names a record by its id, or by the identity of its kind where it has one: a firm
// by its credit code, as every list of firms has it, though nobody outside the county can
// tell which id that makes. The record need not be here.

// identities returns the forms that stand in a link which asks for none of its own, and
// whether nothing else does.
func (c *check) identities(f *Field) (forms []map[string]any, all bool) {
	list, several := c.form[f.Name].([]any)
	if !several || f.Type != TypeLinks {
		list = []any{c.form[f.Name]}
	}
	for _, item := range list {
		if form, ok := item.(map[string]any); ok {
			forms = append(forms, form)
		}
	}
	return forms, len(forms) == len(list)
}

// namedBy reads the records that a link names by their identities.
func (c *check) namedBy(f *Field, forms []map[string]any, all bool) {
	k, _ := c.registry.Kind(f.To)
	switch {
	case len(k.Identity) == 0 || slices.Contains(c.kind.Identity, f.Name):
		c.problems.add(f.Name, Text{"请填记录编号", "want a record's id"})
		return
	case !all || len(forms) > linksMax:
		c.problems.add(f.Name, Text{fmt.Sprintf("应全部按身份项填写，最多 %d 条", linksMax), fmt.Sprintf("name all of them by their identities, %d at most", linksMax)})
		return
	case !c.asked(f):
		return
	}
	for _, form := range forms {
		c.filled.Links[f.ID] = append(c.filled.Links[f.ID], c.identity(f, k, form))
	}
}

func (c *check) identity(f *Field, k *Kind, form map[string]any) Filled {
	named := Filled{Kind: k, Values: map[crdt.FieldID][]crdt.Value{}}
	for _, name := range k.Identity {
		of, _ := k.Field(name)
		values, complaint := of.Read(form[name])
		if complaint.Empty() && len(values) == 0 {
			complaint = Text{"必填，请填写", "this is required: fill it in"}
		}
		c.problems.add(f.Name+"."+name, complaint)
		named.Values[of.ID] = values
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if !slices.Contains(k.Identity, name) {
			c.problems.add(f.Name+"."+name, Text{"这里只填确认是哪条记录的项目", "only what says which record it is stands here"})
		}
	}
	return named
}
