package node

import (
	"math"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// text makes one event of what a person changed in a text since it was opened.
// What others wrote meanwhile stays. The whole, as it then stands, keeps to the
// field's limits, unless it was beyond them before and is now shorter.
func (e edit) text(field *schema.Field) (op crdt.Op, complaint schema.Text) {
	values, complaint := field.Read(e.Set)
	if !complaint.Empty() {
		return op, complaint
	}
	cell := e.rec.Cells[field.ID]
	heads, complaint := e.heads(cell)
	if !complaint.Empty() {
		return op, complaint
	}
	text, _ := append(values, "")[0].Text()
	op = e.rec.EditText(e.id, e.kind.Name, field.ID, heads, text)
	after := e.rec.Clone()
	after.Apply(crdt.Dot{Writer: e.writer, Seq: math.MaxUint64}, 0, op, nil)
	whole := after.Cells[field.ID].Text()
	if _, complaint = field.Read(whole); !complaint.Empty() && len(whole) >= len(cell.Text()) {
		return op, complaint
	}
	return op, e.judge(field, crdt.Value(strings.TrimSpace(whole)))
}

// heads returns the events that the page showed, or all when it names none. An
// event that waits for a parent which never comes would never be seen, so one
// that is not here is refused.
func (e edit) heads(c crdt.Cell) ([]crdt.Dot, schema.Text) {
	if e.Saw == nil {
		return c.TextHeads(), schema.Text{}
	}
	heads, complaint := e.saw()
	for _, d := range heads {
		if !slices.ContainsFunc(c.Entries, func(entry crdt.Entry) bool { return entry.Dot == d }) {
			return nil, stale()
		}
	}
	return heads, complaint
}

// whole shows a text as one version: who wrote last, and the level of what has
// come least far. What it names as seen are its heads.
func (d desk) whole(space crdt.Space, f *schema.Field, c crdt.Cell) web.Version {
	level := wire.AtCounty
	var latest crdt.Entry
	for _, e := range c.Entries {
		level = min(level, d.store.Level(space, e.Dot))
		if latest.Dot.Seq == 0 || e.Stamp > latest.Stamp {
			latest = e
		}
	}
	out := web.Version{
		Value: d.reveals(f, crdt.Text(c.Text())), Saw: []string{}, Reached: level.String(), At: latest.Stamp.Millis(),
		Device: d.device(latest.Dot.Writer.Device()).Name,
	}
	for _, dot := range c.TextHeads() {
		out.Saw = append(out.Saw, dot.String())
	}
	return out
}

// briefMax is how many code points of a text a list shows: more than a line.
const briefMax = 80

func shortened(text string) string {
	n := 0
	for i := range text {
		if n++; n > briefMax {
			return text[:i] + "…"
		}
	}
	return text
}
