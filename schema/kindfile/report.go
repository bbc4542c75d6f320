package kindfile

import (
	"fmt"

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
	Where        []string     `yaml:"where,omitempty"`
	By           []string     `yaml:"by,flow,omitempty"`
	When         string       `yaml:"when,omitempty"`
	From         string       `yaml:"from,omitempty"`
	To           string       `yaml:"to,omitempty"`
	Publish      []string     `yaml:"publish,flow,omitempty"`
	schema.Shown `yaml:",inline"`
}

// compile returns the report, or the part that is wrong and why.
func (r *report) compile() (compiled schema.Report, part, text string) {
	compiled = schema.Report{
		Name: r.Name, Title: r.Title, Count: r.Count, Of: r.Of, Per: r.Per, Back: r.Back,
		By: r.By, When: r.When, From: r.From, To: r.To, Publish: r.Publish, Shown: r.Shown,
	}
	for i, c := range r.Where {
		formula, err := schema.ParseFormula(c)
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
		By: r.By, When: r.When, From: r.From, To: r.To, Publish: r.Publish, Shown: r.Shown,
	}
	for _, formula := range r.Where {
		w.Where = append(w.Where, formula.String())
	}
	return w
}
