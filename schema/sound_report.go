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
			rule{slices.Contains(Counts(), report.Count), at + ".count",
				"count records or distinct, or make a sum, an average, a ratio, a difference or a growth"},
			rule{report.Decimals >= 0 && report.Decimals <= decimalsMax, at + ".decimals", fmt.Sprintf("a figure has at most %d places behind the point", decimalsMax)},
			rule{slices.Contains([]Rounding{"", HalfUp, Floor}, report.Rounding), at + ".rounding", "round half_up or floor"},
			rule{report.Times >= 0 && report.Times <= timesMax, at + ".times", "a ratio is of 1, of 100, of 10000 or so"},
			rule{slices.Contains(qualifiers(), report.Say), at + ".say", "say over, and_more, near or at_least, or leave it out"},
			rule{report.Step == 0 || report.Say != "" && report.Step > 0 && report.Step <= timesMax, at + ".step", "a step is a whole number above zero, and stands beside say"},
			rule{report.Unit.Empty() || report.Unit.both(), at + ".unit", "give the unit in both languages, zh and en"},
		); fault != nil {
			return fault
		}
		for _, check := range []func(*Kind, *Report, string) *Fault{r.ofFault, datesFault, byFault, r.whereFault, r.openFault, r.publishFault} {
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
	if fault := k.broken(
		rule{report.Per == "" || report.Count == Ratio, at + ".per", "only a ratio is per something"},
		rule{report.Back == "" || report.Compares(), at + ".back", "only a difference and a growth look back"},
		rule{report.Times == 0 || report.Count == Ratio || report.Count == Growth, at + ".times", "only a ratio and a growth are so many times"},
	); fault != nil {
		return fault
	}
	switch report.Count {
	case Ratio:
		return r.ratioFault(k, report, at)
	case Difference, Growth:
		return r.backFault(k, report, at)
	}
	return ofFieldFault(k, report, at)
}

func ofFieldFault(k *Kind, report *Report, at string) *Fault {
	of, ok := k.Field(report.Of)
	area := report.Count == Distinct && AreaDigits(report.Of) > 0
	if fault := k.broken(
		rule{(report.Count != Records) == (report.Of != ""), at + ".of", "name the field whose values are counted or summed; records has none"},
		rule{report.Of == "" || ok || area, at + ".of", "the kind has no such field"},
	); fault != nil || report.Count == Records {
		return fault
	}
	if report.Count == Distinct {
		return k.broken(
			rule{area || of.Merge == crdt.Register, at + ".of", "only a register has one value to count"},
			rule{report.Decimals == 0, at + ".decimals", "what is counted is whole"},
		)
	}
	most := map[FieldType]float64{TypeInt: summedMax, TypeDecimal: fractionMax}[of.Type]
	return k.broken(
		rule{!of.Guarded, at + ".of", "what marks a person does not add up: it would leave masked"},
		rule{most > 0 && of.Merge != crdt.Bounded, at + ".of", "only an int, a decimal and a counter add up"},
		rule{of.Range != (Range{}) && of.Range.Min >= -most && of.Range.Max <= most, at + ".of", fmt.Sprintf("give the field %s a range within %.0f, so that sums stay exact", of.Name, most)},
	)
}

// ratioFault checks that a ratio divides two figures, which are no ratios themselves.
func (r *Registry) ratioFault(k *Kind, report *Report, at string) *Fault {
	for _, part := range []struct{ at, name string }{{".of", report.Of}, {".per", report.Per}} {
		_, divided, ok := r.Report(k, part.name)
		if fault := k.broken(
			rule{ok, at + part.at, "name a report of this kind, or of another as kind.report"},
			rule{!ok || divided.whole(), at + part.at, "a ratio is of counts and sums"},
		); fault != nil {
			return fault
		}
		if fault := r.partFault(k, report, part.name, at); fault != nil {
			return fault
		}
	}
	return derivedFault(k, report, at)
}

// backFault checks that a difference and a growth compare one figure with itself.
func (r *Registry) backFault(k *Kind, report *Report, at string) *Fault {
	kind, compared, ok := r.Report(k, report.Of)
	if fault := k.broken(
		rule{ok, at + ".of", "name a report of this kind, or of another as kind.report"},
		rule{!ok || !compared.Compares(), at + ".of", "a difference is of a figure that is none itself"},
		rule{slices.Contains(Periods(), report.Back), at + ".back", "say by which period the earlier figure lies back: year, quarter, month, week or day"},
		rule{!ok || r.timed(kind, compared), at + ".of", "a figure without days has no earlier one: its kind needs when, or the report from or to"},
	); fault != nil {
		return fault
	}
	if fault := r.partFault(k, report, report.Of, at); fault != nil {
		return fault
	}
	return derivedFault(k, report, at)
}

// timed reports whether a figure is another one at another time.
func (r *Registry) timed(k *Kind, report *Report) bool {
	if report.Count != Ratio {
		return report.Standing() || report.Dated(k) != ""
	}
	return slices.ContainsFunc([]string{report.Of, report.Per}, func(name string) bool {
		kind, part, ok := r.Report(k, name)
		return ok && r.timed(kind, part)
	})
}

// whole reports whether what the report counts can be divided.
func (r *Report) whole() bool {
	return slices.Contains([]Count{Records, Distinct, Sum}, r.Count)
}

// partFault checks that a report of which another is made can be grouped as that is.
func (r *Registry) partFault(k *Kind, report *Report, name, at string) *Fault {
	kind, part, _ := r.Report(k, name)
	for i, by := range report.By {
		both := part.Grouped(by)
		if f, own := kind.Field(by); own && both && by != ByArea && !IsPeriod(by) {
			mine, _ := k.Field(by)
			both = mine != nil && mine.Type == f.Type
		}
		if fault := k.broken(rule{both, fmt.Sprintf("%s.by[%d]", at, i), "the reports of which this one is made must be grouped so too"}); fault != nil {
			return fault
		}
	}
	return nil
}

// derivedFault checks that a figure made of others says nothing that they say.
func derivedFault(k *Kind, report *Report, at string) *Fault {
	return k.broken(
		rule{len(report.Where) == 0, at + ".where", "the reports of which this one is made have conditions, and it has none of its own"},
		rule{report.When == "", at + ".when", "the reports of which this one is made say which day counts"},
		rule{!report.Standing(), at + ".from", "the reports of which this one is made say what stands"},
	)
}

// datesFault checks the fields by which a record is dated.
func datesFault(k *Kind, report *Report, at string) *Fault {
	for _, date := range []struct{ at, name string }{{".when", report.When}, {".from", report.From}, {".to", report.To}} {
		f, ok := k.Field(date.name)
		if fault := k.broken(
			rule{date.name == "" || ok && (f.Type == TypeInstant || f.Type == TypeDate) && f.Merge == crdt.Register, at + date.at, "name an instant or a date of the kind"},
		); fault != nil {
			return fault
		}
	}
	return k.broken(rule{report.When == "" || !report.Standing(), at + ".when", "what stands from a day to another has no one day"})
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
// values, all of them are known, and a record has one.
func (f *Field) grouped() bool {
	return f.Type == TypeChoice || f.Type == TypeBool || f.Type == TypeLadder
}

func byFault(k *Kind, report *Report, at string) *Fault {
	for i, name := range report.By {
		at := fmt.Sprintf("%s.by[%d]", at, i)
		f, ok := k.Field(name)
		dated := report.Dated(k) != "" || report.Standing() || !report.whole() && report.Count != Average
		if fault := k.broken(
			rule{slices.Index(report.By, name) == i, at, "the grouping stands here twice"},
			rule{!IsPeriod(name) || dated, at, "grouping by " + name + " needs a when field, or from or to"},
			rule{!ok || f.Type != TypeChoices, at, "a record with several of these options would stand in several rows: make it a choice, or a report for each option that asks in its where, such as " + name + " has \"…\""},
			rule{name == ByArea || IsPeriod(name) || ok && f.grouped(), at, "group by area, day, week, month, quarter, year, or a choice, ladder or bool of the kind"},
		); fault != nil {
			return fault
		}
	}
	return nil
}

// conditionsMax is how many conditions a report has at most.
const conditionsMax = 10

func (r *Registry) whereFault(k *Kind, report *Report, at string) *Fault {
	if fault := k.broken(rule{len(report.Where) <= conditionsMax, at + ".where", fmt.Sprintf("a report has at most %d conditions", conditionsMax)}); fault != nil {
		return fault
	}
	for i, condition := range report.Where {
		at := fmt.Sprintf("%s.where[%d]", at, i)
		link, inner, err := condition.Through()
		if err != nil {
			return k.broken(rule{false, at, err.Error()})
		}
		of, ok := r.linked(k, link)
		if fault := k.broken(
			rule{ok, at, link + " links to no kind: write link.field"},
			rule{!condition.IsZero(), at, "say what must hold, or leave the condition out"},
		); fault != nil {
			return fault
		}
		if s, err := of.sortOf(inner); err != nil || s != sortYesNo {
			text := "this comes to a " + string(s) + ": write what is true or not, such as status = \"正常\""
			if err != nil {
				text = err.Error()
			}
			return k.broken(rule{false, at, text})
		}
		if fault := k.broken(rule{link == "" || linkMerges(k, link), at, "a report looks through a link that has one value"}); fault != nil {
			return fault
		}
		if name, value, ok := of.unoffered(inner); ok {
			return k.broken(rule{false, at, fmt.Sprintf("%s has no option %s", name, value)})
		}
	}
	return nil
}

// linked returns the kind at which a condition through a link looks.
func (r *Registry) linked(k *Kind, link string) (*Kind, bool) {
	if link == "" {
		return k, true
	}
	f, ok := k.Field(link)
	if !ok {
		return nil, false
	}
	return r.Kind(f.To)
}

func linkMerges(k *Kind, link string) bool {
	f, _ := k.Field(link)
	return f.Merge == crdt.Register
}

// unoffered finds a value that the formula compares with a choice, and that the choice
// does not offer: such a condition would never hold, and its figure look right.
func (k *Kind) unoffered(f Formula) (field, value string, found bool) {
	f.walk(func(part Formula) {
		if len(part.args) < 2 || part.args[0].op != opField || found {
			return
		}
		name := part.args[0].operand.(string)
		of, ok := k.Field(name)
		if !ok || of.Type != TypeChoice && of.Type != TypeChoices && of.Type != TypeLadder {
			return
		}
		for _, other := range part.args[1:] {
			if text, ok := other.operand.(string); ok && other.op == opValue && !of.offers(text) && !found {
				field, value, found = name, text, true
			}
		}
	})
	return field, value, found
}

func (f *Field) offers(value string) bool {
	return slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == value })
}
