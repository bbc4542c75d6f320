package main

import (
	"encoding/json"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// Beginning and end are what masks may show of a number.
const (
	maskedWord     = "秘密词"
	maskedText     = "甲乙丙丁戊己" + maskedWord + "庚辛壬癸"
	maskedPosition = 35.1234567
)

// secretly returns the op by which a field says what no story may tell; false of a field
// that has nothing to hide.
func secretly(k *schema.Kind, f *schema.Field) (crdt.Op, bool) {
	op := crdt.Op{Record: crdt.RecordID{1}, Kind: k.Name, Field: f.ID, Type: f.Merge, Value: crdt.Text(maskedText)}
	switch {
	case f.Type == schema.TypeLadder:
		op.Value = schema.Step{Rung: f.Options[0].Value, Number: 1, Note: maskedText}.Value()
		return op, k.Class != crdt.Open
	case f.Calculated() || !k.Masks(f) && !f.Sealed:
		return op, false
	case f.Merge == crdt.MergedText:
		return crdt.Record{}.EditText(op.Record, k.Name, f.ID, nil, maskedText), true
	case f.Type == schema.TypeDecimal:
		op.Value = crdt.Float(maskedPosition)
	}
	return op, true
}

// hides fails where a story, in either language or as JSON, tells the secret.
func (s *story) hides(t *testing.T) {
	t.Helper()
	var out strings.Builder
	for _, english := range []bool{false, true} {
		if err := s.print(&out, english); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.NewEncoder(&out).Encode(s); err != nil {
		t.Fatal(err)
	}
	if told := out.String(); strings.Contains(told, maskedWord) || strings.Contains(told, "35.12345") || strings.Contains(told, "taken away") {
		t.Errorf("the story of %s tells:\n%s", s.Kind, told)
	}
}

// A story is printed and passed on: of no kind does it tell in full what lists and exports
// mask, what was noted with a step of somebody's case, what a newer form asks, or what a
// kind says that is not known here.
func TestNoStoryTellsWhatListsMask(t *testing.T) {
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	w, secrets := crdt.NewWriter(4, 0), 0
	names := map[crdt.Writer]string{w: "城东站"}
	for _, k := range kinds.Kinds() {
		var touches []store.Touch
		add := func(op crdt.Op) {
			for range 2 { // the second stands beside the first
				seq := uint64(len(touches) + 1)
				touches = append(touches, store.Touch{Dot: crdt.Dot{Writer: w, Seq: seq}, Stamp: crdt.NewStamp(int64(seq)), Op: op})
			}
		}
		for i := range k.Fields {
			if op, secret := secretly(&k, &k.Fields[i]); secret {
				add(op)
				secrets++
			}
		}
		space := crdt.Space{Area: "140581105211", Class: k.Class}
		if k.Class != crdt.Open {
			add(crdt.Op{Record: crdt.RecordID{1}, Kind: k.Name, Field: 999, Type: crdt.Register, Value: crdt.Text(maskedText)})
			strange := append([]store.Touch{}, touches...)
			for i := range strange {
				strange[i].Op.Kind = "kind_of_tomorrow"
			}
			newStory(space, crdt.RecordID{1}, strange, kinds, names).hides(t)
		}
		newStory(space, crdt.RecordID{1}, touches, kinds, names).hides(t)
	}
	if secrets < 110 {
		t.Errorf("only %d fields were tried", secrets)
	}
	t.Logf("%d fields were tried", secrets)
}
