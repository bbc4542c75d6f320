package main

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema/kindfile"
	"wangge/schema/kinds"
)

// A story is printed and passed on, so it says of sealed fields only that, and when,
// something was written.
func TestTheStoryOfASealedFieldTellsNoneOfIt(t *testing.T) {
	kinds, err := kindfile.Load(kinds.Files) // a copy of its own, for what is changed here
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := kinds.Kind("mediation_note")
	for _, name := range []string{"note", "handed_to"} {
		f, _ := kind.Field(name)
		f.Sealed = true
	}
	const secret = "秘密"
	w := crdt.NewWriter(4, 0)
	var rec crdt.Record
	first, second := written(&rec, w, 1, 1000, secret), written(&rec, w, 2, 2000, "人人可知")
	register := store.Touch{Dot: crdt.Dot{Writer: w, Seq: 3}, Stamp: crdt.NewStamp(3000), Op: rec.Assign(crdt.RecordID{1}, "mediation_note", 12, crdt.Text(secret))}
	s := newStory(crdt.Space{Area: "140581105211", Class: crdt.Confidential}, crdt.RecordID{1},
		[]store.Touch{first, second, register}, kinds, map[crdt.Writer]string{w: "城东站"})
	var out strings.Builder
	if err := s.print(&out, false); err != nil {
		t.Fatal(err)
	}
	if told := out.String(); strings.Contains(told, secret) || strings.Contains(told, "人人可知") || strings.Count(told, "***") < 3 {
		t.Errorf("the story tells:\n%s", told)
	}
}
