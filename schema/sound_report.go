package schema

import (
	"fmt"
	"slices"

	"wangge/crdt"
)

func (r *Registry) reportsFault(k *Kind) *Fault {
	for i := range k.Reports {
		report := &k.Reports[i]
		at := fmt.Sprintf("reports[%d]", i)
		first := slices.IndexFunc(k.Reports, func(other Report) bool { return other.Name == report.Name })
		if fault := k.broken(
			rule{isName(report.Name), at + ".name", nameRule},
			rule{first == i, at + ".name", "another report has this name already"},
			rule{report.Title.both(), at + ".title", titleRule},
			rule{report.Count == Records || report.Count == Distinct, at + ".count", "count records or distinct"},
		); fault != nil {
			return fault
		}
		for _, check := range []func(*Kind, *Report, string) *Fault{ofFault, byFault, r.whereFault} {
			if fault := check(k, report, at); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func ofFault(k *Kind, report *Report, at string) *Fault {
	of, ok := k.Field(report.Of)
	return k.broken(
		rule{(report.Count == Distinct) == (report.Of != ""), at + ".of", "distinct needs the field of which it counts the values; records has none"},
		rule{report.Of == "" || ok, at + ".of", "the kind has no such field"},
		rule{!ok || of.Merge == crdt.Register, at + ".of", "only a register has one value to count"},
	)
}

// grouped reports whether records can be told apart by the field: it has few
// values, and all of them are known.
func (f *Field) grouped() bool {
	return f.Type == TypeChoice || f.Type == TypeChoices || f.Type == TypeBool
}

func byFault(k *Kind, report *Report, at string) *Fault {
	for i, name := range report.By {
		at := fmt.Sprintf("%s.by[%d]", at, i)
		f, ok := k.Field(name)
		if fault := k.broken(
			rule{slices.Index(report.By, name) == i, at, "the grouping stands here twice"},
			rule{name != ByDay || k.When != "", at, "grouping by day needs a kind with a when field"},
			rule{name == ByArea || name == ByDay || ok && f.grouped(), at, "group by area, day, or a choice, choices or bool of the kind"},
		); fault != nil {
			return fault
		}
	}
	return nil
}

func (r *Registry) whereFault(k *Kind, report *Report, at string) *Fault {
	for i, c := range report.Where {
		at := fmt.Sprintf("%s.where[%d]", at, i)
		f, ok := r.compared(k, c)
		if fault := k.broken(
			rule{ok && f.grouped(), at + ".path", "name a choice, choices or bool of the kind, or of a kind it links to as link.field"},
			rule{len(c.In) > 0, at + ".in", "list the values that count"},
		); fault != nil {
			return fault
		}
		for j, value := range c.In {
			if fault := k.broken(rule{f.offers(value), fmt.Sprintf("%s.in[%d]", at, j), "the field has no such option"}); fault != nil {
				return fault
			}
		}
	}
	return nil
}

// compared returns the field that a condition looks at.
func (r *Registry) compared(k *Kind, c Condition) (*Field, bool) {
	link, name := c.Split()
	if link == "" {
		return k.Field(name)
	}
	f, ok := k.Field(link)
	if !ok {
		return nil, false
	}
	to, ok := r.Kind(f.To)
	if !ok {
		return nil, false
	}
	return to.Field(name)
}

func (f *Field) offers(value string) bool {
	if f.Type == TypeBool {
		return value == "true" || value == "false"
	}
	return slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == value })
}
