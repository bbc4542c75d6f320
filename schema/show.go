package schema

import (
	"encoding/hex"

	"wangge/crdt"
)

// Show returns a stored value as a form's JSON carries it: string, int64,
// float64 or bool; of a link the record's id in hex, of an
// attachment its files. A value with a tag that
// this program does not know is shown as its bytes in hex.
func Show(v crdt.Value) any {
	if s, ok := v.Text(); ok {
		return s
	}
	if n, ok := v.Int(); ok {
		return n
	}
	if x, ok := v.Float(); ok {
		return x
	}
	if b, ok := v.Bool(); ok {
		return b
	}
	if id, ok := v.Ref(); ok {
		return id.String()
	}
	if a, ok := v.Attachment(); ok {
		return showAttachment(a)
	}
	return hex.EncodeToString([]byte(v))
}

// Form returns stored values as the form that would write them. The caller gives
// what it shows: a register's winner first, a set's elements, a counter's sum.
// Fields of a newer form are left out; the caller says that there are some.
func (k *Kind) Form(values map[crdt.FieldID][]crdt.Value) map[string]any {
	form := map[string]any{}
	for _, f := range k.Fields {
		stored := values[f.ID]
		if len(stored) == 0 {
			continue
		}
		if f.Merge != crdt.Set && f.Merge != crdt.Attachments {
			form[f.Name] = Show(stored[0])
			continue
		}
		list := make([]any, len(stored))
		for i, v := range stored {
			list[i] = Show(v)
		}
		form[f.Name] = list
	}
	return form
}

// Label returns the title of the option that the value chose. It returns false
// for values of other fields and for options of a newer form.
func (f *Field) Label(v crdt.Value) (Text, bool) {
	s, _ := v.Text()
	for _, o := range f.Options {
		if o.Value == s {
			return o.Title, true
		}
	}
	return Text{}, false
}
