// Package odata serves tables read-only by OData 4.0, as Excel and Power BI read them.
package odata

import (
	"context"
	"slices"

	"wangge/node/export"
)

// Set is one entity set: a table whose rows its key tells apart.
type Set struct {
	Table export.Table // its name is the set's
	Key   []string     // names of columns of texts that are always filled in
	// Rows yields the rows in an order that does not change, beginning behind the one
	// whose key is After, until yield fails. It may yield rows that Narrow leaves out.
	Rows func(ctx context.Context, n Narrow, yield func(row []any) error) error
}

// Narrow is what a filter leaves of the texts of some columns, so that rows which are not
// wanted need not be made. It is a hint: each row is held against the filter all the same.
type Narrow struct {
	Equal, Begins map[string]string // column: text
	After         []string          // a value a column of the key; nil for all rows
}

// Prefix returns how all texts of a column that are wanted begin, as far as that is known.
func (n Narrow) Prefix(column string) string {
	if text, ok := n.Equal[column]; ok {
		return text
	}
	return n.Begins[column]
}

func (s *Set) column(name string) int {
	return slices.IndexFunc(s.Table.Columns, func(c export.Column) bool { return c.Name == name })
}

// key returns the key of a row.
func (s *Set) key(row []any) []string {
	key := make([]string, len(s.Key))
	for i, name := range s.Key {
		key[i], _ = row[s.column(name)].(string)
	}
	return key
}

// edm returns the type of a column as the Common Schema Definition Language names it
// (OData CSDL 4.0, section 4.4).
func edm(t export.Type) string {
	switch t {
	case export.Whole:
		return "Edm.Int64"
	case export.Number, export.Figure:
		return "Edm.Decimal"
	case export.Bool:
		return "Edm.Boolean"
	case export.Moment:
		return "Edm.DateTimeOffset"
	case export.Day:
		return "Edm.Date"
	case export.List:
		return "Collection(Edm.String)"
	}
	return "Edm.String"
}
