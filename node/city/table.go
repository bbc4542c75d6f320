package city

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"wangge/node/export"
	"wangge/schema"
)

// Says returns how an area stands to a report, in words, and what it said before.
func (s Stand) Says() schema.Text {
	text := s.stands()
	if r := s.Restated; r != nil {
		text.Zh += fmt.Sprintf("；重述：第 %d 号为 %s，现为 %s", r.Number, cmp.Or(r.Before, "无"), cmp.Or(r.Now, "无"))
		text.En += fmt.Sprintf("; restated: number %d said %s, this %s", r.Number, cmp.Or(r.Before, "nothing"), cmp.Or(r.Now, "nothing"))
		if r.Difference != "" {
			text.Zh, text.En = text.Zh+"（"+r.Difference+"）", text.En+" ("+r.Difference+")"
		}
	}
	return text
}

func (s Stand) stands() schema.Text {
	switch s.State {
	case Unpublished:
		return schema.Text{Zh: "尚未报送", En: "has not published"}
	case Absent:
		return s.named(schema.Text{Zh: "报送中没有这张报表", En: "published no such report"})
	case Withheld:
		return s.named(schema.Text{Zh: "人数过少，不公布", En: "withheld: too few persons"})
	case OtherUnit:
		return s.named(schema.Text{Zh: "计量单位不同", En: "counts in another unit"})
	case Apart:
		return schema.Text{Zh: "由所辖各地分列", En: "has each of its areas' own"}
	}
	zh, en := fmt.Sprintf("第 %d 次报送，%d/%d 个站齐", s.Number, s.Boxes, s.Of), fmt.Sprintf("publication %d, complete for %d of %d boxes", s.Number, s.Boxes, s.Of)
	if len(s.Lacks) > 0 {
		zh, en = zh+"，不含 "+strings.Join(s.Lacks, "、"), en+", lacks "+strings.Join(s.Lacks, ", ")
	}
	return schema.Text{Zh: zh, En: en}
}

// named says of which part of a report that is so.
func (s Stand) named(why schema.Text) schema.Text {
	if s.Part == "" {
		return why
	}
	return schema.Text{Zh: why.Zh + "：" + s.Part, En: why.En + ": " + s.Part}
}

// Lacking names the areas whose figure no sum has, and why: whoever reads a sum is told of
// what it is one.
func (r Report) Lacking() schema.Text {
	var zh, en []string
	for _, s := range r.Areas {
		if s.State == Apart {
			continue
		}
		if s.State != Counted {
			why := s.Says()
			zh, en = append(zh, fmt.Sprintf("%s %s（%s）", s.Name, s.Code, why.Zh)), append(en, fmt.Sprintf("%s %s (%s)", s.Name, s.Code, why.En))
			continue
		}
		for _, area := range s.Lacks {
			zh, en = append(zh, s.Name+"的 "+area), append(en, area+" of "+s.Name)
		}
	}
	return schema.Text{Zh: strings.Join(zh, "、"), En: strings.Join(en, ", ")}
}

// Counted returns how many areas' figures the sums have.
func (r Report) Counted() (n int) {
	for _, s := range r.Areas {
		if s.State == Counted {
			n++
		}
	}
	return n
}

// Table returns the report as it goes into a file, and its rows: of each group the sum
// first, whose area is the folder's own, and each area's figure below it.
func (r Report) Table(english bool) (export.Table, [][]any) {
	pick := func(t schema.Text) string {
		if english {
			return t.En
		}
		return t.Zh
	}
	t := export.Table{Name: strings.ReplaceAll(r.Report, ".", "_"), Title: r.Title, Columns: r.columns(), About: r.about(pick)}
	var rows [][]any
	for _, row := range r.Rows {
		var group []any
		if r.By != "" {
			group = []any{filled(row.Key), pick(row.Label)}
		}
		whole := schema.Text{Zh: fmt.Sprintf("%d/%d 个地区", r.Counted(), len(r.Areas)), En: fmt.Sprintf("%d of %d areas", r.Counted(), len(r.Areas))}
		if !r.Apart {
			rows = append(rows, r.line(group, Area{r.Area, pick(schema.Text{Zh: "合计", En: "total"})}, row.Sum, pick(whole)))
		}
		for i, s := range r.Areas {
			rows = append(rows, r.line(group, s.Area, row.Each[i], pick(s.Says())))
		}
	}
	if r.worded() {
		said(r, rows, pick)
	}
	return t, rows
}

// said appends to each row how its figure is published.
func said(r Report, rows [][]any, pick func(schema.Text) string) {
	var figures []*Figure
	for _, row := range r.Rows {
		if !r.Apart {
			figures = append(figures, row.Sum)
		}
		figures = append(figures, row.Each...)
	}
	for i, f := range figures {
		var text any
		if f != nil {
			text = filled(pick(f.Said))
		}
		rows[i] = append(rows[i], text)
	}
}

// Write writes the report as a file.
func (r Report) Write(out io.Writer, format export.Format, style export.Style) error {
	t, rows := r.Table(style.English)
	w, err := export.New(format, out, t, style)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	return w.Close()
}

// worded reports whether any figure is published otherwise than exactly.
func (r Report) worded() bool {
	return slices.ContainsFunc(r.Rows, func(row Row) bool {
		return slices.ContainsFunc(append(slices.Clone(row.Each), row.Sum), func(f *Figure) bool { return f != nil && !f.Said.Empty() })
	})
}

func filled(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (r Report) columns() []export.Column {
	columns := []export.Column{
		{Name: "area", Title: schema.Text{Zh: "区域", En: "Area"}},
		{Name: "area_name", Title: schema.Text{Zh: "区域（名称）", En: "Area (name)"}},
		{Name: "figure", Title: r.Title, Type: export.Figure, Places: r.Decimals},
		{Name: "persons", Title: schema.Text{Zh: "所涉人（件）数", En: "Persons or records"}, Type: export.Whole},
		{Name: "earlier", Title: schema.Text{Zh: "上月", En: "Month before"}, Type: export.Figure, Places: r.Decimals},
		{Name: "difference", Title: schema.Text{Zh: "增减", En: "Difference"}, Type: export.Figure, Places: r.Decimals},
		{Name: "growth", Title: schema.Text{Zh: "增长（%）", En: "Growth (%)"}, Type: export.Figure, Places: growthPlaces},
		{Name: "stands", Title: schema.Text{Zh: "报送情况", En: "Publication"}},
	}
	if r.worded() {
		columns = append(columns, export.Column{Name: "said", Title: export.SaidTitle()})
	}
	if r.By == "" {
		return columns
	}
	return append([]export.Column{
		{Name: strings.ReplaceAll(r.By, ":", "_"), Title: schema.Text{Zh: "分组", En: "Group"}},
		{Name: "group_name", Title: schema.Text{Zh: "分组（名称）", En: "Group (name)"}},
	}, columns...)
}

func (r Report) line(group []any, a Area, f *Figure, stands string) []any {
	row := append(group[:len(group):len(group)], a.Code, a.Name)
	if f == nil {
		return append(row, nil, nil, nil, nil, nil, stands)
	}
	row = append(row, f.Value, nil, nil, nil, nil, stands)
	at := len(group)
	if f.Persons > 0 {
		row[at+3] = f.Persons
	}
	if c := f.Compared; c != nil {
		if row[at+4], row[at+5] = c.Earlier, c.Difference; c.Growth != nil {
			row[at+6] = *c.Growth
		}
	}
	return row
}

func (r Report) about(pick func(schema.Text) string) []export.Line {
	say := func(zh, en, value string) export.Line {
		return export.Line{Title: schema.Text{Zh: zh, En: en}, Value: value}
	}
	lines := []export.Line{
		say("区域", "Area", r.Area), say("月份", "Month", r.Month), say("上月", "Month before", r.Earlier),
	}
	if unit := pick(r.Unit); unit != "" {
		lines = append(lines, say("单位", "Unit", unit))
	}
	if r.Apart {
		lines = append(lines, say("合计", "Total", pick(apart())))
	} else {
		lines = append(lines, say("计入合计", "In the total", fmt.Sprintf("%d/%d", r.Counted(), len(r.Areas))))
	}
	if r.Bound != "" {
		lines = append(lines, say("合计是", "The total is", pick(r.bound())))
	}
	if lacking := pick(r.Lacking()); lacking != "" {
		lines = append(lines, say("不计入", "Not in it", lacking))
	}
	if len(r.Parts) > 1 {
		lines = append(lines, say("合计之比", "Divided are the sums of", strings.Join(r.Parts, " / ")))
	}
	if len(r.Rows) > 0 && r.Rows[len(r.Rows)-1].Rest {
		lines = append(lines, say("其余", "The rest", pick(groupsLack())))
	}
	return lines
}

// apart says why there is no sum.
func apart() schema.Text {
	return schema.Text{Zh: "按人去重的数不相加：同一个人可能在两个地区", En: "none: each area counts its persons once, and somebody may be in two"}
}

// bound says how the total stands to what nobody knows.
func (r Report) bound() schema.Text {
	if r.Bound == AtLeast {
		return schema.Text{Zh: "至少数：除数按人去重，同一个人可能在两个地区各算一次", En: "at least so much: it is divided by persons, and somebody may be counted in two areas"}
	}
	return schema.Text{Zh: "至多数：分子按人去重，同一个人可能在两个地区各算一次", En: "at most so much: persons are divided, and somebody may be counted in two areas"}
}

// groupsLack says of what a group's sum may be less.
func groupsLack() schema.Text {
	return schema.Text{
		Zh: "人数过少的分组由各地并入其余，因此每组的合计是至少数", En: "areas put what stands for too few into the rest, so each group's sum is at least so much",
	}
}
