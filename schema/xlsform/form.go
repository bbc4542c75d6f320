// Package xlsform carries the forms of ODK and Kobo (XLSForm) over into kinds, and says what it cannot carry over.
package xlsform

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wangge/crdt"
	"wangge/schema"
)

// Left is something of a form that was not carried over, or not as it was: of a row of the
// sheet survey, or a whole column of a sheet.
type Left struct {
	Line     int    `json:"line,omitempty"`     // of the sheet survey
	Question string `json:"question,omitempty"` // as the form names it
	Sheet    string `json:"sheet,omitempty"`
	Column   string `json:"column,omitempty"`
	Why      string `json:"why"`
}

// Read turns a workbook into a kind, and lists what of it is left. The kind is
// personal, since nobody can say what a form asks for, and begins with a grid, which
// says to whom a record belongs. Name is the kind's, "" for the form's own.
//
// The language is that of https://xlsform.org/en/ref-table/.
func Read(r io.Reader, name string) (schema.Kind, []Left, error) {
	b, err := openBook(r)
	if err != nil {
		return schema.Kind{}, nil, err
	}
	c := carrier{names: map[string]string{}, chosen: map[string]bool{}, lists: b.lists()}
	c.begin(b, name)
	for _, row := range b.survey {
		c.question(row)
	}
	if len(c.kind.Fields) == 1 {
		return schema.Kind{}, c.left, errors.New("no question of the form could be carried over")
	}
	err = c.hold()
	c.left = append(c.left, b.ignored()...)
	return c.kind, c.left, err
}

// optionsMost is how many options a field has at most, as FORMAT.md has it.
const optionsMost = 500

// carrier is one form on its way.
type carrier struct {
	kind   schema.Kind
	left   []Left
	lists  map[string][]schema.Option
	names  map[string]string // from the form's names to the kind's
	chosen map[string]bool   // fields with several choices
	lines  []row             // of each field
	around []schema.Formula  // of each field the condition of its groups
	within []group           // those that are open
	above  schema.Text       // the heading of a group, for its first question
}

func (c *carrier) leave(r row, why string, args ...any) {
	c.left = append(c.left, Left{Line: r.line, Question: r.cell("name"), Why: fmt.Sprintf(why, args...)})
}

// lists gathers the options of select questions.
func (b book) lists() map[string][]schema.Option {
	lists := map[string][]schema.Option{}
	for _, r := range b.choices {
		zh, en := r.wording("label")
		value := r.cell("name")
		if value == "" {
			value = r.cell("value")
		}
		if zh == "" {
			zh, en = value, value
		}
		list := r.cell("list_name")
		if slices.ContainsFunc(lists[list], func(o schema.Option) bool { return o.Value == value }) {
			continue // a cascade has it once below each choice above
		}
		lists[list] = append(lists[list], schema.Option{Value: value, Title: schema.Text{Zh: zh, En: en}})
	}
	return lists
}

func (c *carrier) begin(b book, name string) {
	settings := row{}
	if len(b.settings) > 0 {
		settings = b.settings[0]
	}
	if name == "" {
		name = plainName(settings.cell("form_id"))
	}
	zh, en := settings.wording("form_title")
	if zh == "" {
		zh, en = name, name
	}
	c.kind = schema.Kind{
		Name: name, Title: schema.Text{Zh: zh, En: en}, Class: crdt.Personal,
		Area: schema.Area{Field: "grid", Level: schema.Community},
		Fields: []schema.Field{{
			ID: 1, Name: "grid", Title: schema.Text{Zh: "网格", En: "Grid"}, Type: schema.TypeGrid, Merge: crdt.Register, Required: true,
		}},
	}
	c.lines, c.around = []row{settings}, make([]schema.Formula, 1)
}

// question carries one row of the sheet survey over.
func (c *carrier) question(r row) {
	if slices.Contains([]string{"yes", "true", "1"}, strings.ToLower(r.cell("disabled"))) {
		return // it is no part of the form
	}
	kind, list, _ := strings.Cut(strings.Join(strings.Fields(r.cell("type")), " "), " ")
	switch kind = strings.ToLower(kind); {
	case kind == "begin" || strings.HasPrefix(kind, "begin_"):
		c.open(r, strings.TrimPrefix(kind, "begin_")+list)
		return
	case kind == "end" || strings.HasPrefix(kind, "end_"):
		if len(c.within) > 0 {
			c.within = c.within[:len(c.within)-1]
		}
		c.above = schema.Text{}
		return
	case c.repeated() != "":
		c.leave(r, "it is asked several times over, in the repeat %s: make a kind of its own that links to this one", c.repeated())
		return
	case slices.Contains([]string{"start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "simserial", "subscriberid"}, kind):
		return // every record says by itself who wrote it where and when
	case kind == "calculate":
		c.calculate(r)
		return
	}
	f, why := c.typed(kind, list)
	if why != "" {
		c.leave(r, "%s", why)
		return
	}
	c.add(r, f)
}

// typed returns the field of a question's type, or why there is none.
func (c *carrier) typed(kind, list string) (f schema.Field, why string) {
	types := map[string]schema.FieldType{
		"text": schema.TypeText, "barcode": schema.TypeText, "time": schema.TypeText, "integer": schema.TypeInt, "int": schema.TypeInt,
		"range": schema.TypeDecimal, "decimal": schema.TypeDecimal, "date": schema.TypeDate, "datetime": schema.TypeInstant,
		"acknowledge": schema.TypeBool, "trigger": schema.TypeBool, "image": schema.TypePhoto, "photo": schema.TypePhoto,
		"file": schema.TypeFile, "geopoint": schema.TypeText,
		"select_one": schema.TypeChoice, "select1": schema.TypeChoice, "select_multiple": schema.TypeChoices,
	}
	f.Type = types[kind]
	switch {
	case kind == "note":
		return f, "it asks nothing: put its words into the hint of a question"
	case kind == "hidden":
		return f, "what is not asked is not stored"
	case f.Type == "":
		return f, "there is no counterpart of the type " + kind
	}
	f.Merge, f.Files = f.Type.DefaultMerge(), f.Type.DefaultFiles()
	if f.Type != schema.TypeChoice && f.Type != schema.TypeChoices {
		return f, ""
	}
	list, other := strings.CutSuffix(list, " or_other")
	f.Options = slices.Clone(c.lists[list])
	if len(f.Options) == 0 {
		return f, "the sheet choices has no list " + list
	}
	if other {
		f.Options = append(f.Options, schema.Option{Value: "other", Title: schema.Text{Zh: "其他", En: "Other"}})
	}
	if len(f.Options) > optionsMost {
		return f, fmt.Sprintf("it has %d choices, and a question has %d at most: let areas be asked by their codes, long lists as text", len(f.Options), optionsMost)
	}
	return f, ""
}

// add puts a field into the kind with all that the row says about it.
func (c *carrier) add(r row, f schema.Field) {
	c.call(r, &f)
	zh, en := r.wording("hint")
	f.Hint = schema.Text{Zh: zh, En: en}
	f.Multiline = f.Type == schema.TypeText && strings.Contains(r.cell("appearance"), "multiline")
	f.Range = bounds(f, r.cell("parameters"))
	f.Section, c.above = c.above, schema.Text{}
	c.chosen[f.Name] = f.Type == schema.TypeChoices
	c.demands(r, &f)
	if c.kind.When == "" && (f.Type == schema.TypeInstant || f.Type == schema.TypeDate) && f.Ask.IsZero() {
		c.kind.When = f.Name
	}
	c.put(r, f)
	for _, column := range []string{"calculation", "choice_filter", "default", "repeat_count", "trigger"} {
		if r.cell(column) != "" {
			c.leave(r, "its %s is left out: %s", column, r.cell(column))
		}
	}
}

// call gives a field its number, its name and its title.
func (c *carrier) call(r row, f *schema.Field) {
	f.ID = crdt.FieldID(len(c.kind.Fields) + 1)
	f.Name = c.fresh(plainName(r.cell("name")))
	if f.Name != r.cell("name") {
		c.leave(r, "it is called %s here", f.Name)
	}
	zh, en := r.wording("label")
	if zh == "" {
		zh, en = f.Name, f.Name
	}
	f.Title = schema.Text{Zh: zh, En: en}
	c.names[r.cell("name")] = f.Name
}

func (c *carrier) put(r row, f schema.Field) {
	c.kind.Fields, c.lines, c.around = append(c.kind.Fields, f), append(c.lines, r), append(c.around, parsed(c.condition()))
}

// demands carries required, relevant and constraint over.
func (c *carrier) demands(r row, f *schema.Field) {
	t := translator{own: f.Name, names: c.names, chosen: c.chosen}
	switch required := strings.ToLower(strings.TrimSuffix(r.cell("required"), "()")); required {
	case "yes", "true", "1":
		f.Required = true
	case "", "no", "false", "0":
	default:
		c.leave(r, "it is required under a condition, which is left out: %s", required)
	}
	f.Ask = c.asked(t, r)
	if text := r.cell("constraint"); text != "" {
		if that := parsed(c.translated(t, r, "constraint", text)); !that.IsZero() {
			zh, en := r.wording("constraint_message")
			if zh == "" {
				zh, en = "不符合要求："+text, "this must hold: "+text
			}
			f.Must = []schema.Must{{That: that, Else: schema.Text{Zh: zh, En: en}}}
		}
	}
}

// translated returns an expression as the text of a formula, "" if it cannot be carried over.
func (c *carrier) translated(t translator, r row, column, xpath string) string {
	text, err := t.formula(xpath)
	if err == nil {
		if _, err = schema.ParseFormula(text); err == nil {
			return text
		}
	}
	c.leave(r, "its %s is left out, %v: %s", column, err, xpath)
	return ""
}

// parsed reads what was tried before; of "" there is no formula.
func parsed(text string) schema.Formula {
	f, _ := schema.ParseFormula(text)
	return f
}

// hold takes formulas out that do not hold together with the fields, and says so.
func (c *carrier) hold() error {
	for {
		_, err := schema.New([]schema.Kind{c.kind})
		var fault *schema.Fault
		if !errors.As(err, &fault) {
			return err
		}
		at := regexp.MustCompile(`^\$\.fields\[(\d+)\]\.(ask|must)`).FindStringSubmatch(fault.Path)
		if at == nil {
			return err
		}
		i, _ := strconv.Atoi(at[1])
		f := &c.kind.Fields[i]
		if at[2] == "ask" {
			c.leave(c.lines[i], "its relevant is left out, %s: %s", fault.Text, c.lines[i].cell("relevant"))
			if f.Ask.String() == c.around[i].String() {
				c.around[i] = schema.Formula{}
			}
			f.Ask = c.around[i]
		} else {
			c.leave(c.lines[i], "its constraint is left out, %s: %s", fault.Text, c.lines[i].cell("constraint"))
			f.Must = nil
		}
	}
}
