package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
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

// textsOf reads a table of texts.
func textsOf(t testing.TB, table string) (rows [][]any) {
	t.Helper()
	in := csv.NewReader(strings.NewReader(table))
	in.Comma = ';'
	all, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, texts := range all {
		row := []any{}
		for _, text := range texts {
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return rows
}

// Kobo writes a form's submissions on one sheet of a workbook and its repeats on others, as
// texts or in Excel's own types: both come to what its CSV does.
func TestAWorkbookComesToWhatItsTablesDo(t *testing.T) {
	kobo := springExports["Kobo"]
	dir := files(t, kobo)
	want, _, _ := carriedOver(t, exportOf(t, filepath.Join(dir, "springs.csv"), []string{filepath.Join(dir, "homes.csv")}, filepath.Join(dir, "pictures")))
	homes := textsOf(t, kobo["homes.csv"])
	typed := [][]any{
		{"g/seen", "g/dug", "_g/loc_latitude", "_g/loc_longitude", "_g/loc_altitude", "_g/loc_precision", "uses/drink", "uses/field", "state", "photo", "_id", "_uuid", "_index"},
		{},
		{time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC), time.Date(2019, 3, 12, 0, 0, 0, 0, time.UTC), 35.79, 112.92, 850.5, 4.8, true, 1, "bad", "1.jpg", 17, springID, 1},
	}
	for name, main := range map[string][][]any{"texts": textsOf(t, kobo["springs.csv"]), "types": typed} {
		file := bookOf(t, []string{"springs", "nothing", "homes"}, map[string][][]any{"springs": main, "homes": homes})
		got, faults, left := carriedOver(t, exportOf(t, file, nil, filepath.Join(dir, "pictures")))
		if len(got) == 1 && name == "types" { // that format shows no seconds
			got[0]["seen"], got[0]["uses"] = want[0]["seen"], want[0]["uses"]
		}
		if !reflect.DeepEqual(got, want) || len(faults) != 0 || strings.Contains(left, "left out") {
			t.Errorf("%s: got\n%v, %v, %s\nwant\n%v", name, got, faults, left, want)
		}
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
	good := bookOf(t, []string{"springs"}, map[string][][]any{"springs": {{"state", "_uuid"}, {"bad", springID}}})
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
		"2 sheets of submissions (a, b)":  nil,
		"no workbook of Excel":            {},
		"0 sheets":                        sheet(""),
		"the column number must be":       sheet(`<row><c r="XFE1" t="inlineStr"><is><t>x</t></is></c></row>`),
		"row number exceeds":              sheet(`<row r="9999999"><c t="inlineStr"><is><t>x</t></is></c></row>`),
	} {
		file := good
		switch {
		case change == nil:
			file = bookOf(t, []string{"a", "b"}, map[string][][]any{"a": {{"x"}}, "b": {{"x"}}})
		case len(change) == 0:
			file = filepath.Join(files(t, map[string]string{"springs.xlsx": "not packed"}), "springs.xlsx")
		default:
			file = repacked(t, good, change)
		}
		_, err := openExport(file, nil, "")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := openParts("", good, nil, ""); err == nil || !strings.Contains(err.Error(), "--format odk") {
		t.Errorf("a workbook without a format: %v", err)
	}
}

func FuzzWorkbook(f *testing.F) {
	for _, text := range []string{
		`<row><c t="inlineStr"><is><t>state</t></is></c></row><row r="7"><c s="1"><v>46348.5</v></c></row>`, `<row r="1"><c r="B1"><v>1</v></c></row>`, `<row><c t="s"><v>0</v></c>`,
		`<row><c><f>1+</f><v>x</v></c></row><row r="2"><c r="ZZ9" t="b"><v>1</v></c><c r="A2" t="e"/></row>`, `<row r="-3"/><row r="1048576"><c/></row>`,
	} {
		f.Add([]byte(text))
	}
	good := bookOf(f, []string{"springs"}, map[string][][]any{"springs": {{"state", "_uuid"}, {"bad", springID}}})
	k, kinds := springs(f)
	f.Fuzz(func(t *testing.T, rows []byte) {
		file := repacked(t, good, map[string][]byte{"xl/worksheets/sheet2.xml": append([]byte("<worksheet><sheetData>"), rows...)})
		parts, err := openExport(file, nil, "")
		if err != nil {
			return
		}
		defer parts.close()
		r, err := readSubmissions(nil, k, kinds, nil, parts)
		for n := 0; err == nil; n++ {
			if _, err = r.next(); n > len(rows) {
				t.Fatal("the sheet has no end")
			}
		}
		if !errors.Is(err, io.EOF) && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
	})
}
