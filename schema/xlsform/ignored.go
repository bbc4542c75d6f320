package xlsform

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// carried are the columns that are looked at; what of them is left is said row by row.
func carried() map[string]string {
	return map[string]string{
		"survey":   "type name label hint required relevant constraint constraint_message appearance parameters calculation choice_filter default repeat_count trigger disabled",
		"choices":  "list_name name value label",
		"settings": "form_title form_id",
	}
}

// ignored lists the columns of which nothing is carried over, and in how many rows they
// say something.
func (b book) ignored() (left []Left) {
	sheets := map[string][]row{"survey": b.survey, "choices": b.choices, "settings": b.settings}
	for _, sheet := range []string{"survey", "choices", "settings"} {
		known, filled := strings.Fields(carried()[sheet]), map[string]int{}
		for _, r := range sheets[sheet] {
			for column := range r.cells {
				base, language, _ := strings.Cut(column, "::")
				worded := slices.Contains([]string{"label", "hint", "constraint_message", "form_title"}, base)
				spoken := slices.Contains([]string{"zh", "en", ""}, spoken(language))
				if !slices.Contains(known, base) || language != "" && !(worded && spoken) {
					filled[column]++
				}
			}
		}
		for _, column := range slices.Sorted(maps.Keys(filled)) {
			left = append(left, Left{Sheet: sheet, Column: column, Why: fmt.Sprintf("the column is ignored; %d rows say something there", filled[column])})
		}
	}
	return left
}
