package main

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
)

func TestAStoryTellsStepsByRungMomentAndNoteAndWhatBecameOfThem(t *testing.T) {
	field := &schema.Field{ID: 2, Name: "status", Type: schema.TypeLadder, Merge: crdt.Log, Options: []schema.Option{
		{Value: "受理"}, {Value: "办结", After: []string{"受理"}},
	}}
	var touches []store.Touch
	for i, s := range []schema.Step{
		{Rung: "受理", Number: 1}, {Rung: "办结", Number: 2, At: 1764000000000, Note: "已到账\n本人签收"}, {Rung: "办结", Number: 2}, {Rung: "受理", Number: 2},
	} {
		touches = append(touches, store.Touch{
			Dot: crdt.Dot{Writer: 7, Seq: uint64(i + 1)}, Stamp: crdt.NewStamp(int64(1764000000000 + i)),
			Op: crdt.Op{Kind: "case", Field: 2, Type: crdt.Log, Value: s.Value()},
		})
	}
	told := (&telling{field: field, open: true}).tell(touches, map[crdt.Writer]string{7: "城东站"})
	if told.Now != "办结" {
		t.Errorf("it stands at %v", told.Now)
	}
	var outcomes []string
	for _, s := range told.Steps {
		outcomes = append(outcomes, s.Outcome)
	}
	if got := strings.Join(outcomes, " "); got != "moved moved again astray" {
		t.Errorf("the steps are %s", got)
	}
	if first := told.Steps[0].Value; first != "受理" {
		t.Errorf("a step without moment and note is told as %q", first)
	}
	second, _ := told.Steps[1].Value.(string)
	if !strings.HasPrefix(second, "办结 2025-11-") || !strings.HasSuffix(second, " 已到账 本人签收") || told.Steps[1].Device != "城东站" {
		t.Errorf("a step is told as %q by %s", second, told.Steps[1].Device)
	}
}
