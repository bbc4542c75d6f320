package schema

import (
	"fmt"
	"slices"
	"strings"

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
			rule{slices.Contains([]Count{Records, Distinct, Sum, Average, Ratio}, report.Count), at + ".count", "count records or distinct, or make a sum, an average or a ratio"},
			rule{report.Decimals >= 0 && report.Decimals <= decimalsMax, at + ".decimals", fmt.Sprintf("a figure has at most %d places behind the point", decimalsMax)},
			rule{slices.Contains([]Rounding{"", HalfUp, Floor}, report.Rounding), at + ".rounding", "round half_up or floor"},
			rule{report.Times >= 0 && report.Times <= timesMax, at + ".times", "a ratio is of 1, of 100, of 10000 or so"},
			rule{report.Unit.Empty() || report.Unit.both(), at + ".unit", "give the unit in both languages, zh and en"},
		); fault != nil {
			return fault
		}
		for _, check := range []func(*Kind, *Report, string) *Fault{r.ofFault, byFault, r.whereFault, r.openFault} {
			if fault := check(k, report, at); fault != nil {
				return fault
			}
		}
	}
	return nil
}

// The bounds that keep sums over millions of records exact.
const (
	decimalsMax = 6
	timesMax    = 1_000_000
	summedMax   = 1_000_000_000_000 // of a whole number
	fractionMax = 1_000_000         // of a decimal, which is summed in millionths
)

func (r *Registry) ofFault(k *Kind, report *Report, at string) *Fault {
	if report.Count == Ratio {
		return r.ratioFault(k, report, at)
	}
	of, ok := k.Field(report.Of)
	if fault := k.broken(
		rule{(report.Count != Records) == (report.Of != ""), at + ".of", "name the field whose values are counted or summed; records has none"},
		rule{report.Per == "" && report.Times == 0, at + ".per", "only a ratio is per something, or so many times"},
		rule{report.Of == "" || ok, at + ".of", "the kind has no such field"},
	); fault != nil || report.Count == Records {
		return fault
	}
	if report.Count == Distinct {
		return k.broken(
			rule{of.Merge == crdt.Register, at + ".of", "only a register has one value to count"},
			rule{report.Decimals == 0, at + ".decimals", "what is counted is whole"},
		)
	}
	most := map[FieldType]float64{TypeInt: summedMax, TypeDecimal: fractionMax}[of.Type]
	return k.broken(
		rule{most > 0 && of.Merge != crdt.Bounded, at + ".of", "only an int, a decimal and a counter add up"},
		rule{of.Range != (Range{}) && of.Range.Min >= -most && of.Range.Max <= most, at + ".of", fmt.Sprintf("give the field a range within %.0f, so that sums stay exact", most)},
	)
}

// ratioFault checks that a ratio divides two figures, which are no ratios themselves.
func (r *Registry) ratioFault(k *Kind, report *Report, at string) *Fault {
	for _, part := range []struct{ at, name string }{{".of", report.Of}, {".per", report.Per}} {
		kind, divided, ok := r.Report(k, part.name)
		if fault := k.broken(
			rule{ok, at + part.at, "name a report of this kind, or of another as kind.report"},
			rule{!ok || divided.Count != Ratio && divided.Count != Average, at + part.at, "a ratio is of counts and sums"},
		); fault != nil {
			return fault
		}
		for i, by := range report.By {
			both := slices.Contains(divided.By, by)
			if f, own := kind.Field(by); own && both && by != ByArea && by != ByDay {
				mine, _ := k.Field(by)
				both = mine != nil && mine.Type == f.Type
			}
			if fault := k.broken(rule{both, fmt.Sprintf("%s.by[%d]", at, i), "both reports of a ratio must be grouped so"}); fault != nil {
				return fault
			}
		}
	}
	return k.broken(rule{len(report.Where) == 0, at + ".where", "a ratio's reports have conditions, and it has none of its own"})
}

// Report returns a report by its name as a kind speaks of it: its own, or another's as
// kind.report.
func (r *Registry) Report(k *Kind, name string) (*Kind, *Report, bool) {
	if of, own, ok := strings.Cut(name, "."); ok {
		if k, ok = r.Kind(of); !ok {
			return nil, nil, false
		}
		name = own
	}
	i := slices.IndexFunc(k.Reports, func(report Report) bool { return report.Name == name })
	if i < 0 {
		return nil, nil, false
	}
	return k, &k.Reports[i], true
}

// grouped reports whether records can be told apart by the field: it has few
// values, and all of them are known.
func (f *Field) grouped() bool {
	return f.Type == TypeChoice || f.Type == TypeChoices || f.Type == TypeBool || f.Type == TypeLadder
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
