package city

import (
	"maps"
	"slices"
	"strings"

	"wangge/node/publication"
	"wangge/node/report"
	"wangge/schema"
)

// Report is one report of a month: what the areas' figures add up to, and each area's
// beside it.
type Report struct {
	Area     string      `json:"area"` // of whom all these areas are
	Month    string      `json:"month"`
	Report   string      `json:"report"`
	By       string      `json:"by,omitempty"`
	Title    schema.Text `json:"title"`
	Unit     schema.Text `json:"unit,omitzero"`
	Decimals int         `json:"decimals,omitempty"`
	// Apart says that the figures have no sum: each area counts its own persons once, and
	// somebody may be in two.
	Apart bool     `json:"apart,omitempty"`
	Bound string   `json:"bound,omitempty"` // AtMost or AtLeast, of a sum in which somebody may be counted in two areas
	Parts []string `json:"parts,omitempty"` // the published reports of which it is made: of a ratio two, the second divides
	Areas []Stand  `json:"areas"`
	Rows  []Row    `json:"rows"` // the total first, then the groups in the order of their keys
	// Earlier is the month that each figure is held against.
	Earlier string `json:"earlier"`
}

// Stand is how an area stands to a report: no sum has its figure unless it is Counted.
type Stand struct {
	Area
	State  string   `json:"state"`
	Part   string   `json:"part,omitempty"`   // of a report that is made of two: the one because of which it is not counted
	Number int      `json:"number,omitempty"` // of its publication
	At     string   `json:"at,omitempty"`
	By     string   `json:"by,omitempty"`
	Boxes  int      `json:"boxes"`
	Of     int      `json:"of"`
	Lacks  []string `json:"lacks,omitempty"` // areas of its own that its figure lacks
	// Restated is what it said before, if that was another figure.
	Restated *Restated `json:"restated,omitempty"`
}

// Restated is a figure that an area has restated, "" where it had none, or has none now.
type Restated struct {
	Number     int    `json:"number"` // of the publication that said so
	Before     string `json:"before"`
	Now        string `json:"now"`
	Difference string `json:"difference"` // with its sign
}

// Row is one group of a report: all areas' together, and each area's, in the order of
// Report.Areas.
type Row struct {
	Key   string      `json:"key"` // "" of the total
	Label schema.Text `json:"label"`
	Rest  bool        `json:"rest,omitempty"` // of no group that could be shown
	Sum   *Figure     `json:"sum"`            // nil where nothing is to be added up
	Each  []*Figure   `json:"each"`           // nil of an area that has no row
}

// Figure is a figure and how it stands to the month before.
type Figure struct {
	Value int64  `json:"value"` // in units of the last decimal place
	Shown string `json:"shown"`
	// Said is how it is published, such as 4400余; empty where it is so exactly, and where the
	// figure is only the most or the least that it can be.
	Said     schema.Text `json:"said,omitzero"`
	Persons  int64       `json:"persons,omitempty"` // or records, for which it stands; of a ratio those above the line
	Compared *Compared   `json:"compared,omitempty"`
	// Unlike are areas whose figure is not one of the same areas in both months, or is lacking
	// in one: they are not in what is compared.
	Unlike []string `json:"unlike,omitempty"`
}

// Compared holds a figure against that of the month before, of the same areas.
type Compared struct {
	Earlier    int64  `json:"earlier"`
	Difference int64  `json:"difference"`       // of a ratio in points
	Growth     *int64 `json:"growth,omitempty"` // in tenths of a per cent; none of a rate, or where nothing was before
}

// growthPlaces are those of Compared.Growth.
const growthPlaces = 1

// Report answers a report of a month, held against the month before. Its errors say what
// to do.
func (f *Folder) Report(kinds *schema.Registry, month, name, by string) (Report, error) {
	now, then, err := f.months(month)
	if err != nil {
		return Report{}, err
	}
	return f.answer(kinds, now, then, name, by)
}

// months reads a month and the one before.
func (f *Folder) months(month string) (now, then Month, err error) {
	if now, err = f.Month(month); err == nil {
		then, err = f.Month(report.MonthsBefore(month, 1))
	}
	return now, then, err
}

// Overview answers all reports of a month that anybody published, without groups, and the
// ratios that can be made of them, in the order of their names.
func (f *Folder) Overview(kinds *schema.Registry, month string) ([]Report, error) {
	now, then, err := f.months(month)
	if err != nil {
		return nil, err
	}
	all := []Report{}
	for _, name := range now.asked(kinds) {
		r, err := f.answer(kinds, now, then, name, "")
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// asked returns the names of the reports that can be asked of a month.
func (m Month) asked(kinds *schema.Registry) []string {
	all := m.Reports()
	for _, k := range kinds.Kinds() {
		for _, r := range k.Reports {
			if r.Count == schema.Ratio && m.first(full(&k, r.Of)) != nil && m.first(full(&k, r.Per)) != nil {
				all = append(all, k.Name+"."+r.Name)
			}
		}
	}
	for i, name := range all { // an average, and not what is divided for it
		all[i], _ = schema.PartOf(name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (f *Folder) answer(kinds *schema.Registry, now, then Month, name, by string) (Report, error) {
	x, err := now.measure(kinds, name)
	if err != nil {
		return Report{}, err
	}
	r := Report{
		Area: f.area, Month: now.Month, Report: name, By: by, Title: x.title, Unit: x.unit, Decimals: x.shown.Decimals,
		Apart: x.own, Bound: x.bound, Earlier: then.Month, Areas: []Stand{}, Rows: []Row{},
	}
	for _, p := range x.parts {
		r.Parts = append(r.Parts, p.name)
	}
	if groupings := now.Groupings(x.parts[0].name); len(now.Said) > 0 && len(groupings) == 0 {
		return r, publication.Refuse(nil, "%[2]s 没有地区报送 %[1]s，可选：%[3]s", "nobody published %s of %s: there are %s", name, now.Month, strings.Join(now.asked(kinds), ", "))
	} else if by != "" && !slices.Contains(groupings, by) {
		return r, publication.Refuse(nil, "没有地区把 %s 按 %s 分组，可选：%s", "nobody grouped %s by %s: it is grouped by %s", name, by, strings.Join(groupings, ", "))
	}
	t := asking{kinds, x, now, then, by}
	for _, a := range now.Areas {
		r.Areas = append(r.Areas, t.stand(a))
	}
	r.Rows = t.rows()
	return r, nil
}

// rows are the total, the groups in the order of their keys, and the rest if there is any.
func (t asking) rows() []Row {
	rows := []Row{t.row(schema.Text{Zh: "合计", En: "total"}, "", t.x.total())}
	for _, key := range slices.Sorted(maps.Keys(t.now.groups(t.x, t.by))) {
		rows = append(rows, t.row(label(t.kinds, t.x.parts[0].name, t.by, key), key, keyed(key)))
	}
	if t.by != "" && len(t.x.parts) == 1 {
		if row := t.row(schema.Text{Zh: "其余", En: "the rest"}, "", rest); slices.ContainsFunc(row.Each, func(f *Figure) bool { return f != nil }) {
			row.Rest = true
			rows = append(rows, row)
		}
	}
	return rows
}

// asking is one question to two months.
type asking struct {
	kinds     *schema.Registry
	x         measure
	now, then Month
	by        string
}

func (t asking) stand(a Area) Stand {
	s := Stand{Area: a}
	share := t.now.share(t.x, a.Code, t.by, t.x.total())
	s.State, s.Lacks = share.state, share.lacks
	if len(t.x.parts) > 1 {
		s.Part = share.part
	}
	if p := t.now.Said[a.Code]; p != nil {
		s.Number, s.At, s.By, s.Boxes, s.Of = p.Number, p.At, p.By, p.Boxes, p.Of
	}
	if p := t.now.before.Said[a.Code]; p != nil {
		s.Restated = t.restated(t.now.before.share(t.x, a.Code, t.by, t.x.total()), share, p.Number)
	}
	return s
}

// restated holds what an area says against what it said before; nil where that is the same.
func (t asking) restated(then, now share, number int) *Restated {
	r := &Restated{Number: number}
	var figures [2]*Figure
	for i, s := range []share{then, now} {
		if s.some {
			figures[i] = t.figure(s.amount)
		}
	}
	if figures[0] != nil {
		r.Before = figures[0].Shown
	}
	if figures[1] != nil {
		r.Now = figures[1].Shown
	}
	if figures[0] != nil && figures[1] != nil {
		r.Difference = signed(figures[1].Value-figures[0].Value, t.x.shown.Decimals)
	}
	if r.Before == r.Now {
		return nil
	}
	return r
}

// row adds up what the areas have of one group.
func (t asking) row(label schema.Text, key string, c cell) Row {
	row := Row{Key: key, Label: label, Each: []*Figure{}}
	var all, like, earlier amount
	var unlike []string
	had, compared := false, false
	for _, a := range t.now.Areas {
		now, then := t.now.share(t.x, a.Code, t.by, c), t.then.share(t.x, a.Code, t.by, c)
		alike := now.some && then.some && slices.Equal(now.lacks, then.lacks)
		if alike {
			like, earlier, compared = like.plus(now.amount), earlier.plus(then.amount), true
		} else if now.some || then.some {
			unlike = append(unlike, a.Code)
		}
		if !now.some {
			row.Each = append(row.Each, nil)
			continue
		}
		all, had = all.plus(now.amount), true
		one := t.figure(now.amount)
		if one != nil && alike {
			one.Compared = t.compared(now.amount, then.amount)
		}
		row.Each = append(row.Each, one)
	}
	if had && !t.x.own {
		if row.Sum = t.figure(all); row.Sum != nil && compared {
			row.Sum.Compared, row.Sum.Unlike = t.compared(like, earlier), unlike
		}
	}
	return row
}

func (t asking) figure(a amount) *Figure {
	n, some := t.x.figure(a)
	if !some {
		return nil
	}
	f := &Figure{Value: n, Shown: schema.Decimal(n, t.x.shown.Decimals), Persons: a.persons}
	if t.x.bound == "" {
		f.Said = t.x.shown.Said(n)
	}
	return f
}

// compared holds an amount against that of the month before, of the same areas.
func (t asking) compared(now, then amount) *Compared {
	n, some := t.x.figure(now)
	before, too := t.x.figure(then)
	if !some || !too {
		return nil
	}
	c := &Compared{Earlier: before, Difference: n - before}
	if growth, some := report.Quotient(n-before, 0, before, 0, schema.Shown{Times: 100, Decimals: growthPlaces}); some && before > 0 && t.x.grows {
		c.Growth = &growth
	}
	return c
}
