package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"wangge/crdt"
	"wangge/schema"
)

// grouping is one column of an answer: the key that it reads from a cell, and
// how many digits of it when it is an area.
type grouping struct {
	column Column
	key    int
	digits int
	field  *schema.Field
}

// Answer computes a query's table. Its errors are schema.Problems: what is wrong
// with the query.
func (f *Figures) Answer(q Query) (Table, error) {
	f.settle()
	f.mu.RLock()
	defer f.mu.RUnlock()
	c, err := f.cube(q.Report)
	if err != nil {
		return Table{}, err
	}
	by, err := c.groupings(q.By)
	if err != nil {
		return Table{}, err
	}
	if _, err := c.filters(q.Where); err != nil {
		return Table{}, err
	}
	groups, total, err := f.figures(c, q)
	if err != nil {
		return Table{}, err
	}
	t := Table{
		Report: q.Report, Title: c.report.Title, Columns: []Column{}, Rows: []Row{},
		Count: c.report.Count, Unit: c.report.Unit, Decimals: c.report.Decimals, Rounding: c.report.Rounding,
	}
	for _, g := range by {
		t.Columns = append(t.Columns, g.column)
	}
	var some bool
	t.Total, some = c.figure(total)
	t.None = !some
	for _, g := range slices.SortedFunc(maps.Values(groups), func(a, b *group) int { return slices.Compare(a.keys, b.keys) }) {
		if n, some := c.figure(g); some && g.records > 0 {
			t.Rows = append(t.Rows, Row{g.keys, labels(by, g.keys), n})
		}
	}
	return t, nil
}

// figures gathers the cells that a query takes into its groups and into the total. A
// ratio's groups are those of its two reports together.
func (f *Figures) figures(c *cube, q Query) (groups map[string]*group, total *group, err error) {
	if c.report.Count == schema.Ratio {
		return f.ratios(c, q)
	}
	by, err := c.groupings(q.By)
	if err != nil {
		return nil, nil, err
	}
	where, err := c.filters(q.Where)
	if err != nil {
		return nil, nil, err
	}
	groups, total = map[string]*group{}, newGroup(nil)
	twice := f.twins.twice(c)
	for at, cl := range c.cells {
		if !q.takes(cl.keys) || !meets(cl.keys, where) {
			continue
		}
		keys := make([]string, len(by))
		for i, g := range by {
			keys[i] = g.read(cl.keys)
		}
		row := joined(keys)
		if groups[row] == nil {
			groups[row] = newGroup(keys)
		}
		for _, g := range []*group{groups[row], total} {
			f.add(g, c, cl)
			g.less(twice[at])
		}
	}
	for row, g := range groups {
		if g.records <= 0 || c.report.Count == schema.Distinct && len(g.members) == 0 {
			delete(groups, row)
		}
	}
	return groups, total, nil
}

// linkedMeets reports whether the record that a member refers to meets the
// conditions that look at it.
func (f *Figures) linkedMeets(c *cube, member crdt.Value) bool {
	for _, w := range c.report.Where {
		link, name := w.Split()
		if link == "" {
			continue
		}
		id, _ := member.Ref()
		field, _ := c.kind.Field(link)
		kind, ok := f.registry.Kind(field.To)
		if !ok || !w.Holds([]crdt.Value{shown(kind, f.linked[field.To][id], name)}) {
			return false
		}
	}
	return true
}

// wrong says what a query asked for that is not there.
func wrong(field, zh, en, detail string) schema.Problems {
	return schema.Problems{{Field: field, Text: schema.Text{Zh: fmt.Sprintf(zh, detail), En: fmt.Sprintf(en, detail)}}}
}

func (f *Figures) cube(name string) (*cube, error) {
	var known []string
	for _, c := range f.cubes {
		full := c.kind.Name + "." + c.report.Name
		if full == name {
			return c, nil
		}
		known = append(known, full)
	}
	return nil, wrong("report", "没有这张报表，可选：%s", "there is no such report; there are: %s", strings.Join(known, ", "))
}

func (c *cube) groupings(names []string) ([]grouping, error) {
	var by []grouping
	for _, name := range names {
		base, digits, cut := strings.Cut(name, ":")
		g := grouping{column: Column{Name: name}}
		switch {
		case !slices.Contains(c.report.By, base) || cut && base != schema.ByArea:
			return nil, wrong("by", "这张报表只能按这些分组：%s", "this report groups by: %s", strings.Join(c.report.By, ", "))
		case base == schema.ByArea:
			if n, err := strconv.Atoi(cmp.Or(digits, "17")); err != nil || n < 2 || n > 17 {
				return nil, wrong("by", "区域取前 2 至 17 位，例如 %s", "an area is cut to 2 to 17 digits, such as %s", "area:9")
			} else {
				g.digits = n
			}
			g.column.Title = schema.Text{Zh: "区域", En: "Area"}
		case base == schema.ByDay:
			g.key, g.column.Title = 1, schema.Text{Zh: "日期", En: "Day"}
		default:
			g.field, _ = c.kind.Field(base)
			g.key, g.column.Title = c.place(base), g.field.Title
		}
		by = append(by, g)
	}
	return by, nil
}

// place returns where a field's key stands in a cell's keys.
func (c *cube) place(field string) int { return 2 + slices.Index(c.fields(), field) }

func (g grouping) read(keys []string) string {
	k := keys[g.key]
	if g.digits > 0 && len(k) > g.digits {
		return k[:g.digits]
	}
	return k
}

func labels(by []grouping, keys []string) []schema.Text {
	texts := make([]schema.Text, len(keys))
	for i, k := range keys {
		texts[i] = schema.Text{Zh: k, En: k}
		if by[i].field == nil {
			continue
		}
		if label, ok := by[i].field.Label(crdt.Text(k)); ok {
			texts[i] = label
		}
	}
	return texts
}

// takes reports whether a cell lies in the query's area and days.
func (q Query) takes(keys []string) bool {
	area, day := keys[0], keys[1]
	return strings.HasPrefix(area, q.Area) && (q.From == "" || day >= q.From) && (q.To == "" || day <= q.To && day != "")
}

type filter struct {
	key   int
	value string
}

func (c *cube) filters(where map[string]string) ([]filter, error) {
	var filters []filter
	for name, value := range where {
		if !slices.Contains(c.fields(), name) {
			return nil, wrong("where."+name, "这张报表只能按这些筛选：%s", "this report is filtered by: %s", strings.Join(c.fields(), ", "))
		}
		filters = append(filters, filter{c.place(name), value})
	}
	return filters, nil
}

func meets(keys []string, filters []filter) bool {
	for _, f := range filters {
		if keys[f.key] != f.value {
			return false
		}
	}
	return true
}
