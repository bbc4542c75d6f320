package xlsform

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// holdsRows returns the element in which one row, or one text that cells refer to, stands in a
// part of a workbook; "" of other parts.
func holdsRows(part string) string {
	switch {
	case strings.EqualFold(path.Base(part), "sharedStrings.xml"):
		return "si"
	case strings.HasPrefix(strings.ToLower(path.Dir(part)), "xl/worksheets"):
		return "row"
	}
	return ""
}

// boundedPart reads a part of a workbook to its end: that it is whole, and that no row of it
// is longer than rows are.
func boundedPart(f *zip.File, unit string) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	b := &budget{in, bookRowMax}
	d := xml.NewDecoder(b)
	rows, cells, within := 0, 0, false
	for {
		if !within {
			b.left = bookRowMax
		}
		token, err := d.Token() // as the library reads it, which takes an error for the end
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLongRow):
			return fmt.Errorf("row %d is longer than %d MB", rows, bookRowMax>>20)
		case err != nil:
			return fmt.Errorf("it is damaged after row %d: %w", rows, err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == unit {
				rows, cells, within, b.left = rows+1, 0, true, bookRowMax
			}
			if e.Name.Local == "c" {
				cells++
			}
		case xml.EndElement:
			within = within && e.Name.Local != unit
		}
		if cells > cellsMax {
			return fmt.Errorf("row %d has more than %d cells", rows, cellsMax)
		}
	}
}

var errLongRow = errors.New("a row is longer than rows are")

// budget lets only so much be read until it is filled up again.
type budget struct {
	in   io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
