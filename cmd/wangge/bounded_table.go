package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of a table, before it costs anything.
const (
	rowMax     = 1 << 20 // bytes of one row; a quote that is never closed makes one of the whole file
	columnsMax = 10_000
)

var errLongRow = fmt.Errorf("a row is longer than %d bytes: is this a table, and is every quote closed?", rowMax)

// errNoHead says that a table does not say what its columns are: it may be an empty one.
var errNoHead = errors.New("the table has no first line with the fields' names")

// rowReader gives one row after the other; FieldPos says where the last one began.
type rowReader interface {
	Read() ([]string, error)
	FieldPos(field int) (line, column int)
}

// boundedTable reads a CSV or a sheet row by row, of which none is too long.
type boundedTable struct {
	rowReader
	in    *budget // of a CSV
	names []string
}

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

// openTable reads a table's first line, which names its columns. They are parted by commas,
// or by what the line has more of: Excel and Kobo write semicolons too, and tabs.
func openTable(in *bufio.Reader) (*boundedTable, error) {
	head, _ := in.Peek(lineMax)
	line, _, _ := bytes.Cut(head, []byte("\n"))
	b := &budget{in, rowMax}
	rows := csv.NewReader(b)
	rows.FieldsPerRecord, rows.ReuseRecord = -1, true
	for _, other := range ";\t" {
		if bytes.Count(line, []byte(string(other))) > bytes.Count(line, []byte(string(rows.Comma))) {
			rows.Comma = other
		}
	}
	t := &boundedTable{rowReader: rows, in: b}
	return t, t.head()
}

// head reads the first row, which names the columns.
func (t *boundedTable) head() error {
	names, err := t.Read()
	switch {
	case errors.Is(err, errLongRow):
		return err
	case errors.Is(err, io.EOF):
		return errNoHead
	case err != nil:
		return fmt.Errorf("%v: %w", errNoHead, err)
	case len(names) > columnsMax:
		return fmt.Errorf("the table has %d columns; at most %d are taken", len(names), columnsMax)
	}
	for _, name := range names {
		t.names = append(t.names, strings.TrimSpace(name))
	}
	return nil
}

// row returns the next row and its line in the file. What is wrong with it alone is its
// fault; the next can be read.
func (t *boundedTable) row() (cells []string, number int, fault string, err error) {
	t.in.left = rowMax
	cells, err = t.Read()
	if errors.Is(err, io.EOF) {
		return nil, 0, "", io.EOF
	}
	if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
		return nil, bad.StartLine, bad.Err.Error(), nil
	}
	if err != nil {
		return nil, 0, "", err
	}
	number, _ = t.FieldPos(0)
	switch {
	case len(cells) > len(t.names):
		fault = fmt.Sprintf("%d columns, the first line names %d", len(cells), len(t.names))
	case !legible(strings.Join(cells, "")):
		fault = "characters that cannot be read: save the file as UTF-8"
	}
	return cells, number, fault, nil
}

// legible reports whether all characters of a text could be read.
func legible(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, utf8.RuneError)
}
