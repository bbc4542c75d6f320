package sink

import (
	"fmt"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/schema"
)

// A report's view has a row for each record that it counts, so that an analyst adds up
// what the hub counts: where, when, by the report's own fields, and how much. Of a rate
// it has the rows of both sides.
func (s *Sink) reported(t *table, r *schema.Report) (view, bool) {
	v := view{name: "report_" + t.kind.Name + "_" + r.Name}
	if _, taken := s.tables[v.name]; taken {
		return v, false
	}
	of := r
	from := t
	if r.Compares() { // the same figure, now and earlier
		from, of = s.part(t, r.Of)
	}
	v.says = bilingual(r.Title) + "\n" + howTo(r, of)
	if of.Count != schema.Ratio {
		rows := s.counted(from, of)
		v.columns, v.from = rows.columns, rows.from
		return v, true
	}
	one, a := s.part(from, of.Of)
	per, b := s.part(from, of.Per)
	above, below := s.counted(one, a), s.counted(per, b)
	v.columns = bothSides(above.columns, below.columns)
	v.from = "from (" + sideRows("above", above, v.columns) + " union all " + sideRows("below", below, v.columns) + ") both_sides"
	return v, true
}

// bothSides are the columns of a rate's view: those of either side.
func bothSides(above, below []viewColumn) []viewColumn {
	all := []viewColumn{{"side", "side", "分子 above、分母 below / Above or below the line"}}
	for _, c := range slices.Concat(above, below) {
		if !slices.ContainsFunc(all, func(o viewColumn) bool { return o.name == c.name }) {
			all = append(all, viewColumn{c.name, quoted(c.name), c.says})
		}
	}
	return all
}

// sideRows selects the rows of one side; what it has no column for is nothing.
func sideRows(side string, rows view, all []viewColumn) string {
	columns := []string{literal(side) + "::text as side"}
	for _, c := range all[1:] {
		is := "null"
		if i := slices.IndexFunc(rows.columns, func(own viewColumn) bool { return own.name == c.name }); i >= 0 {
			is = rows.columns[i].is
		}
		columns = append(columns, is+" as "+quoted(c.name))
	}
	return "select " + strings.Join(columns, ", ") + " " + rows.from
}

// part returns a report of which another is made, and its kind's table.
func (s *Sink) part(t *table, name string) (*table, *schema.Report) {
	k, r, _ := s.options.Kinds.Report(t.kind, name)
	return s.tables[k.Name], r
}

// howTo says how a report's rows are added up.
func howTo(r, of *schema.Report) string {
	how := map[schema.Count]string{
		schema.Records: "count(*)", schema.Distinct: "count(distinct member)", schema.Sum: "sum(value)", schema.Average: "avg(value)",
		schema.Ratio: "side = 'above' 的合计除以 side = 'below' 的合计 / what stands above the line divided by what stands below",
	}[of.Count]
	if of.Count == schema.Ratio && of.Times > 1 {
		how += fmt.Sprintf(" × %d", of.Times)
	}
	if of.Standing() {
		how += "；某日在册：coalesce(stands_from <= DAY, true) and coalesce(stands_to > DAY, true) / as of a DAY"
	}
	if r.Compares() {
		how += "；与前一时段（" + r.Back + "）比较 / held against the same a " + r.Back + " earlier"
	}
	if !r.Unit.Empty() {
		how += "；单位 " + bilingual(r.Unit)
	}
	return how
}

// counted are the rows of a report that counts records itself.
func (s *Sink) counted(t *table, r *schema.Report) view {
	v := view{from: "from " + t.name + " t"}
	add := func(name, is, says string) {
		for slices.ContainsFunc(v.columns, func(c viewColumn) bool { return c.name == name }) {
			name += "_" // a field is called as one of these
		}
		v.columns = append(v.columns, viewColumn{name, is, says})
	}
	add("record", "t.record", "记录编号 / Record")
	add("space", "t.space", "所属空间 / Space")
	area, _ := t.records.Column(t.kind.Area.Field)
	code := "null::text"
	if area != "" {
		code = "t." + quoted(area)
	}
	add("area", code, "区划代码 / Area")
	v.from += " left join " + s.in("area_called") + " a on a.code = " + code + " left join " + s.in("area_called") + " w on w.code = left(" + code + ", 9)"
	add("area_name", "a.name", "区划名称 / Area's name")
	add("township", "left("+code+", 9)", "乡镇代码 / Township")
	add("township_name", "w.name", "乡镇名称 / Township's name")
	if r.Standing() {
		add("stands_from", s.day(t, r.From), "起始日期 / From this day on")
		add("stands_to", s.day(t, r.To), "截止日期（不含）/ Until the day before")
	} else {
		add("day", s.day(t, r.Dated(t.kind)), "计入的日期（北京时间）/ The day on which it counts, China's")
	}
	value, member := s.amount(t, r)
	add("value", value, "数量 / Amount")
	add("member", member, "去重对象 / Who or what is counted once")
	for _, name := range r.By {
		if f, ok := t.kind.Field(name); ok && name != schema.ByArea && !schema.IsPeriod(name) {
			column, title := t.records.Column(name)
			add(column, "t."+quoted(column), bilingual(f.Title))
			if title != "" {
				add(title, "t."+quoted(title), bilingual(f.Title))
			}
		}
	}
	v.from += " where " + s.meets(t, r, "t") + " and " + s.first(t, r)
	if t.kind.Wholes() { // a township is part of its county, and its own rows are in the kind's view
		v.from += fmt.Sprintf(" and length(%s) = %d", code, schema.County)
	}
	return v
}

// day returns a field as a day of China.
func (s *Sink) day(t *table, name string) string {
	column, _ := t.records.Column(name)
	i := slices.IndexFunc(t.records.Table().Columns, func(c export.Column) bool { return c.Name == column })
	switch {
	case column == "":
	case t.records.Table().Columns[i].Type == export.Moment:
		return "(t." + quoted(column) + " at time zone 'Asia/Shanghai')::date"
	case t.records.Table().Columns[i].Type == export.Day:
		return "t." + quoted(column)
	}
	return "null::date"
}

// amount returns what a row adds, and whom a distinct count tells apart. Who is masked
// is told apart by a token.
func (s *Sink) amount(t *table, r *schema.Report) (value, member string) {
	value, member = "1::numeric", "null::text"
	f, _ := t.kind.Field(r.Of)
	column, _ := t.records.Column(r.Of)
	switch {
	case r.Count == schema.Sum || r.Count == schema.Average:
		most := "1e12" // as reports bound what merges
		if f.Type == schema.TypeDecimal {
			most = "1e6"
		}
		value = fmt.Sprintf("round((case when t.%[1]s > %[2]s then %[2]s when t.%[1]s < -%[2]s then -%[2]s else t.%[1]s end)::numeric, 6)", quoted(column), most)
	case r.Count != schema.Distinct:
	case schema.AreaDigits(r.Of) > 0:
		area, _ := t.records.Column(t.kind.Area.Field)
		member = fmt.Sprintf("nullif(left(t.%s, %d), '')", quoted(area), schema.AreaDigits(r.Of))
	case f == nil:
	case t.records.Masks(f):
		member = fmt.Sprintf("nullif(t.%s[%d], '')", quoted(whoColumn), 1+slices.Index(t.who, f))
	case f.To != "" && f.Merge == crdt.Register:
		member = fmt.Sprintf("coalesce((select o.one from %s o where o.record = t.%[2]s limit 1), t.%[2]s)", s.in("sink_one"), quoted(column))
	default:
		member = "t." + quoted(column) + "::text"
	}
	return value, member
}

// meets is the condition under which a report counts a record, as it was judged when the
// row was written; through a link, as the linked record was.
func (s *Sink) meets(t *table, r *schema.Report, row string) string {
	all := []string{"true"}
	if _, own := t.judged[r.Name]; own {
		all = append(all, fmt.Sprintf("%s = any(%s.%s)", literal(r.Name), row, quoted(countsColumn)))
	}
	for _, condition := range r.Where {
		link, that, _ := condition.Through()
		f, ok := t.kind.Field(link)
		if !ok {
			continue
		}
		to := s.tables[f.To]
		column, _ := t.records.Column(link)
		held := func(column, from string, link string) string {
			return fmt.Sprintf("(select %s = any(x.%s) from %s x where x.record = %s order by x.space limit 1)", literal(that.String()), column, from, link)
		}
		id := row + "." + quoted(column)
		all = append(all, fmt.Sprintf("coalesce(%s, %s, %t)", held(quoted(holdsColumn), to.name, id), held("holds", s.in("sink_dead"), id), meets(to.kind, that, crdt.Record{})))
	}
	return strings.Join(all, " and ")
}

// first takes of records that are one the smallest that counts.
func (s *Sink) first(t *table, r *schema.Report) string {
	return fmt.Sprintf(`not exists (select from %[1]s mine join %[1]s p on p.one = mine.one and p.record < mine.record join %[2]s d on d.space = p.space and d.record = p.record
where mine.record = t.record and %[3]s)`, s.in("sink_one"), t.name, s.meets(t, r, "d"))
}
