package export_test

import (
	"reflect"
	"slices"
	"testing"

	"wangge/node/export"
	"wangge/node/report"
	"wangge/schema"
)

// rates is a frozen report of two townships, and what the records say of three now.
func rates() export.Report {
	text := func(s string) schema.Text { return schema.Text{Zh: s, En: s} }
	row := func(key string, n int64, said string) report.Row {
		return report.Row{Keys: []string{key}, Labels: []schema.Text{text(key)}, Count: n, Said: text(said)}
	}
	n := func(n int64) *int64 { return &n }
	t := report.Table{
		Report: "case.rate", Title: schema.Text{Zh: "办结率", En: "Share closed"}, Columns: []report.Column{{Name: "area:9", Title: schema.Text{Zh: "区域", En: "Area"}}},
		Rows: []report.Row{row("140581105", 819, "81余"), row("140581107", 500, "")}, Total: 790, Said: schema.Text{Zh: "79余", En: "79 and more"}, Qualifier: schema.AndMore,
		Count: schema.Ratio, Unit: schema.Text{Zh: "%", En: "%"}, Decimals: 1, Rounding: schema.Floor, To: "2026-10-31",
	}
	now := t
	now.Total, now.Rows = 800, []report.Row{row("140581105", 819, ""), row("140581106", 1000, "")}
	return export.Report{Table: t, Now: &now, Compared: []report.Compared{
		{Period: report.PeriodBefore, From: "2026-09-01", To: "2026-09-30", Frozen: true, Held: report.Held{Total: n(800), Difference: n(-10)}, Rows: []report.Held{{Total: n(800), Difference: n(19)}, {}}},
		{Period: report.YearBefore, From: "2025-10-01", To: "2025-10-31", Held: report.Held{Total: n(395), Difference: n(395), Growth: n(1000)}, Rows: []report.Held{{}, {Total: n(0), Difference: n(500)}}},
	}}
}

func TestAFigureGoesOutWithAllThatBelongsToIt(t *testing.T) {
	table, rows := export.Figures(rates(), false)
	book := readBook(t, written(t, export.XLSX, table, rows, export.Style{}))
	shown, err := book.GetRows("数据 Data")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"区域\nArea", "区域（名称）\nArea (name)", "办结率\nShare closed", "公布为\nPublished as", "上期\nPeriod before", "比上期\nAgainst the period before", "环比增长 %\nGrowth over the period before, %",
			"上年同期\nYear before", "比上年同期\nAgainst the year before", "同比增长 %\nGrowth over a year, %", "现在\nNow", "重述\nRestated"},
		{"140581105", "", "81.9", "81余", "80.0", "1.9", "", "", "", "", "81.9"},
		{"140581106", "", "", "", "", "", "", "", "", "", "100.0", "100.0"},
		{"140581107", "", "50.0", "", "", "", "", "0.0", "50.0", "", "", "-50.0"},
	}
	if !reflect.DeepEqual(shown, want) {
		t.Errorf("the rows are\n%q\nwant\n%q", shown, want)
	}
	about, err := book.GetRows("说明 About")
	wanted := [][]string{
		{"办结率\nShare closed"}, {"单位\nUnit", "%"}, {"取整\nRounding", "1 位小数 decimals, 只舍不入 rounded down"}, {"合计\nTotal", "79.0"},
		{"限定\nQualifier", "余 and more"}, {"公布为\nPublished as", "79余 79 and more"}, {"现在\nNow", "80.0"}, {"重述\nRestated", "+1.0"},
		{"上期\nPeriod before", "2026-09-01 – 2026-09-30: 80.0 (结账数 frozen), -1.0"}, {"上年同期\nYear before", "2025-10-01 – 2025-10-31: 39.5, +39.5, +100.0 %"}, {"行数\nRows", "3"},
	}
	if err != nil || !reflect.DeepEqual(about, wanted) {
		t.Errorf("the sheet about it says\n%q (%v), want\n%q", about, err, wanted)
	}
}

// A row for which there is nothing to divide by goes out where it would stand, without a figure.
func TestARowWithNothingToDivideByGoesOutWithoutAFigure(t *testing.T) {
	r := rates()
	r.Now, r.Qualifier = nil, ""
	r.Undivided = []report.Row{{Keys: []string{"140581106"}, Labels: []schema.Text{{Zh: "陈区镇"}}}}
	table, rows := export.Figures(r, false)
	if len(rows) != 3 || !reflect.DeepEqual(rows[1][:3], []any{"140581106", "陈区镇", nil}) || rows[1][3] != nil || rows[2][0] != "140581107" || rows[2][2] == nil {
		t.Errorf("the rows are %v", rows)
	}
	if !slices.Contains(table.About, export.Line{Title: schema.Text{Zh: "没有可除的数", En: "Nothing to divide by"}, Value: "1 行 rows"}) {
		t.Errorf("the file says of itself %v", table.About)
	}
}

func TestAPlainReportHasNoColumnThatNothingFills(t *testing.T) {
	r := rates()
	r.Now, r.Compared, r.Qualifier = nil, nil, ""
	table, rows := export.Figures(r, false)
	if len(table.Columns) != 3 || len(rows) != 2 || len(rows[0]) != 3 {
		t.Errorf("%+v, %v", table.Columns, rows)
	}
}

func TestATotalOfNothingGoesOutAsNought(t *testing.T) {
	r := rates()
	r.Columns, r.Table.Rows, r.Compared, r.Qualifier, r.Count, r.Total = nil, nil, nil, "", schema.Records, 0
	now := r.Table
	now.Total = 12
	r.Now = &now
	if _, rows := export.Figures(r, false); !reflect.DeepEqual(rows, [][]any{{int64(0), int64(12), int64(12)}}) {
		t.Errorf("got %v", rows)
	}
	if r.None = true; len(r.Rows()) != 1 || r.Rows()[0].Figure() != nil || r.Rows()[0].Restated() != int64(12) {
		t.Errorf("of nothing to divide by: %v", r.Rows())
	}
}
