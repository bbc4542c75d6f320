package export

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// groupRows is how many rows stand in a group. Readers take a group at a time, and the
// writer holds one in memory.
const groupRows = 20_000

// parquetWriter writes a table as Apache Parquet: every column optional, with the
// logical type that fits it.
type parquetWriter struct {
	out     *parquet.GenericWriter[any]
	columns []Column
	order   []int // the columns as the file has them: by their names
	row     parquet.Row
	rows    int
}

func newParquet(out io.Writer, t Table) (Writer, error) {
	codec, err := newPageCodec()
	if err != nil {
		return nil, err
	}
	w := &parquetWriter{columns: t.Columns}
	group := parquet.Group{}
	for i, c := range t.Columns {
		group[c.Name] = c.node()
		w.order = append(w.order, i)
	}
	slices.SortFunc(w.order, func(a, b int) int { return strings.Compare(t.Columns[a].Name, t.Columns[b].Name) })
	options := []parquet.WriterOption{
		parquet.NewSchema(t.Name, group), parquet.Compression(codec), parquet.CreatedBy("wangge", "", ""),
	}
	for _, l := range t.About {
		options = append(options, parquet.KeyValueMetadata(l.Title.En, l.Value))
	}
	w.out = parquet.NewGenericWriter[any](out, options...)
	return w, nil
}

func (c Column) node() parquet.Node {
	switch c.Type {
	case Whole:
		return parquet.Optional(parquet.Int(64))
	case Number:
		return parquet.Optional(parquet.Leaf(parquet.DoubleType))
	case Figure:
		return parquet.Optional(parquet.Decimal(c.Places, 18, parquet.Int64Type))
	case Bool:
		return parquet.Optional(parquet.Leaf(parquet.BooleanType))
	case Moment:
		return parquet.Optional(parquet.Timestamp(parquet.Millisecond))
	case Day:
		return parquet.Optional(parquet.Date())
	case List:
		return parquet.Optional(parquet.List(parquet.String()))
	}
	return parquet.Optional(parquet.String())
}

func (w *parquetWriter) Write(row []any) error {
	w.row = w.row[:0]
	for at, i := range w.order {
		w.row = w.columns[i].levels(w.row, at, row[i])
	}
	if _, err := w.out.WriteRows([]parquet.Row{w.row}); err != nil {
		return err
	}
	if w.rows++; w.rows%groupRows == 0 {
		return w.out.Flush()
	}
	return nil
}

// levels appends a value with its repetition and definition levels (Melnik and others,
// "Dremel", 2010): an optional value is defined at 1; an optional list is there at 1,
// and an element of it at 2, the second one repeated at 1.
func (c Column) levels(row parquet.Row, at int, value any) parquet.Row {
	switch v := value.(type) {
	case nil:
		return append(row, parquet.NullValue().Level(0, 0, at))
	case []string:
		if len(v) == 0 {
			return append(row, parquet.NullValue().Level(0, 1, at))
		}
		for i, s := range v {
			row = append(row, parquet.ByteArrayValue([]byte(s)).Level(min(i, 1), 2, at))
		}
		return row
	case string:
		return append(row, parquet.ByteArrayValue([]byte(v)).Level(0, 1, at))
	case float64:
		return append(row, parquet.DoubleValue(v).Level(0, 1, at))
	case bool:
		return append(row, parquet.BooleanValue(v).Level(0, 1, at))
	case time.Time:
		if c.Type == Day {
			return append(row, parquet.Int32Value(int32(v.Unix()/(24*60*60))).Level(0, 1, at)) // years before 1970 are whole days too
		}
		return append(row, parquet.Int64Value(v.UnixMilli()).Level(0, 1, at))
	}
	return append(row, parquet.Int64Value(value.(int64)).Level(0, 1, at))
}

func (w *parquetWriter) Close() error { return w.out.Close() }
