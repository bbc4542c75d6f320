package xlsform

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The bounds of a workbook: the longest forms in use have some thousand rows.
const (
	fileMax   = 8 << 20  // bytes of the file
	unzipMax  = 64 << 20 // bytes of what is packed in it
	rowsMax   = 20_000   // of a sheet
	columnMax = 200      // columns of a sheet
)

// row is one line of a sheet by the names of its columns, and where it stands.
type row struct {
	cells map[string]string
	line  int
}

func (r row) cell(column string) string { return r.cells[column] }

// wording returns what a column says in Chinese and in English. Columns are called
// label, label::中文 (zh) or label::English (en); what only one language says goes
// for both.
func (r row) wording(column string) (zh, en string) {
	var plain string
	for name, text := range r.cells {
		base, language, _ := strings.Cut(name, "::")
		if base != column || text == "" {
			continue
		}
		switch spoken(language) {
		case "zh":
			zh = text
		case "en":
			en = text
		case "":
			plain = text
		}
	}
	if zh == "" {
		zh = plain
	}
	if en == "" {
		en = plain
	}
	if zh == "" {
		zh = en
	}
	if en == "" {
		en = zh
	}
	return zh, en
}

// spoken returns zh or en of a language that a column names, "" where it names none, and of
// others their name. By parts of it French and Bengali would be English.
func spoken(language string) string {
	for _, word := range strings.FieldsFunc(strings.ToLower(language), func(r rune) bool { return strings.ContainsRune(" ()-_", r) }) {
		switch {
		case word == "zh" || word == "chinese" || strings.Contains(word, "中文") || strings.Contains(word, "汉语"):
			return "zh"
		case word == "en" || word == "english":
			return "en"
		}
	}
	return strings.TrimSpace(language)
}

// book is the three sheets of a form.
type book struct{ survey, choices, settings []row }

func openBook(r io.Reader) (book, error) {
	limited := &io.LimitedReader{R: r, N: fileMax + 1}
	file, err := excelize.OpenReader(limited, excelize.Options{UnzipSizeLimit: unzipMax, UnzipXMLSizeLimit: unzipMax})
	if limited.N <= 0 {
		return book{}, fmt.Errorf("the file is longer than %d MB: a form without pictures is shorter", fileMax>>20)
	}
	if err != nil {
		return book{}, fmt.Errorf("this is no .xlsx workbook that can be read (save older .xls files as .xlsx): %w", err)
	}
	defer file.Close()
	var b book
	for _, name := range file.GetSheetList() {
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "survey":
			b.survey, err = readSheet(file, name)
		case "choices":
			b.choices, err = readSheet(file, name)
		case "settings":
			b.settings, err = readSheet(file, name)
		}
		if err != nil {
			return book{}, err
		}
	}
	if len(b.survey) == 0 {
		return book{}, errors.New("the workbook has no questions: an XLSForm has a sheet named survey with columns type, name and label")
	}
	return b, nil
}

// readSheet reads the rows below the first, which names the columns.
func readSheet(file *excelize.File, name string) (rows []row, err error) {
	cursor, err := file.Rows(name)
	if err != nil {
		return nil, fmt.Errorf("reading the sheet %s: %w", name, err)
	}
	defer cursor.Close()
	var columns []string
	for line := 1; cursor.Next(); line++ {
		cells, err := cursor.Columns()
		if err != nil {
			return nil, fmt.Errorf("reading row %d of the sheet %s: %w", line, name, err)
		}
		if line > rowsMax || len(cells) > columnMax {
			return nil, fmt.Errorf("the sheet %s has more than %d rows or %d columns: split the form", name, rowsMax, columnMax)
		}
		if columns == nil {
			columns = headings(cells)
			continue
		}
		one := row{cells: map[string]string{}, line: line}
		for i, cell := range cells {
			if cell = strings.TrimSpace(cell); i < len(columns) && columns[i] != "" && cell != "" {
				one.cells[columns[i]] = cell
			}
		}
		if len(one.cells) > 0 {
			rows = append(rows, one)
		}
	}
	return rows, cursor.Error()
}

// headings returns the columns by the names that rows are asked for: of label::中文
// the language keeps its letters.
func headings(cells []string) []string {
	columns := make([]string, 0, len(cells))
	for _, cell := range cells {
		base, language, translated := strings.Cut(strings.TrimSpace(cell), "::")
		base = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(base)), " ", "_")
		if translated {
			base += "::" + strings.TrimSpace(language)
		}
		columns = append(columns, base)
	}
	return columns
}
