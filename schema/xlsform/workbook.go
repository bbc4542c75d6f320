package xlsform

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Workbook is what Kobo exports of a form in one file of Excel: submissions on one sheet,
// repeats on others.
type Workbook struct{ file *excelize.File }

// The bounds of an export, before it costs anything.
const (
	cellsMax     = 10_000    // of a row
	swellMax     = 300       // times that a part may be larger than it is packed
	swellFrom    = 100 << 20 // bytes, from which that is looked at
	bookMax      = 128 << 20 // bytes of the file
	bookOpenMax  = 512 << 20 // bytes of all that is packed in it
	bookPartsMax = 10_000    // files that are packed in it
	bookPartMax  = 32 << 20  // bytes of one that holds no rows
	bookRowMax   = 8 << 20   // bytes of one row, or of one text, in XML
)

// OpenWorkbook opens a file that was looked through: the library takes a sheet that breaks off
// for one that ends, and counts no cells.
func OpenWorkbook(file string) (*Workbook, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > bookMax {
		return nil, fmt.Errorf("%s is larger than %d MB: export fewer days at a time, or as CSV", file, bookMax>>20)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s is no workbook of Excel (.xlsx), or is locked by a password: %w", file, err)
	}
	defer z.Close()
	if err := boundedBook(z.File); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	book, err := excelize.OpenFile(file, excelize.Options{UnzipSizeLimit: bookOpenMax, ShortDatePattern: "yyyy-mm-dd"})
	if err != nil {
		return nil, fmt.Errorf("%s is no workbook of Excel: %w", file, err)
	}
	return &Workbook{book}, nil
}

// Close lets go of the file, and of what was unpacked beside it.
func (w *Workbook) Close() error { return w.file.Close() }

// Sheets returns the sheets' names in their order.
func (w *Workbook) Sheets() []string { return w.file.GetSheetList() }

// boundedBook goes through what is packed in a workbook, and refuses what no export is like.
func boundedBook(parts []*zip.File) error {
	total := uint64(0)
	for _, f := range parts {
		size := f.UncompressedSize64
		total += min(size, bookOpenMax+1) // what is claimed is kept to when it is unpacked
		switch {
		case len(parts) > bookPartsMax:
			return fmt.Errorf("%d files are packed in it, and in no export are: is this a workbook?", len(parts))
		case total > bookOpenMax, size > swellFrom && size/max(f.CompressedSize64, 1) > swellMax:
			return fmt.Errorf("it unpacks to %d MB or more, and no submissions do: export fewer days at a time", total>>20)
		case holdsRows(f.Name) == "" && size > bookPartMax:
			return fmt.Errorf("%s in it is larger than %d MB: take out pictures", f.Name, bookPartMax>>20)
		}
	}
	for _, f := range parts {
		if unit := holdsRows(f.Name); unit != "" {
			if err := boundedPart(f, unit); err != nil {
				return fmt.Errorf("%s in it: %w", f.Name, err)
			}
		}
	}
	return nil
}

// Rows reads a sheet row by row. What a cell holds is told from how it is shown: a
// moment is a number that only its format makes one.
type Rows struct {
	held, shown *excelize.Rows
	number      int
}

// Rows opens a sheet.
func (w *Workbook) Rows(sheet string) (*Rows, error) {
	held, err := w.file.Rows(sheet)
	if err != nil {
		return nil, err
	}
	shown, err := w.file.Rows(sheet)
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	return &Rows{held: held, shown: shown}, nil
}

// Close ends the reading of the sheet.
func (s *Rows) Close() error { return errors.Join(s.held.Close(), s.shown.Close()) }

// FieldPos returns the row that was read last, as csv.Reader does a line.
func (s *Rows) FieldPos(int) (row, column int) { return s.number, 1 }

// Read returns the next row in which something stands, then io.EOF.
func (s *Rows) Read() ([]string, error) {
	for s.held.Next() && s.shown.Next() {
		s.number++
		held, err := s.held.Columns(excelize.Options{RawCellValue: true})
		shown, wrong := s.shown.Columns()
		if err = cmp.Or(err, wrong); err != nil {
			return nil, fmt.Errorf("row %d: %w", s.number, err)
		}
		for i := range min(len(held), len(shown)) {
			held[i] = cellText(held[i], shown[i])
		}
		if slices.ContainsFunc(held, func(text string) bool { return strings.TrimSpace(text) != "" }) {
			return held, nil
		}
	}
	return nil, cmp.Or(s.held.Error(), s.shown.Error(), io.EOF)
}

// inexact matches how Excel keeps a large number, or one that no sum of halves is.
var inexact = regexp.MustCompile(`^-?(\d\.\d+E[+-]?\d+|\d+\.\d{12,}(E[+-]?\d+)?)$`)

// dated matches how a moment or a day is shown.
var dated = regexp.MustCompile(`^\s*\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}`)

// cellText returns what a cell says: a number as few digits as tell it, a moment by the calendar.
func cellText(held, shown string) string {
	n, err := strconv.ParseFloat(held, 64)
	switch {
	case err != nil:
		return held
	case held != shown && dated.MatchString(shown):
		return shown
	case inexact.MatchString(held):
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return held
}
