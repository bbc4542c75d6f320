package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"wangge/node/export"
)

// readBook opens a workbook that was written.
func readBook(t *testing.T, file []byte) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return book
}

func TestAWorkbookIsFormattedAsOfficesExpect(t *testing.T) {
	table, rows := everything()
	book := readBook(t, written(t, export.XLSX, table, rows, export.Style{}))
	if got := book.GetSheetList(); !reflect.DeepEqual(got, []string{"数据 Data", "说明 About"}) {
		t.Fatalf("the sheets are %q", got)
	}
	shown, err := book.GetRows("数据 Data")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"文本\nTEXT", "整数\nWHOLE", "小数\nNUMBER", "数字\nFigure", "是否\nYES", "时刻\nMOMENT", "日期\nDAY", "列表\nLIST"},
		{"140581105211001", "3", "2.5", "81.99", "TRUE", "2025-11-22 09:30:00", "2024-02-29", "独居; 党员"},
		nil,
		{"=1+1", "-3", "-0.125", "-0.07", "FALSE", "1990-01-01 00:00:00", "1949-10-01", "+86"},
		{" 两\n行 <&\"'� ", "9007199254740993", "1E+21", "0.00", "", "", "1900-01-01"},
	}
	if !reflect.DeepEqual(shown, want) {
		t.Errorf("the rows are\n%q\nwant\n%q", shown, want)
	}
	if kind, err := book.GetCellType("数据 Data", "A2"); err != nil || kind != excelize.CellTypeInlineString {
		t.Errorf("a code of digits is of type %v (%v), want a text", kind, err)
	}
	if formula, err := book.GetCellFormula("数据 Data", "A4"); err != nil || formula != "" {
		t.Errorf("what was typed became the formula %q (%v)", formula, err)
	}
	if panes, err := book.GetPanes("数据 Data"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header does not stand still: %+v (%v)", panes, err)
	}
	if names := book.GetDefinedName(); len(names) != 1 || !strings.HasSuffix(names[0].RefersTo, "$A$1:$H$5") {
		t.Errorf("the filter is %+v, want one over A1:H5", names)
	}
	about, err := book.GetRows("说明 About")
	if want := [][]string{{"各种\nEverything"}, {"区域\nArea", "140581"}, {"行数\nRows", "4"}}; err != nil || !reflect.DeepEqual(about, want) {
		t.Errorf("the sheet about it says %q (%v), want %q", about, err, want)
	}
}

func TestRowsBeyondASheetGoOnInAnother(t *testing.T) {
	if testing.Short() {
		t.Skip("writes more rows than a sheet takes")
	}
	table, rows := everything()
	table.Columns = table.Columns[:1]
	many := make([][]any, 1<<20)
	for i := range many {
		many[i] = rows[0][:1]
	}
	many[len(many)-1] = []any{"last"}
	book := readBook(t, written(t, export.XLSX, table, many, export.Style{}))
	if got, err := book.GetCellValue("数据 Data 2", "A2"); err != nil || got != "last" {
		t.Errorf("the second sheet begins with %q (%v), want the last row", got, err)
	}
}

// TestLibreOfficeReadsAWorkbook has the real program open one and write out what it
// sees.
func TestLibreOfficeReadsAWorkbook(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("NOT CHECKED: there is no LibreOffice here: apt-get install --no-install-recommends libreoffice-calc")
	}
	table, rows := everything()
	figures, cells := export.Figures(rates(), false)
	seen := throughOffice(t, office, map[string][]byte{
		"everything": written(t, export.XLSX, table, rows, export.Style{}), "figures": written(t, export.XLSX, figures, cells, export.Style{}),
	})
	want := []string{"140581105211001", "3", "2.5", "81.99", "TRUE", "2025-11-22 09:30:00", "2024-02-29", "独居; 党员"}
	if all := seen["everything"]; len(all) != 5 || !reflect.DeepEqual(all[1], want) || all[3][0] != "=1+1" {
		t.Errorf("LibreOffice sees\n%s\nwant %q second, and what was typed as it was", strings.ReplaceAll(fmt.Sprintf("%q", all), "] [", "]\n["), want)
	}
	want = []string{"140581107", "", "50", "", "", "", "", "0", "50", "", "", "-50"}
	if all := seen["figures"]; len(all) != 4 || !reflect.DeepEqual(all[3], want) {
		t.Errorf("LibreOffice sees the figures as\n%q\nwant %q last", all, want)
	}
}

// throughOffice has LibreOffice write out the first sheet of each workbook.
func throughOffice(t *testing.T, office string, books map[string][]byte) map[string][][]string {
	t.Helper()
	dir := t.TempDir()
	arguments := []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless",
		"--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1", "--outdir", dir}
	for name, book := range books {
		path := filepath.Join(dir, name+".xlsx")
		if err := os.WriteFile(path, book, 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, path)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, office, arguments...)
	run.Env = append(os.Environ(), "HOME="+dir)
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("LibreOffice: %v\n%s", err, said)
	}
	seen := map[string][][]string{}
	for name := range books {
		files, err := filepath.Glob(filepath.Join(dir, name+"*.csv"))
		if err != nil || len(files) != 1 {
			t.Fatalf("LibreOffice wrote %q (%v)", files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if seen[name], err = csv.NewReader(bytes.NewReader(text)).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}
