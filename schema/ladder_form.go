package schema

import (
	"slices"
	"strings"

	"wangge/crdt"
)

// stepsMax is how many steps one form takes: the whole way of a case, as an import
// brings it.
const stepsMax = 100

// steps reads a ladder's value in a form: a rung, a step {"step", "at", "note"}, or a
// list of either in the order in which they were taken.
func (f *Field) steps(value any) ([]crdt.Value, Text) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) > stepsMax {
		return nil, Text{"步骤太多，请分开提交", "there are too many steps: send them in several forms"}
	}
	var values []crdt.Value
	for _, item := range list {
		s, complaint := f.readStep(item)
		if !complaint.Empty() {
			return nil, complaint
		}
		if s.Rung != "" {
			values = append(values, s.Value())
		}
	}
	return values, Text{}
}

func (f *Field) readStep(item any) (s Step, complaint Text) {
	given, ok := item.(map[string]any)
	if !ok {
		given = map[string]any{"step": item}
	}
	for name := range given {
		if !slices.Contains([]string{"step", "at", "note"}, name) {
			return s, Text{"一步只有 step、at、note 三项", "a step has step, at and note, and nothing else"}
		}
	}
	rung, _ := given["step"].(string)
	if rung == "" && given["step"] == nil && given["note"] == nil {
		return s, Text{} // not filled in
	}
	if _, complaint = f.choice(rung); !complaint.Empty() {
		return s, complaint
	}
	s.Rung = rung
	if at := given["at"]; at != nil && at != "" {
		if s.At, complaint = instant(at); !complaint.Empty() {
			return Step{}, complaint
		}
	}
	note, _ := given["note"].(string)
	text, complaint := (&Field{Multiline: true}).text(note)
	s.Note, _ = text.Text()
	s.Note = strings.TrimSpace(s.Note)
	return s, complaint
}

// Take returns the value of a step as the next of a cell.
func (f *Field) Take(c crdt.Cell, step crdt.Value) crdt.Value {
	s, _ := ParseStep(step)
	s.Number = f.Case(c).Number()
	return s.Value()
}

// step returns the op of one step. A form that is sent again takes none.
func (f Filled) step(rec crdt.Record, field *Field, v crdt.Value) (op crdt.Op, changes bool) {
	cell := rec.Cells[field.ID]
	return rec.Append(f.ID, f.Kind.Name, field.ID, field.Take(cell, v)), !taken(cell, v)
}

// taken reports whether a cell has the step under any number.
func taken(c crdt.Cell, step crdt.Value) bool {
	s, _ := ParseStep(step)
	return slices.ContainsFunc(c.Entries, func(e crdt.Entry) bool {
		other, ok := ParseStep(e.Value)
		other.Number = s.Number
		return ok && other == s
	})
}

// Steps says what is wrong with the steps that the form takes, where rec is the record
// as it stands: a step follows from the rung before it, and what it asks is filled in.
// What others took apart is judged by nobody: see Case.
func (f Filled) Steps(rec crdt.Record) (problems Problems) {
	for i := range f.Kind.Fields {
		field := &f.Kind.Fields[i]
		if field.Type != TypeLadder {
			continue
		}
		cell := rec.Cells[field.ID]
		stands := field.Case(cell).Rung
		for _, v := range f.Values[field.ID] {
			s, _ := ParseStep(v)
			if taken(cell, v) {
				continue
			}
			problems.add(field.Name, field.Follows(stands, s.Rung))
			stands = s.Rung
			problems = append(problems, f.Kind.Lacks(field, s.Rung, func(asked *Field) bool {
				_, linked := f.Links[asked.ID]
				return linked || len(f.Values[asked.ID]) > 0 || len(rec.Cells[asked.ID].Entries) > 0
			})...)
		}
	}
	return problems
}

// Follows says why a case that stands on one rung cannot go on to another, empty if it
// can.
func (f *Field) Follows(stands, rung string) Text {
	if f.follows(stands, rung) != Astray {
		return Text{}
	}
	var zh, en []string
	for _, o := range f.Next(stands) {
		zh, en = append(zh, o.Title.Zh), append(en, o.Title.En)
	}
	if stands == "" {
		return Text{"第一步只能是：" + strings.Join(zh, "、"), "a case begins with: " + strings.Join(en, ", ")}
	}
	o, _ := f.option(stands)
	if len(zh) == 0 {
		return Text{"现在是“" + o.Title.Zh + "”，不再有下一步", "the case stands at " + o.Title.En + ", which nothing follows"}
	}
	return Text{
		"现在是“" + o.Title.Zh + "”，下一步只能是：" + strings.Join(zh, "、"),
		"the case stands at " + o.Title.En + ", which is followed by: " + strings.Join(en, ", "),
	}
}

// Lacks says, at each field that a step to a rung asks for and that is not filled in,
// to fill it in.
func (k *Kind) Lacks(f *Field, rung string, filled func(*Field) bool) (problems Problems) {
	o, _ := f.option(rung)
	for _, name := range o.Asks {
		if asked, ok := k.Field(name); ok && !filled(asked) {
			problems.add(name, Text{"办到“" + o.Title.Zh + "”须填写此项", "fill this in before the case goes on to " + o.Title.En})
		}
	}
	return problems
}

// begin judges the steps of a form that is no record yet. Where there may be one, the
// caller judges them with Steps.
func (c *check) begin() {
	if c.filled.ID == (crdt.RecordID{}) && len(c.kind.Identity) == 0 {
		c.problems = append(c.problems, c.filled.Steps(crdt.Record{})...)
	}
}
