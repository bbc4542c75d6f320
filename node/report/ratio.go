package report

import "wangge/schema"

// ratios gathers the groups of a ratio's two reports.
func (f *Figures) ratios(c *cube, q Query) (groups map[string]*group, total *group, err error) {
	groups, total = map[string]*group{}, newGroup(nil)
	for i, name := range []string{c.report.Of, c.report.Per} {
		part := f.part(c, name)
		asked := q
		if part.kind.When == "" { // such as inhabitants, who are there all the year
			asked.From, asked.To = "", ""
		}
		of, sum, err := f.figures(part, asked)
		if err != nil {
			return nil, nil, err
		}
		total.divides(i, part, sum)
		for row, g := range of {
			if groups[row] == nil {
				groups[row] = newGroup(g.keys)
			}
			groups[row].divides(i, part, g)
		}
	}
	return groups, total, nil
}

// part returns the cube of a report that a ratio names, which New found.
func (f *Figures) part(c *cube, name string) *cube {
	kind, report, _ := f.registry.Report(c.kind, name)
	for _, other := range f.cubes {
		if other.kind.Name == kind.Name && other.report.Name == report.Name {
			return other
		}
	}
	panic("report: the registry has a report of which there are no figures: " + name)
}

// divides makes a group the one above (0) or below (1) the line.
func (g *group) divides(i int, c *cube, part *group) {
	g.parts[i] = c
	if i == 0 {
		g.of = part
	} else {
		g.per = part
	}
	g.records += max(part.records, 0)
}

// counts reports whether the cube has cells of its own.
func (c *cube) counts() bool { return c.report.Count != schema.Ratio }
