package kindfile

import (
	"fmt"
	"strings"

	"wangge/schema"
)

// report is a report as people write it.
type report struct {
	Name         string       `yaml:"name"`
	Title        schema.Text  `yaml:"title,flow"`
	Count        schema.Count `yaml:"count"`
	Of           string       `yaml:"of,omitempty"`
	Per          string       `yaml:"per,omitempty"`
	Back         string       `yaml:"back,omitempty"`
	Where        []condition  `yaml:"where,omitempty"`
	By           []string     `yaml:"by,flow,omitempty"`
	When         string       `yaml:"when,omitempty"`
	From         string       `yaml:"from,omitempty"`
	To           string       `yaml:"to,omitempty"`
	schema.Shown `yaml:",inline"`
}

// condition is a formula as people write it.
type condition string

// UnmarshalYAML reads a formula, or a path with the values that it may have, which
// is how conditions were written before there were formulas.
func (c *condition) UnmarshalYAML(read func(any) error) error {
	var text string
	if err := read(&text); err == nil {
		*c = condition(text)
		return nil
	}
	var old struct {
		Path string
		In   []string
	}
	if err := read(&old); err != nil {
		return err
	}
	var either []string
	for _, v := range old.In {
		if v != "true" && v != "false" {
			v = `"` + v + `"`
		}
		either = append(either, old.Path+" = "+v)
	}
	*c = condition(strings.Join(either, " or "))
	return nil
}

// compile returns the report, or the part that is wrong and why.
func (r *report) compile() (compiled schema.Report, part, text string) {
	compiled = schema.Report{
		Name: r.Name, Title: r.Title, Count: r.Count, Of: r.Of, Per: r.Per, Back: r.Back,
		By: r.By, When: r.When, From: r.From, To: r.To, Shown: r.Shown,
	}
	for i, c := range r.Where {
		formula, err := schema.ParseFormula(string(c))
		if err != nil {
			return compiled, fmt.Sprintf("where[%d]", i), err.Error()
		}
		compiled.Where = append(compiled.Where, formula)
	}
	return compiled, "", ""
}

func writtenReport(r schema.Report) report {
	w := report{
		Name: r.Name, Title: r.Title, Count: r.Count, Of: r.Of, Per: r.Per, Back: r.Back,
		By: r.By, When: r.When, From: r.From, To: r.To, Shown: r.Shown,
	}
	for _, formula := range r.Where {
		w.Where = append(w.Where, condition(formula.String()))
	}
	return w
}
