package node

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// The holidays of a year are published as kinds are: each November the next year's are
// known, and machines without network are not given a new program for them.

// holidaysKind is the kind of the records that hold them, a year each. No registry has it.
const holidaysKind = crdt.CountyKinds + "published_holidays"

// holidaysName names a year among what is published; no kind has a name with a space.
func holidaysName(year int) string { return fmt.Sprintf("holidays %d", year) }

// publishedHolidays returns what the county has published, by the names of the years.
func (n *node) publishedHolidays() (map[string]string, error) {
	all := map[string]string{}
	err := n.store.Recent(holidaysKind, nil, func(l store.Listed, _ []byte) bool {
		var year schema.Holidays
		text, _ := l.Record.Cells[definition].Winner().Text()
		if l.Space == policy.Everywhere() && json.Unmarshal([]byte(text), &year) == nil {
			all[holidaysName(year.Year)] = text
		}
		return true
	})
	return all, err
}

// loadCalendar works out by which calendar this node goes: the years that came with the
// program, and in their place or beside them those that the county published. A year that
// this program cannot use is left out, and named.
func (n *node) loadCalendar() error {
	shipped, err := kindfile.ShippedHolidays()
	if err != nil {
		return err
	}
	published, err := n.publishedHolidays()
	if err != nil {
		return err
	}
	n.agenda.calendar, err = schema.NewCalendar(n.years(shipped, published))
	return err
}

func (n *node) years(shipped []schema.Holidays, published map[string]string) []schema.Holidays {
	years := map[int]schema.Holidays{}
	for _, y := range shipped {
		years[y.Year] = y
	}
	for name, text := range published {
		var y schema.Holidays
		err := json.Unmarshal([]byte(text), &y)
		if err == nil {
			_, err = schema.NewCalendar([]schema.Holidays{y})
		}
		if err != nil {
			n.unusable[name] = err
			n.log.Error("holidays that the county published cannot be used here: update this node", "year", name, "error", err)
			continue
		}
		years[y.Year] = y
	}
	return slices.Collect(maps.Values(years))
}

// holidayChanges says what publishing years means, and writes them as records hold them.
func (n *node) holidayChanges(years []schema.Holidays) (changes []schema.Change, definitions map[string]string, err error) {
	definitions = map[string]string{}
	for _, y := range years {
		if _, err := schema.NewCalendar([]schema.Holidays{y}); err != nil {
			return nil, nil, err
		}
		text, err := json.Marshal(y)
		if err != nil {
			return nil, nil, err
		}
		definitions[holidaysName(y.Year)] = string(text)
		says := "the year's working days are known now, and deadlines in them"
		if n.agenda.calendar.Knows(y.Year) {
			says = "the year's holidays take the place of those that were known; deadlines follow"
		}
		changes = append(changes, schema.Change{Kind: "holidays", Path: fmt.Sprint(y.Year), Text: says})
	}
	return changes, definitions, nil
}
