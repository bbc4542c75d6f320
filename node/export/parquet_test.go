package export_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"wangge/node/export"
)

// everythingRow reads back what everything wrote, by the types that a reader of
// Parquet expects.
type everythingRow struct {
	Text   *string  `parquet:"text,optional"`
	Whole  *int64   `parquet:"whole,optional"`
	Number *float64 `parquet:"number,optional"`
	Figure *int64   `parquet:"figure,optional,decimal(2:18)"`
	Yes    *bool    `parquet:"yes,optional"`
	Moment *int64   `parquet:"moment,optional,timestamp"`
	Day    *int32   `parquet:"day,optional,date"`
	List   []string `parquet:"list,optional,list"`
}

func TestParquetIsReadBackWithItsTypes(t *testing.T) {
	table, rows := everything()
	file := written(t, export.Parquet, table, rows, export.Style{})
	read, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if area, ok := read.Lookup("Area"); !ok || area != "140581" {
		t.Errorf("the file says of its area %q", area)
	}
	for column, logical := range map[string]string{
		"text": "STRING", "figure": "DECIMAL(18,2)", "moment": "TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)", "day": "DATE", "list": "LIST", "whole": "INT(64,true)",
	} {
		if got := read.Root().Column(column).Type().String(); got != logical {
			t.Errorf("%s is a %s, want %s", column, got, logical)
		}
	}
	r := parquet.NewGenericReader[everythingRow](bytes.NewReader(file))
	defer r.Close()
	got := make([]everythingRow, 5)
	n, err := r.Read(got)
	if n != len(rows) || err != nil && err != io.EOF {
		t.Fatalf("%d rows (%v), want %d", n, err, len(rows))
	}
	first, empty, third := got[0], got[1], got[2]
	if *first.Text != "140581105211001" || *first.Whole != 3 || *first.Figure != 8199 || !*first.Yes ||
		*first.Moment != 1763775000123 || *first.Day != 19782 || strings.Join(first.List, ",") != "独居,党员" {
		t.Errorf("the first row reads %+v", first)
	}
	if empty.Text != nil || empty.Whole != nil || empty.Day != nil || empty.List != nil {
		t.Errorf("an empty row reads %+v", empty)
	}
	if *third.Day != -7397 || *third.Figure != -7 {
		t.Errorf("the third row reads day %d and figure %d, want -7397 and -7", *third.Day, *third.Figure)
	}
}
