package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/schema"
)

// story is how a record came to be what it is.
type story struct {
	Space  string       `json:"space"`
	Record string       `json:"record"`
	Kind   string       `json:"kind"`
	Title  schema.Text  `json:"title"`
	Fields []fieldStory `json:"fields"`
}

// fieldStory is how a field came to be what it shows now.
type fieldStory struct {
	Field string      `json:"field"`
	Title schema.Text `json:"title"`
	Merge string      `json:"merge"`
	Now   any         `json:"now"` // a register's winner, a counter's sum, else all that is visible
	Steps []step      `json:"steps"`
}

// step is one change of a field.
type step struct {
	Dot        string      `json:"dot"`
	Device     string      `json:"device"`
	At         int64       `json:"at"`                // milliseconds since 1970, by the writer's clock
	Value      any         `json:"value"`             // of a text's change nothing: see Edits
	Edits      []textEdit  `json:"edits,omitempty"`   // of a text, one after the other
	Parents    []string    `json:"parents,omitempty"` // of a text: the versions that its author saw
	Replaces   []string    `json:"replaces,omitempty"`
	ReplacedBy []string    `json:"replaced_by,omitempty"`
	Merged     bool        `json:"merged,omitempty"` // its batch is no longer in the log: what it replaced is not known here
	Outcome    string      `json:"outcome"`          // wins, beside, counts, woven, waits, replaced or removal; of a step its standing
	Why        schema.Text `json:"why"`
}

func newStory(space crdt.Space, id crdt.RecordID, touches []store.Touch, kinds *schema.Registry, names map[crdt.Writer]string) *story {
	s := &story{Space: space.String(), Record: id.String(), Kind: kindOf(touches)}
	byField := map[crdt.FieldID][]store.Touch{}
	for _, t := range touches {
		byField[t.Op.Field] = append(byField[t.Op.Field], t)
	}
	kind, known := kinds.Kind(s.Kind)
	if s.Title = (schema.Text{Zh: s.Kind, En: s.Kind}); known {
		s.Title = kind.Title
	}
	for _, number := range slices.Sorted(maps.Keys(byField)) {
		t := telling{field: unknownField(number, byField[number][0].Op.Type), open: space.Class == crdt.Open}
		// What to mask of a newer form's fields nobody can say.
		t.sealed = !t.open && number != crdt.Deleted && number != crdt.Alias
		if known {
			if f, ok := kind.FieldByID(number); ok {
				t.field, t.sealed, t.masks = f, f.Sealed, kind.Masks(f)
			}
		}
		s.Fields = append(s.Fields, t.tell(byField[number], names))
	}
	return s
}

// kindOf returns of the kinds that ops claim for their record the one that counts.
func kindOf(touches []store.Touch) (kind string) {
	for _, t := range touches {
		if kind == "" || t.Op.Kind != "" && t.Op.Kind < kind {
			kind = t.Op.Kind
		}
	}
	return kind
}

func unknownField(number crdt.FieldID, merge crdt.Type) *schema.Field {
	name := fmt.Sprintf("#%d", number)
	title := schema.Text{Zh: name, En: name}
	if number == crdt.Deleted {
		title = schema.Text{Zh: "删除", En: "deleted"}
	}
	return &schema.Field{ID: number, Name: name, Title: title, Merge: merge}
}

// only leaves one field of the story.
func (s *story) only(field string) error {
	for _, f := range s.Fields {
		if f.Field == field {
			s.Fields = []fieldStory{f}
			return nil
		}
	}
	return fmt.Errorf("nothing was ever written into a field %s of this record", field)
}

// telling is one field's changes, seen together. A story is passed on, so it says no more
// than an export does.
type telling struct {
	field      *schema.Field
	sealed     bool // nothing of it is told but that something was written
	masks      bool // it is told masked
	open       bool // the record is for all to read, and so is what was noted with its steps
	cell       crdt.Cell
	winner     crdt.Entry
	replacedBy map[crdt.Dot][]string
}

func (t *telling) tell(touches []store.Touch, names map[crdt.Writer]string) fieldStory {
	field := t.field
	t.replacedBy = map[crdt.Dot][]string{}
	for _, touch := range touches {
		for _, r := range touch.Op.Replaces {
			t.replacedBy[r] = append(t.replacedBy[r], touch.Dot.String())
		}
	}
	t.settle(touches)
	f := fieldStory{Field: field.Name, Title: field.Title, Merge: field.Merge.String(), Now: t.now()}
	if field.Merge == crdt.MergedText {
		f.Steps = t.textSteps(touches, names)
		return f
	}
	for _, touch := range touches {
		s := step{
			Dot: touch.Dot.String(), Device: names[touch.Dot.Writer], At: touch.Stamp.Millis(),
			Value: t.shown(touch.Op.Value), ReplacedBy: t.replacedBy[touch.Dot], Merged: touch.Merged,
		}
		for _, r := range touch.Op.Replaces {
			s.Replaces = append(s.Replaces, r.String())
		}
		s.Outcome, s.Why = t.judge(touch)
		f.Steps = append(f.Steps, s)
	}
	return f
}

// settle finds what is visible, as the merge does: what was written and nobody
// replaced. Of these the latest stamp wins, and among equals the highest dot.
func (t *telling) settle(touches []store.Touch) {
	t.cell.Type = t.field.Merge
	for _, touch := range touches {
		if touch.Op.Value == "" || len(t.replacedBy[touch.Dot]) > 0 {
			continue
		}
		e := crdt.Entry{Dot: touch.Dot, Stamp: touch.Stamp, Value: touch.Op.Value}
		t.cell.Entries = append(t.cell.Entries, e)
		if w := t.winner; w.Value == "" || e.Stamp > w.Stamp || e.Stamp == w.Stamp && e.Dot.Compare(w.Dot) > 0 {
			t.winner = e
		}
	}
	slices.SortFunc(t.cell.Entries, func(a, b crdt.Entry) int { return a.Dot.Compare(b.Dot) })
}

func (t *telling) now() any {
	switch {
	case t.sealed:
		return "***"
	case t.field.Type == schema.TypeLadder:
		return cmp.Or(t.field.Case(t.cell).Rung, "-")
	case t.field.Merge == crdt.Counter:
		return t.cell.Sum()
	case t.field.Merge == crdt.MergedText:
		return t.shown(crdt.Text(t.cell.Text()))
	case t.field.Merge == crdt.Bounded:
		return t.cell.Ledger().Balance()
	case len(t.cell.Entries) == 0:
		return "-"
	case t.field.Merge == crdt.Register:
		return t.shown(t.winner.Value)
	}
	all := []any{}
	for _, v := range t.cell.Values() {
		all = append(all, t.shown(v))
	}
	return all
}

func (t *telling) shown(v crdt.Value) any {
	switch {
	case v == "":
		return nil
	case t.field.ID == crdt.Deleted:
		return true
	case t.sealed:
		return "***"
	case t.masks:
		return t.field.Mask(v)
	}
	if s, ok := schema.ParseStep(v); ok && t.field.Type == schema.TypeLadder {
		if s.Note != "" && !t.open {
			s.Note = "***"
		}
		return rung(s)
	}
	if a, ok := v.Account(); ok {
		return account(a)
	}
	return schema.Show(v)
}

// account tells a bounded counter's account by its totals: put in, spent, and
// handed on to others or taken from them.
func account(a crdt.Account) string {
	text := fmt.Sprintf("+%d -%d", a.Earned, a.Spent)
	for _, d := range a.Dealings {
		if d.Given > 0 {
			text += fmt.Sprintf(", %d → %s", d.Given, d.With)
		}
		if d.Taken > 0 {
			text += fmt.Sprintf(", %d ← %s", d.Taken, d.With)
		}
	}
	return text
}

// judge says what became of a change, and by which rule.
func (t *telling) judge(touch store.Touch) (outcome string, why schema.Text) {
	if by := strings.Join(t.replacedBy[touch.Dot], ", "); by != "" {
		return "replaced", schema.Text{
			Zh: "已被 " + by + " 取代：写后者的人当时看到了它",
			En: "replaced by " + by + ", whose author saw it",
		}
	}
	if touch.Op.Value == "" {
		return "removal", schema.Text{Zh: "只撤去所见的内容，自身不留内容", En: "takes away what its author saw, and leaves nothing itself"}
	}
	if t.field.Type == schema.TypeLadder {
		return t.standing(touch.Dot)
	}
	if t.field.Merge != crdt.Register {
		return "counts", schema.Text{Zh: "计入现值", En: "counts in what stands now"}
	}
	if touch.Dot == t.winner.Dot {
		return "wins", t.victory()
	}
	return "beside", t.defeat(touch)
}

func (t *telling) victory() schema.Text {
	if len(t.cell.Entries) == 1 {
		return schema.Text{Zh: "现值：没有别的写法与它并存", En: "what stands now: nothing stands beside it"}
	}
	for _, e := range t.cell.Entries {
		if e.Dot != t.winner.Dot && e.Stamp == t.winner.Stamp {
			return schema.Text{
				Zh: "并存的写法中胜出：时间同为最晚，编号最大",
				En: "wins among those that stand side by side: of the latest, at one moment, it has the highest dot",
			}
		}
	}
	return schema.Text{Zh: "并存的写法中胜出：时间最晚", En: "wins among those that stand side by side: it is the latest"}
}

func (t *telling) defeat(touch store.Touch) schema.Text {
	by := t.winner.Dot.String()
	switch {
	case touch.Op.Value == t.winner.Value:
		return schema.Text{Zh: "并存，与胜出的 " + by + " 内容相同", En: "stands beside " + by + ", which wins and says the same"}
	case touch.Stamp == t.winner.Stamp:
		return schema.Text{Zh: "并存但未胜出：与 " + by + " 同一时刻，编号较小", En: "stands beside " + by + " and loses: the same moment, a lower dot"}
	}
	return schema.Text{Zh: "并存但未胜出：时间早于 " + by, En: "stands beside " + by + " and loses: it is earlier"}
}
