package odata_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// derivations hold each filter of a derived value against a twin that is written out by hand.
var derivations = map[string]func(r []any) bool{
	"year(seen) eq 2026 and month(seen) eq 11 and day(seen) ge 12": func(r []any) bool { return r[6] != nil && r[6].(time.Time).Day() >= 12 },
	"day(changed) eq 2":                    func(r []any) bool { return r[7] != nil && r[7].(time.Time).Hour() >= 16 }, // by China's clock
	"date(changed) eq 2026-11-02":          func(r []any) bool { return r[7] != nil && r[7].(time.Time).Hour() >= 16 },
	"date(seen) lt 2026-11-03":             func(r []any) bool { return r[6] != nil && r[6].(time.Time).Day() < 3 },
	"2025 lt year(seen)":                   func(r []any) bool { return r[6] != nil },
	"year(seen) ne null":                   func(r []any) bool { return r[6] != nil },
	"toupper(name) eq 'O''TREE'":           func(r []any) bool { return r[1] == "O'Tree" },
	"contains(tolower(name),'tree')":       func(r []any) bool { return r[1] == "O'Tree" },
	"length(trim(name)) eq 1":              func(r []any) bool { s, ok := r[1].(string); return ok && utf8.RuneCountInString(s) == 1 },
	"not startswith(toupper(name),'O''T')": func(r []any) bool { return r[1] != nil && r[1] != "O'Tree" },
}

func TestDerivedValuesAreWhatTheirTwinDerives(t *testing.T) {
	h := serving(200)
	for filter, twin := range derivations {
		got := map[string]bool{}
		for _, row := range read(t, ask(t, h, "tree?$filter="+strings.NewReplacer(" ", "%20", "'", "%27").Replace(filter))).Value {
			got[row["id"].(string)] = true
		}
		for i := range 200 {
			if row := tree(i); twin(row) != got[row[0].(string)] {
				t.Errorf("%s: row %v is taken: %t", filter, row, got[row[0].(string)])
			}
		}
	}
	for _, filter := range []string{"year(name)%20eq%201", "year(seen", "year(seen,1)%20eq%201", "length()%20eq%201", "tolower(age)%20eq%20'a'", strings.Repeat("trim(", 30) + "name" + strings.Repeat(")", 30) + "%20eq%20''"} {
		if w := ask(t, h, "tree?$filter="+filter); w.Code != 400 {
			t.Errorf("%s: %d %s", filter, w.Code, w.Body)
		}
	}
}
