package web

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"

	"wangge/crdt"
	"wangge/schema"
)

// behind lists the records that a figure counts: the whole report's, or one row's.
func (s *server) behind(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	own := map[string]string{}
	for _, name := range []string{"side", "row", "after", "limit", "changed"} {
		own[name] = values.Get(name)
		values.Del(name)
	}
	a, problems := s.ask(values)
	if a.month != "" && len(problems) == 0 {
		a.query = a.query.InMonth(a.month)
	}
	changed, fine := yes(cmp.Or(own["changed"], "false"))
	if !fine || changed && a.month == "" {
		problems = append(problems, schema.Problem{Field: "changed", Text: schema.Text{Zh: "应为 true，并给出月份", En: "want true, and a month"}})
	}
	after, limit, faults := page(own["after"], own["limit"])
	problems = append(problems, faults...)
	if row := own["row"]; row != "" && len(problems) == 0 {
		var keys []string
		err := json.Unmarshal([]byte(row), &keys)
		if err == nil {
			a.query, err = a.query.Cell(keys)
		}
		if err != nil {
			problems = append(problems, schema.Problem{Field: "row", Text: schema.Text{
				Zh: "应为该行各分组的键，例如 [\"140581105\",\"2026-11\"]", En: "give the row's keys, such as [\"140581105\",\"2026-11\"]",
			}})
		}
	}
	if len(problems) > 0 {
		s.fail(w, r, problems)
		return
	}
	list, err := List{}, error(nil)
	if changed {
		list, err = s.Months.Changed(a.month, a.query, own["side"], after, limit)
	} else {
		list, err = s.Office.Behind(a.query, own["side"], after, limit)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	sendList(w, list)
}

// page reads where a list goes on and how long it may be.
func page(after, limit string) (last crdt.RecordID, n int, problems schema.Problems) {
	n, err := strconv.Atoi(limit)
	if limit == "" {
		n, err = pageUsual, nil
	}
	if err != nil || n < 1 || n > pageMax {
		problems = append(problems, schema.Problem{Field: "limit", Text: schema.Text{Zh: "应为 1 至 200", En: "want 1 to 200"}})
	}
	id, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil || len(id) != 0 && len(id) != len(last) {
		problems = append(problems, schema.Problem{Field: "after", Text: schema.Text{Zh: "应照抄上一页的 next", En: "give the next of the page before"}})
		return last, n, problems
	}
	copy(last[:], id)
	return last, n, problems
}

func (s *server) checkFigures(w http.ResponseWriter, r *http.Request) {
	checked, err := s.Office.Check(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, checked)
}
