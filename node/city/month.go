package city

import (
	"fmt"
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
}

// Month reads what the areas published of a month.
func (f *Folder) Month(month string) (Month, error) {
	if _, _, ok := report.MonthDays(month); !ok {
		return Month{}, fmt.Errorf("%q is no month: want one such as 2026-11", month)
	}
	areas, err := f.Areas()
	if err != nil {
		return Month{}, err
	}
	m := Month{month, areas, map[string]*publication.Publication{}}
	for _, a := range areas {
		all, err := f.history(a.Code, month)
		if err != nil {
			return Month{}, err
		}
		if len(all) > 0 {
			m.Said[a.Code] = all[len(all)-1].p
		}
	}
	return m, nil
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

// Reports returns the names of the reports that any area published, in order.
func (m Month) Reports() (all []string) {
	for _, p := range m.Said {
		for _, t := range p.Tables {
			all = append(all, t.Report)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Groupings returns how any area grouped a report, the total alone first.
func (m Month) Groupings(name string) (all []string) {
	for area := range m.Said {
		all = append(all, m.groupings(area, name)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// groupings are those of one area, in order.
func (m Month) groupings(area, name string) (all []string) {
	if p := m.Said[area]; p != nil {
		for _, t := range p.Tables {
			if t.Report == name {
				all = append(all, t.By)
			}
		}
	}
	slices.Sort(all)
	return all
}

// table returns what an area published of a report, by a grouping; nil if nothing.
func (m Month) table(area, name, by string) *publication.Figure {
	p := m.Said[area]
	if p == nil {
		return nil
	}
	for i := range p.Tables {
		if p.Tables[i].Report == name && p.Tables[i].By == by {
			return &p.Tables[i]
		}
	}
	return nil
}

// whole returns a table of an area's report from which its total can be taken: the one
// without groups, or else any, since each has the same; nil if there is none.
func (m Month) whole(area, name string) *publication.Figure {
	by := m.groupings(area, name)
	if len(by) == 0 {
		return nil
	}
	return m.table(area, name, by[0])
}
