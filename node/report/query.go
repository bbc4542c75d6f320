// Package report keeps a county's figures up to date as its records change.
package report

import (
	"wangge/schema"
)

// Query asks for one report.
type Query struct {
	Report string            `json:"report"`          // such as grid_visit.visits
	By     []string          `json:"by,omitempty"`    // groupings: area:9 (digits), a period, or a field that the report names
	Area   string            `json:"area,omitempty"`  // only records whose area begins so
	From   string            `json:"from,omitempty"`  // first day, such as 2024-11-01
	To     string            `json:"to,omitempty"`    // last day
	AsOf   string            `json:"as_of,omitempty"` // of what stands for a time: the day at whose end it is counted; left out, To
	Where  map[string]string `json:"where,omitempty"` // field: value
}

// Table is the answer: a row a group, in the order of the keys.
type Table struct {
	Report  string      `json:"report"`
	Title   schema.Text `json:"title"`
	Columns []Column    `json:"columns"`
	Rows    []Row       `json:"rows"`
	// Total is counted over all groups together: a person in two groups is one
	// person here.
	Total int64 `json:"total"`
	// Undivided are the rows of a ratio that have no figure, since there is nothing to
	// divide by, such as townships whose inhabitants nobody has written down; UndividedMore
	// are those that an answer leaves out.
	Undivided     []Row `json:"undivided,omitempty"`
	UndividedMore int   `json:"undivided_more,omitempty"`
	// None says that there is no total: nothing to divide by.
	None bool `json:"none,omitempty"`
	// Said is the total as it is published, such as 超8700, if the report says how.
	Said schema.Text `json:"said,omitzero"`
	// Count is how the report counts: groups of a sum add up to the total, those of
	// other figures need not.
	Count schema.Count `json:"count"`
	// Unit, Decimals and Rounding are the report's own; figures are whole numbers of
	// the last place, 8199 with two decimals for 81.99.
	Unit     schema.Text     `json:"unit,omitzero"`
	Decimals int             `json:"decimals,omitempty"`
	Rounding schema.Rounding `json:"rounding,omitempty"`
	// Qualifier is the word with which Said is made.
	Qualifier schema.Qualifier `json:"qualifier,omitempty"`
	// From, To and AsOf are the cut-off: which days were counted, and at the end of
	// which day stood what stands for a time. Each is left out where there is none.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	AsOf string `json:"as_of,omitempty"`
}

// Figure writes a figure of the table with its decimal places.
func (t Table) Figure(n int64) string { return schema.Decimal(n, t.Decimals) }

// Sum writes the total, "" if there is none.
func (t Table) Sum() string {
	if t.None {
		return ""
	}
	return t.Figure(t.Total)
}

// Column is one grouping.
type Column struct {
	Name  string      `json:"name"`
	Title schema.Text `json:"title"`
}

// Row is one group and its figure.
type Row struct {
	Keys   []string      `json:"keys"`   // one a column
	Labels []schema.Text `json:"labels"` // how the keys read
	Count  int64         `json:"count"`  // in units of the last decimal place
	Said   schema.Text   `json:"said,omitzero"`
}
