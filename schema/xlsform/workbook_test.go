package xlsform

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// bookOf writes a workbook with the sheets in their order.
func bookOf(t testing.TB, names []string, sheets map[string][][]any) string {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	day, _ := book.NewStyle(&excelize.Style{NumFmt: 14})
	moment, _ := book.NewStyle(&excelize.Style{NumFmt: 22})
	for _, name := range names {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range sheets[name] {
			for j, value := range row {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				book.SetCellValue(name, cell, value)
				if at, is := value.(time.Time); is && at.Equal(at.Truncate(24*time.Hour)) {
					book.SetCellStyle(name, cell, cell, day)
				} else if is {
					book.SetCellStyle(name, cell, cell, moment)
				}
			}
		}
	}
	book.DeleteSheet("Sheet1")
	file := filepath.Join(t.TempDir(), "springs.xlsx")
	if err := book.SaveAs(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// readAll returns all rows of a workbook's sheets.
func readAll(file string) (rows [][]string, err error) {
	w, err := OpenWorkbook(file)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for _, sheet := range w.Sheets() {
		in, err := w.Rows(sheet)
		if err != nil {
			return rows, err
		}
		defer in.Close()
		for {
			row, err := in.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return rows, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func TestRowsOfAWorkbookSayWhatWasFilledIn(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	file := bookOf(t, []string{"a", "nothing", "b"}, map[string][][]any{
		"a": {{"at", "day", "lat", "yes", "n"}, {}, {at, at.Truncate(24 * time.Hour), 35.79, true, 140581105211003}}, "b": {{"door"}, {"07"}},
	})
	got, err := readAll(file)
	want := [][]string{{"at", "day", "lat", "yes", "n"}, {"2026-11-22 09:30", "2026-11-22", "35.79", "1", "140581105211003"}, {"door"}, {"07"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestACellSaysWhatThePersonSaw(t *testing.T) {
	for _, c := range [][3]string{
		{"46348.395833333336", "2026-11-22 09:30", "2026-11-22 09:30"}, {"43536", "2019/3/12", "2019/3/12"}, {"43536", "43536", "43536"},
		{"1.40581105211003E+14", "1.40581E+14", "140581105211003"}, {"35.789999999999999", "35.79", "35.79"}, {"0.5", "50%", "0.5"}, {"1200", "1,200", "1200"},
		{"007", "007", "007"}, {"1E5", "1E5", "1E5"}, {"二", "二", "二"}, {"2026-11-22", "2026-11-22", "2026-11-22"},
	} {
		if got := cellText(c[0], c[1]); got != c[2] {
			t.Errorf("%s, shown as %s, is %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// repacked writes a workbook anew with the parts changed; a part that is nil is left out.
func repacked(t testing.TB, file string, change map[string][]byte) string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		content, changed := change[f.Name]
		if !changed {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, _ = io.ReadAll(in)
			in.Close()
		}
		part, _ := w.Create(f.Name)
		part.Write(content)
	}
	w.Close()
	changed := filepath.Join(t.TempDir(), "changed.xlsx")
	if err := os.WriteFile(changed, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return changed
}

// What no export is like is refused before it costs anything, and what is damaged before half of it
// is taken for all.
func TestAWorkbookThatIsNoneIsRefused(t *testing.T) {
	good := bookOf(t, []string{"springs"}, map[string][][]any{"springs": {{"state", "_uuid"}, {"bad", "x"}}})
	sheet := func(rows string) map[string][]byte {
		return map[string][]byte{"xl/worksheets/sheet2.xml": []byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`)}
	}
	text := strings.Repeat("x", bookRowMax+64<<10)
	for want, change := range map[string]map[string][]byte{
		"row 1 has more than 10000 cells": sheet("<row>" + strings.Repeat("<c/>", 1_000_000) + "</row>"),
		"row 2 is longer than 8 MB":       sheet(`<row/><row><c t="inlineStr"><is><t>` + text + `</t></is></c></row>`),
		"damaged after row 2":             sheet("<row/><row><c>\x01</c></row><row/>"),
		"row 1 is longer than 8 MB":       {"xl/sharedStrings.xml": []byte(`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>` + text + `</t></si></sst>`)},
		"it unpacks to":                   sheet(strings.Repeat("<row/>", swellFrom/5)),
		"styles.xml in it is larger than": {"xl/styles.xml": bytes.Repeat([]byte(" "), bookPartMax+1)},
		"no workbook of Excel":            {},
		"the column number must be":       sheet(`<row><c r="XFE1" t="inlineStr"><is><t>x</t></is></c></row>`),
		"row number exceeds":              sheet(`<row r="9999999"><c t="inlineStr"><is><t>x</t></is></c></row>`),
	} {
		file := good
		switch {
		case len(change) == 0:
			file = filepath.Join(t.TempDir(), "springs.xlsx")
			if err := os.WriteFile(file, []byte("not packed"), 0o600); err != nil {
				t.Fatal(err)
			}
		default:
			file = repacked(t, good, change)
		}
		_, err := readAll(file)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func FuzzWorkbook(f *testing.F) {
	for _, text := range []string{
		`<row><c t="inlineStr"><is><t>state</t></is></c></row><row r="7"><c s="1"><v>46348.5</v></c></row>`, `<row r="1"><c r="B1"><v>1</v></c></row>`, `<row><c t="s"><v>0</v></c>`,
		`<row><c><f>1+</f><v>x</v></c></row><row r="2"><c r="ZZ9" t="b"><v>1</v></c><c r="A2" t="e"/></row>`, `<row r="-3"/><row r="1048576"><c/></row>`,
	} {
		f.Add([]byte(text))
	}
	good := bookOf(f, []string{"springs"}, map[string][][]any{"springs": {{"state", "_uuid"}, {"bad", "x"}}})
	f.Fuzz(func(t *testing.T, part []byte) {
		file := repacked(t, good, map[string][]byte{"xl/worksheets/sheet2.xml": []byte("<worksheet><sheetData>" + string(part) + "</sheetData></worksheet>")})
		if rows, _ := readAll(file); len(rows) > len(part) {
			t.Fatalf("%d rows of %d bytes", len(rows), len(part))
		}
	})
}
