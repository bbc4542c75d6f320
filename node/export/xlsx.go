package export

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// rowsMax is how many rows a sheet has room for beside its header. What comes after
// goes on in another sheet.
const rowsMax = excelize.TotalRows - 1

// xlsxWriter writes a table as a workbook: sheets of rows, and one that says what they
// are. The rows wait in a file of the system's temporary folder until Close, since a
// workbook's parts stand one behind the other; memory stays the same for any number.
type xlsxWriter struct {
	out    io.Writer
	table  Table
	book   *excelize.File
	sheet  *excelize.StreamWriter
	name   string // of the sheet under way
	sheets int
	row    int // of the sheet under way, its header among them
	cells  []any
	styles []int // by column
	head   int
	rows   int // of all sheets, without headers
}

func newXLSX(out io.Writer, t Table) (_ Writer, err error) {
	w := &xlsxWriter{out: out, table: t, book: excelize.NewFile(), cells: make([]any, len(t.Columns))}
	w.head, err = w.book.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}},
	})
	if err != nil {
		return nil, err
	}
	for _, c := range t.Columns {
		style, err := w.book.NewStyle(c.style())
		if err != nil {
			return nil, err
		}
		w.styles = append(w.styles, style)
	}
	return w, w.begin()
}

// style says how a column's cells read. A text is one though it be all digits: an
// identity number that is made a number loses its last three.
func (c Column) style() *excelize.Style {
	format := map[Type]string{
		Text: "@", List: "@", Whole: "0", Number: "General", Moment: "yyyy-mm-dd hh:mm:ss", Day: "yyyy-mm-dd",
	}[c.Type]
	if c.Type == Figure {
		format = "#,##0"
		if c.Places > 0 {
			format += "." + fmt.Sprintf("%0*d", c.Places, 0)
		}
	}
	if c.Type == Bool {
		return &excelize.Style{}
	}
	return &excelize.Style{CustomNumFmt: &format}
}

// width fits what a column usually holds, in characters.
func (c Column) width() float64 {
	usual := map[Type]int{Text: 14, Whole: 10, Number: 12, Figure: 12, Bool: 8, Moment: 19, Day: 12, List: 24}[c.Type]
	return float64(min(max(usual, 2*utf8.RuneCountInString(c.Title.Zh)+4, utf8.RuneCountInString(c.Title.En)+3), 40))
}

// begin opens the next sheet of rows: its header stands still and filters.
func (w *xlsxWriter) begin() (err error) {
	w.sheets++
	w.row, w.name = 1, "数据 Data"
	if w.sheets > 1 {
		w.name = fmt.Sprintf("%s %d", w.name, w.sheets)
	}
	if w.sheets == 1 {
		err = w.book.SetSheetName("Sheet1", w.name)
	} else {
		_, err = w.book.NewSheet(w.name)
	}
	if err != nil {
		return err
	}
	if w.sheet, err = w.book.NewStreamWriter(w.name); err != nil {
		return err
	}
	for i, c := range w.table.Columns {
		if err := w.sheet.SetColWidth(i+1, i+1, c.width()); err != nil {
			return err
		}
		w.cells[i] = excelize.Cell{StyleID: w.head, Value: both(c.Title, c.Name)}
	}
	if err := w.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return w.sheet.SetRow("A1", w.cells, excelize.RowOpts{Height: 32})
}

func (w *xlsxWriter) Write(row []any) error {
	if w.row > rowsMax {
		if err := w.end(); err != nil {
			return err
		}
		if err := w.begin(); err != nil {
			return err
		}
	}
	w.row++
	w.rows++
	for i, c := range w.table.Columns {
		w.cells[i] = nil
		if value := c.cell(row[i]); value != nil {
			w.cells[i] = excelize.Cell{StyleID: w.styles[i], Value: value}
		}
	}
	return w.sheet.SetRow(fmt.Sprintf("A%d", w.row), w.cells)
}

// wholeMax is the greatest whole number that a cell holds with all its digits: it has
// fifteen.
const wholeMax = 1e15

// cell returns a value as a cell holds it.
func (c Column) cell(value any) any {
	switch v := value.(type) {
	case int64:
		if v >= wholeMax || v <= -wholeMax {
			return c.plain(v)
		}
		if c.Type == Figure {
			figure := float64(v)
			for range c.Places {
				figure /= 10
			}
			return figure
		}
	case time.Time:
		if c.Type == Moment { // a cell knows no zone and holds what the clock in China showed
			at := china(v)
			return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
		}
	case []string:
		return c.plain(v)
	}
	return value
}

// end closes the sheet under way. The filter covers what it holds.
func (w *xlsxWriter) end() error {
	corner, err := excelize.CoordinatesToCellName(len(w.table.Columns), w.row)
	if err != nil {
		return err
	}
	if err := w.book.AutoFilter(w.name, "A1:"+corner, nil); err != nil {
		return err
	}
	return w.sheet.Flush()
}

// Close writes the sheet that says what the workbook is, and then all of it.
func (w *xlsxWriter) Close() error {
	defer w.book.Close() // takes the waiting rows away
	if err := w.end(); err != nil {
		return err
	}
	if err := w.about(); err != nil {
		return err
	}
	// Into out and not into memory, where the library would put the file first.
	w.book.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		z := zip.NewWriter(w.out)
		z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
		return z
	})
	_, err := w.book.WriteToBuffer()
	return err
}

func (w *xlsxWriter) about() error {
	const name = "说明 About"
	if _, err := w.book.NewSheet(name); err != nil {
		return err
	}
	sheet, err := w.book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := cmp.Or(sheet.SetColWidth(1, 1, 28), sheet.SetColWidth(2, 2, 60)); err != nil {
		return err
	}
	if err := sheet.SetRow("A1", []any{excelize.Cell{StyleID: w.head, Value: both(w.table.Title, w.table.Name)}}); err != nil {
		return err
	}
	lines := append(w.table.About, Line{rowsTitle(), fmt.Sprint(w.rows)})
	for i, l := range lines {
		if err := sheet.SetRow(fmt.Sprintf("A%d", i+2), []any{both(l.Title, ""), l.Value}); err != nil {
			return err
		}
	}
	return sheet.Flush()
}
