package xlsform

import (
	"errors"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/schema"
)

// group is a group of questions, or a repeat, that is open.
type group struct {
	name    string
	repeats bool
	asked   string // the formula under which it is asked, "" for always
}

// open begins a group. What it is asked under holds of each of its questions.
func (c *carrier) open(r row, kind string) {
	g := group{name: r.cell("name"), repeats: strings.Contains(kind, "repeat")}
	if zh, en := r.wording("label"); zh != "" && !g.repeats {
		c.above = schema.Text{Zh: zh, En: en}
	}
	if text := r.cell("relevant"); text != "" && !g.repeats && c.repeated() == "" {
		g.asked = c.translated(translator{names: c.names, chosen: c.chosen}, r, "relevant", text)
		if err := c.tried(schema.Field{Type: schema.TypeText, Ask: parsed(g.asked)}); err != nil {
			c.leave(r, "its relevant is left out, %v: %s", err, text)
			g.asked = ""
		}
	}
	c.within = append(c.within, g)
}

// repeated returns the innermost repeat that is open, "" for none.
func (c *carrier) repeated() (name string) {
	for _, g := range c.within {
		if g.repeats {
			name = g.name
		}
	}
	return name
}

// condition is that of all open groups, and of others behind them, together.
func (c *carrier) condition(more ...string) string {
	var all []string
	for _, g := range c.within {
		all = append(all, g.asked)
	}
	all = slices.DeleteFunc(append(all, more...), func(text string) bool { return text == "" })
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return "(" + strings.Join(all, ") and (") + ")"
}

// asked returns the formula under which a question is asked: its own condition and that of
// its groups.
func (c *carrier) asked(t translator, r row) schema.Formula {
	own := ""
	if text := r.cell("relevant"); text != "" {
		own = c.translated(t, r, "relevant", text)
	}
	both, err := schema.ParseFormula(c.condition(own))
	if err != nil && own != "" { // together they are too long
		c.leave(r, "its relevant is left out, %v: %s", err, own)
		return parsed(c.condition())
	}
	return both
}

// tried returns what is wrong with a field behind those that there are.
func (c *carrier) tried(f schema.Field) error {
	if err := c.hold(); err != nil {
		return err
	}
	k := c.kind
	f.ID, f.Merge = crdt.FieldID(len(k.Fields)+1), f.Type.DefaultMerge()
	if f.Name == "" {
		f.Name = c.fresh("tried")
	}
	f.Title = schema.Text{Zh: f.Name, En: f.Name}
	k.Fields = append(slices.Clone(k.Fields), f)
	_, err := schema.New([]schema.Kind{k})
	var fault *schema.Fault
	if errors.As(err, &fault) {
		return errors.New(fault.Text)
	}
	return err
}
