package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"wangge/schema"
)

// Planner tells what is to be done about the records that a node holds.
type Planner interface {
	Due(q DueQuery) (Due, error)
}

// DueQuery asks for work.
type DueQuery struct {
	Area   string         // only records whose area begins so
	States []schema.State // only what stands so
	To     int            // only what is told this level of an area; 0: all
	Skip   int            // so many of those that are asked for stand on pages before
	Limit  int
}

// Due is what is to be done at a moment, the longest due first.
type Due struct {
	Now    int64                `json:"now"`    // milliseconds since 1970
	Counts map[schema.State]int `json:"counts"` // of all, listed or not
	// Late is how many things are late by the kind of record that causes them, and Told how
	// many are told which level, by its digits; of all likewise.
	Late  map[string]int `json:"late"`
	Told  map[int]int    `json:"told"`
	Items []DueItem      `json:"items"`
	More  int            `json:"more,omitempty"` // that were asked for and stand behind these
}

// DueItem is one thing to do, about the record that causes it.
type DueItem struct {
	Name
	Task    string                 `json:"task"`
	Title   schema.Text            `json:"title"`
	Area    string                 `json:"area"` // the full code
	State   schema.State           `json:"state"`
	Opens   int64                  `json:"opens"`             // milliseconds since 1970: not before
	Due     int64                  `json:"due,omitempty"`     // late from then on; 0 when it is not known
	Missed  int                    `json:"missed,omitempty"`  // times that went by undone
	Day     string                 `json:"day,omitempty"`     // of what is done at times of the day: the day
	Slot    int                    `json:"slot,omitempty"`    // and which of its times, from 1, that is to be kept now
	Unknown int                    `json:"unknown,omitempty"` // the year of which the holidays are not known
	By      schema.Doing           `json:"by,omitzero"`       // the form that does it; none: the record itself
	To      int                    `json:"to,omitempty"`      // of what is escalated: the level that is told,
	Say     schema.Text            `json:"say,omitzero"`      // what it is told
	Raise   schema.Doing           `json:"raise,omitzero"`    // and the form by which it takes it up
	Values  map[string]any         `json:"values"`            // as in a list
	Place   string                 `json:"place,omitempty"`   // what the area is called
	Labels  map[string]schema.Text `json:"labels,omitempty"`
}

// dueMax is how many things are listed at once, and skipMax how many at most before them.
const (
	dueMax  = 500
	skipMax = 1_000_000
)

func (s *server) due(w http.ResponseWriter, r *http.Request) {
	q, problems := askDue(r.URL.Query())
	if len(problems) > 0 {
		s.fail(w, r, problems)
		return
	}
	due, err := s.Planner.Due(q)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, item := range due.Items {
		for name, value := range item.Values {
			item.Values[name] = plain(value)
		}
	}
	send(w, http.StatusOK, due)
}

// askDue reads what is asked. A name that it does not know is a problem.
func askDue(values map[string][]string) (q DueQuery, problems schema.Problems) {
	q = DueQuery{Limit: dueMax, States: []schema.State{schema.Escalated, schema.Overdue, schema.Open, schema.Undated}}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if value := values[name][0]; len(values[name]) > 1 || len(value) > askedMax || !q.read(name, value) {
			problems = append(problems, schema.Problem{Field: shortened(name), Text: schema.Text{
				Zh: "没有这个条件，或写法不对，见 FORMAT.md", En: "there is no such condition, or it is not written so; see FORMAT.md",
			}})
		}
	}
	return q, problems
}

func (q *DueQuery) read(name, value string) (ok bool) {
	switch name {
	case "area":
		q.Area = value
		return strings.Trim(value, "0123456789") == ""
	case "state":
		q.States = nil
		for state := range strings.SplitSeq(value, ",") {
			q.States = append(q.States, schema.State(state))
			if !slices.Contains([]schema.State{schema.Escalated, schema.Overdue, schema.Open, schema.Later, schema.Undated}, schema.State(state)) {
				return false
			}
		}
		return true
	case "to":
		q.To, ok = map[string]int{"county": schema.County, "township": schema.Township, "community": schema.Community}[value]
		return ok
	case "limit":
		n, err := strconv.Atoi(value)
		q.Limit = n
		return err == nil && n >= 1 && n <= dueMax
	case "skip":
		n, err := strconv.Atoi(value)
		q.Skip = n
		return err == nil && n >= 0 && n <= skipMax
	}
	return false
}
