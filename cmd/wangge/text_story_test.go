package main

import (
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema/kindfile"
	"wangge/schema/kinds"
)

// written makes the touch by which a text becomes another for who saw the dots.
func written(rec *crdt.Record, w crdt.Writer, seq, ms uint64, text string, saw ...crdt.Dot) store.Touch {
	d := crdt.Dot{Writer: w, Seq: seq}
	op := rec.EditText(crdt.RecordID{1}, "mediation_note", 8, saw, text)
	rec.Apply(d, crdt.NewStamp(int64(ms)), op, crdt.Frontier{})
	return store.Touch{Dot: d, Stamp: crdt.NewStamp(int64(ms)), Op: op}
}

func TestATextIsToldByWhatEachPutAndCut(t *testing.T) {
	kinds, err := kindfile.Load(kinds.Files) // a copy of its own, for what is changed here
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := kinds.Kind("mediation_note")
	kind.Class = crdt.Open // of a case the words are masked
	east, west := crdt.NewWriter(4, 0), crdt.NewWriter(5, 0)
	var rec crdt.Record
	first := written(&rec, east, 1, 1000, "两家起争执。")
	here := written(&rec, east, 2, 3000, "两家为水沟起争执。", first.Dot)
	there := written(&rec, west, 1, 500, "起争执。已劝和", first.Dot) // by a clock that is slow
	both := written(&rec, west, 2, 4000, "完", here.Dot, there.Dot)
	late := written(&rec, west, 4, 5000, "完了", both.Dot)
	late.Op.Value = crdt.Event([]crdt.Dot{{Writer: west, Seq: 3}}, crdt.Edit{Put: "后话"})

	s := newStory(crdt.Space{Area: "140581105211", Class: crdt.Open}, crdt.RecordID{1},
		[]store.Touch{there, first, here, both, late}, kinds, map[crdt.Writer]string{east: "城东站", west: "城西站"})
	var out strings.Builder
	if err := s.print(&out, false); err != nil {
		t.Fatal(err)
	}
	told := out.String()
	place := 0
	for _, want := range []string{
		"(note, text): 完\n",
		"城东站 4.0-1-0  开头写入“两家起争执。”", "写时还没有看到任何内容",
		"城西站 5.0-1-0  开头删去“两家”；第 4 字后写入“已劝和”", "在 4.0-1-0 的基础上写成",
		"城东站 4.0-2-0  第 2 字后写入“为水沟”",
		"5.0-2-0  开头删去“为水沟起争执。已劝和”写入“完”", "在 4.0-2-0, 5.0-1-0 的基础上写成",
		"5.0-4-0  开头写入“后话”", "它所依据的修改还没有到",
	} {
		i := strings.Index(told[place:], want)
		if i < 0 {
			t.Fatalf("the story lacks %q after its first %d bytes:\n%s", want, place, told)
		}
		place += i
	}
}
