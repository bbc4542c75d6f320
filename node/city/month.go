package city

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"wangge/node/publication"
	"wangge/node/report"
)

// Month is what a month's areas published last. An area that has not published yet is
// awaited, and is named wherever the others are added up.
type Month struct {
	Month string
	Areas []Area // all that are awaited or have published
	Said  map[string]*publication.Publication

	figures map[string]map[string][]*publication.Figure // by area and report, in the order of their groupings
	before  *Month                                      // what areas said that have restated the month since
}

// Month reads what the areas published of a month.
func (f *Folder) Month(month string) (Month, error) {
	if _, _, ok := report.MonthDays(month); !ok {
		return Month{}, publication.Refuse(nil, "%q 不是月份：应如 2026-11", "%q is no month: want one such as 2026-11", month)
	}
	areas, err := f.Areas()
	if err != nil {
		return Month{}, err
	}
	m := newMonth(month, areas)
	before := newMonth(month, areas)
	m.before = &before
	for _, a := range areas {
		all, err := f.history(a.Code, month)
		if err != nil {
			return Month{}, err
		}
		if len(all) > 0 {
			m.take(a.Code, all[len(all)-1].p)
		}
		if len(all) > 1 {
			before.take(a.Code, all[len(all)-2].p)
		}
	}
	return m, nil
}

func newMonth(month string, areas []Area) Month {
	return Month{Month: month, Areas: areas, Said: map[string]*publication.Publication{}, figures: map[string]map[string][]*publication.Figure{}}
}

// take shows what an area published.
func (m Month) take(area string, p *publication.Publication) {
	own := map[string][]*publication.Figure{}
	for i := range p.Tables {
		f := &p.Tables[i]
		own[f.Report] = append(own[f.Report], f)
	}
	for _, all := range own {
		slices.SortFunc(all, func(a, b *publication.Figure) int { return strings.Compare(a.By, b.By) })
	}
	m.Said[area], m.figures[area] = p, own
}

// Months returns the months of which anything was received, the latest first.
func (f *Folder) Months() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(f.dir, receivedDir, "*"+ending))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, path := range paths {
		_, rest, _ := strings.Cut(filepath.Base(path), "-")
		if month := rest[:min(len(rest), len("2026-11"))]; !slices.Contains(all, month) {
			all = append(all, month)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all, nil
}

// Lacks returns the awaited areas that have published nothing of the month.
func (m Month) Lacks() (all []Area) {
	for _, a := range m.Areas {
		if m.Said[a.Code] == nil {
			all = append(all, a)
		}
	}
	return all
}

// Restated returns the areas that have restated the month, with the number of what is shown.
func (m Month) Restated() (all []Stand) {
	for _, a := range m.Areas {
		if p := m.Said[a.Code]; p != nil && p.Number > 1 {
			all = append(all, Stand{Area: a, Number: p.Number, At: p.At, By: p.By})
		}
	}
	return all
}

// Reports returns the names of the reports that any area published, in order.
func (m Month) Reports() []string {
	all := map[string]bool{}
	for _, own := range m.figures {
		for name := range own {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Groupings returns how any area grouped a report, the total alone first.
func (m Month) Groupings(name string) []string {
	all := map[string]bool{}
	for _, own := range m.figures {
		for _, f := range own[name] {
			all[f.By] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// table returns what an area published of a report, by a grouping; nil if nothing.
func (m Month) table(area, name, by string) *publication.Figure {
	for _, f := range m.figures[area][name] {
		if f.By == by {
			return f
		}
	}
	return nil
}

// whole returns a table of an area's report from which its total can be taken: the one
// without groups, or else any, since each has the same; nil if there is none.
func (m Month) whole(area, name string) *publication.Figure {
	if all := m.figures[area][name]; len(all) > 0 {
		return all[0]
	}
	return nil
}
