// Package export writes records and figures as the files that offices and analysts work on.
package export

import (
	"fmt"
	"io"
	"slices"

	"wangge/schema"
)

// Type says what stands in a column, and so how each format carries it. A row's
// value is of the type in brackets, or nil where nothing is filled in.
type Type uint8

// The types.
const (
	Text   Type = iota // (string) codes of digits among them: never a number
	Whole              // (int64)
	Number             // (float64)
	Figure             // (int64) a decimal number in units of its last place; Column.Places says where the point is
	Bool               // (bool)
	Moment             // (time.Time) shown by China's clock
	Day                // (time.Time) midnight in UTC of a calendar day
	List               // ([]string)
)

// Column is one column of a table.
type Column struct {
	Name   string // plain: a-z, 0-9 and _; unique in its table
	Title  schema.Text
	Type   Type
	Places int // of a Figure
}

// Line says one thing about a table as a whole: its period, its cut-off.
type Line struct {
	Title schema.Text
	Value string
}

// Table is what is to go out, without its rows, which come one at a time.
type Table struct {
	Name    string // plain, as a column's
	Title   schema.Text
	Columns []Column
	About   []Line // what the file says of itself, where its format has room for that
}

// Writer takes a table's rows. A row has a value a column. Close ends the file; until
// then it is none. Neither closes what it writes to.
type Writer interface {
	Write(row []any) error
	Close() error
}

// Style is how a table is to be written where a format leaves it open.
type Style struct {
	English bool // CSV: the header's language; formats with room for both have both
	Plain   bool // CSV: no byte order mark first, by which Excel knows UTF-8
}

// Format is a kind of file.
type Format string

// The formats.
const (
	CSV     Format = "csv"     // RFC 4180, texts guarded against being run as formulas
	XLSX    Format = "xlsx"    // ECMA-376, with a second sheet that says what the first is
	JSON    Format = "json"    // an array of objects
	Lines   Format = "jsonl"   // an object a line
	Parquet Format = "parquet" // typed columns, zstd
)

// Formats returns all formats.
func Formats() []Format { return []Format{CSV, XLSX, JSON, Lines, Parquet} }

// Known reports whether there is such a format.
func (f Format) Known() bool { return slices.Contains(Formats(), f) }

// Media returns the format's media type.
func (f Format) Media() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case JSON:
		return "application/json; charset=utf-8"
	case Lines:
		return "application/x-ndjson; charset=utf-8"
	}
	return "application/vnd.apache.parquet"
}

// New begins a file.
func New(f Format, out io.Writer, t Table, s Style) (Writer, error) {
	switch f {
	case CSV:
		return newCSV(out, t, s)
	case XLSX:
		return newXLSX(out, t)
	case JSON, Lines:
		return newJSON(out, t, f == JSON), nil
	case Parquet:
		return newParquet(out, t)
	}
	return nil, fmt.Errorf("there is no format %q: want one of %v", f, Formats())
}
