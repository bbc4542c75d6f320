// Package report keeps a county's figures up to date as its records change.
package report

import (
	"wangge/schema"
)

// Query asks for one report.
type Query struct {
	Report string            `json:"report"`          // such as grid_visit.visits
	By     []string          `json:"by,omitempty"`    // groupings: area:9 (digits), day, or a field that the report names
	Area   string            `json:"area,omitempty"`  // only records whose area begins so
	From   string            `json:"from,omitempty"`  // first day, such as 2024-11-01
	To     string            `json:"to,omitempty"`    // last day
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
	Count  int64         `json:"count"`
}
