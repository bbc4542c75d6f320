package crdt

import "testing"

// A text that was written once reads as the weave has it, bad bytes too.
func TestTextWrittenOnceReadsAsWoven(t *testing.T) {
	for _, text := range []string{"屋顶漏雨", "a\xffb", "", "\n", "𠮷"} {
		op := Record{}.EditText(RecordID{1}, "note", 1, nil, text)
		events := []Value{op.Value, event(nil, []Edit{{At: 7, Cut: 3, Put: text}}), event(nil, []Edit{{Put: text}, {At: 1, Put: "x"}}),
			event([]Dot{{Writer: 1, Seq: 9}}, []Edit{{Put: text}}), Text(text)}
		for _, v := range events {
			c := Cell{Type: MergedText, Entries: []Entry{{Dot: Dot{Writer: 1, Seq: 1}, Value: v}}}
			if got, want := c.Text(), newHistory(c.Entries).weave().text(); got != want {
				t.Errorf("%q reads %q, woven %q", v, got, want)
			}
		}
	}
}
