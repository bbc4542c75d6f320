package export_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"wangge/node/export"
	"wangge/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everything is a table with a column of each type.
func everything() (export.Table, [][]any) {
	column := func(name, zh string, t export.Type) export.Column {
		return export.Column{Name: name, Title: schema.Text{Zh: zh, En: strings.ToUpper(name)}, Type: t}
	}
	t := export.Table{
		Name: "everything", Title: schema.Text{Zh: "各种", En: "Everything"},
		Columns: []export.Column{
			column("text", "文本", export.Text), column("whole", "整数", export.Whole), column("number", "小数", export.Number),
			{Name: "figure", Title: schema.Text{Zh: "数字", En: "Figure"}, Type: export.Figure, Places: 2},
			column("yes", "是否", export.Bool), column("moment", "时刻", export.Moment), column("day", "日期", export.Day),
			column("list", "列表", export.List),
		},
		About: []export.Line{{Title: schema.Text{Zh: "区域", En: "Area"}, Value: "140581"}},
	}
	rows := [][]any{
		{"140581105211001", int64(3), 2.5, int64(8199), true, time.UnixMilli(1763775000123).UTC(), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), []string{"独居", "党员"}},
		{nil, nil, nil, nil, nil, nil, nil, nil},
		{"=1+1", int64(-3), -0.125, int64(-7), false, time.UnixMilli(631123200000).UTC(), time.Date(1949, 10, 1, 0, 0, 0, 0, time.UTC), []string{"+86"}},
		{" 两\n行 <&\"'\x01 ", int64(9007199254740993), 1e21, int64(0), nil, nil, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), []string{}},
	}
	return t, rows
}

func written(t testing.TB, f export.Format, table export.Table, rows [][]any, s export.Style) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := export.New(f, &out, table, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTextFormatsAreGolden(t *testing.T) {
	table, rows := everything()
	for _, f := range []export.Format{export.CSV, export.JSON, export.Lines} {
		got := written(t, f, table, rows, export.Style{})
		path := "testdata/everything." + string(f)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", f, got, want)
		}
	}
}

func TestATableWithoutRowsIsWholeInEveryFormat(t *testing.T) {
	table, _ := everything()
	for _, f := range export.Formats() {
		if got := written(t, f, table, nil, export.Style{}); f == export.JSON && string(got) != "[]\n" || f != export.Lines && len(got) == 0 {
			t.Errorf("%s is %q", f, got)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	table, rows := everything()
	for _, f := range export.Formats() {
		b.Run(string(f), func(b *testing.B) {
			w, err := export.New(f, io.Discard, table, export.Style{})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := w.Write(rows[0]); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
