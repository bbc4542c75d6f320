package main

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// bookOf writes a workbook as plainly as one can be, with a table on each sheet.
func bookOf(t testing.TB, tables ...[2]string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "springs.xlsx")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(out)
	put := func(name, content string) {
		part, err := z.Create(name)
		if err == nil {
			_, err = part.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const office, packed = "http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://schemas.openxmlformats.org/package/2006/"
	const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	sheets, relations := "", ""
	for i, table := range tables {
		n := i + 1
		sheets += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="r%d"/>`, table[0], n, n)
		relations += fmt.Sprintf(`<Relationship Id="r%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, office, n)
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", n), `<worksheet xmlns="`+main+`"><sheetData>`+rowsOf(t, table[1])+`</sheetData></worksheet>`)
	}
	put("xl/workbook.xml", `<workbook xmlns="`+main+`" xmlns:r="`+office+`"><sheets>`+sheets+`</sheets></workbook>`)
	put("xl/_rels/workbook.xml.rels", `<Relationships xmlns="`+packed+`relationships">`+relations+`</Relationships>`)
	put("_rels/.rels", `<Relationships xmlns="`+packed+`relationships"><Relationship Id="r1" Type="`+office+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	put("[Content_Types].xml", `<Types xmlns="`+packed+`content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	return file
}

// rowsOf writes a table parted by semicolons as the rows of a sheet.
func rowsOf(t testing.TB, table string) (rows string) {
	t.Helper()
	in := csv.NewReader(strings.NewReader(table))
	in.Comma, in.FieldsPerRecord = ';', -1
	all, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, texts := range all {
		rows += "<row>"
		for _, text := range texts {
			rows += `<c t="inlineStr"><is><t>` + html.EscapeString(text) + `</t></is></c>`
		}
		rows += "</row>"
	}
	return rows
}

// Kobo writes a form's submissions on one sheet of a workbook and its repeats on others: they
// come to what its CSV does.
func TestAWorkbookComesToWhatItsTablesDo(t *testing.T) {
	kobo := springExports["Kobo"]
	dir := files(t, kobo)
	want, _, _ := carriedOver(t, exportOf(t, filepath.Join(dir, "springs.csv"), []string{filepath.Join(dir, "homes.csv")}, filepath.Join(dir, "pictures")))
	file := bookOf(t, [2]string{"springs", kobo["springs.csv"]}, [2]string{"nothing"}, [2]string{"homes", kobo["homes.csv"]})
	got, faults, left := carriedOver(t, exportOf(t, file, nil, filepath.Join(dir, "pictures")))
	if !reflect.DeepEqual(got, want) || len(faults) != 0 || strings.Contains(left, "left out") {
		t.Errorf("got\n%v, %v, %s\nwant\n%v", got, faults, left, want)
	}
}

func TestAWorkbookSaysWhyItIsNotTaken(t *testing.T) {
	main := [2]string{"a", "state;_uuid\nbad;" + springID + "\n"}
	for want, file := range map[string]string{
		"2 sheets of submissions (a, b)": bookOf(t, main, [2]string{"b", "x\n1\n"}),
		"0 sheets of submissions":        bookOf(t, [2]string{"a", ""}),
		"no workbook of Excel":           filepath.Join(files(t, map[string]string{"springs.xls": "\xd0\xcf\x11\xe0"}), "springs.xls"),
	} {
		if _, err := openExport(file, nil, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	good := bookOf(t, main)
	if _, err := openExport(good, []string{good}, ""); err == nil || !strings.Contains(err.Error(), "repeats in them") {
		t.Errorf("a repeat beside it: %v", err)
	}
	if _, err := openParts("", good, nil, ""); err == nil || !strings.Contains(err.Error(), "--format odk") {
		t.Errorf("a workbook without a format: %v", err)
	}
}
