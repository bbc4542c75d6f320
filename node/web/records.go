package web

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"wangge/crdt"
	"wangge/schema"
)

// The number of items on a page of a list.
const (
	pageUsual = 50
	pageMax   = 200
)

// editsMax bounds what one PATCH changes: every field of a large kind.
const editsMax = 200

func (s *server) save(w http.ResponseWriter, r *http.Request) {
	var form map[string]any
	if !input(w, r, &form) {
		return
	}
	desk, ok := s.writes(w, r)
	if !ok {
		return
	}
	names, err := desk.Save(r.URL.Query().Get("kind"), form)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusCreated, map[string]any{"records": names})
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	limit, cursor, ok := paged(w, r)
	if !ok {
		return
	}
	q, desk := r.URL.Query(), s.reads()
	read := desk.List
	if q.Get("waiting") == "true" {
		read = desk.Waiting
	}
	list, err := read(q.Get("kind"), cursor, limit)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	sendList(w, list)
}

// paged reads which page of a list is asked for. When it returns false it has refused
// the request.
func paged(w http.ResponseWriter, r *http.Request) (limit int, cursor []byte, ok bool) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if q.Get("limit") == "" {
		limit, err = pageUsual, nil
	}
	cursor, wrong := base64.RawURLEncoding.DecodeString(q.Get("after"))
	if err != nil || wrong != nil || limit < 1 || limit > pageMax {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("limit 应为 1 至 %d，after 应照抄上一页的 next", pageMax),
			fmt.Sprintf("limit must be from 1 to %d, and after the next of the page before", pageMax))
		return 0, nil, false
	}
	return limit, cursor, true
}

// pageKey writes where the next page goes on, as after takes it.
func pageKey(next []byte) string { return base64.RawURLEncoding.EncodeToString(next) }

// sendList sends a page of a list, and where the next one goes on.
func sendList(w http.ResponseWriter, list List) {
	for _, item := range list.Items {
		for name, value := range item.Values {
			item.Values[name] = plain(value)
		}
	}
	send(w, http.StatusOK, map[string]any{
		"items": append([]Item{}, list.Items...), // an empty page is [], not null
		"next":  pageKey(list.Next),
	})
}

// named reads which record the path names. When it returns false it has refused
// the request.
func named(w http.ResponseWriter, r *http.Request) (Name, bool) {
	n := Name{r.PathValue("kind"), r.PathValue("area") + "/" + r.PathValue("class"), r.PathValue("id")}
	_, err := crdt.ParseSpace(n.Space)
	_, wrong := crdt.ParseRecordID(n.ID)
	if err != nil || wrong != nil {
		refuse(w, http.StatusNotFound, "记录的地址应为 种类/区划代码/类别/编号", "a record's address is kind/area/class/id")
		return n, false
	}
	return n, true
}

func (s *server) record(w http.ResponseWriter, r *http.Request) {
	n, ok := named(w, r)
	if !ok {
		return
	}
	record, err := s.reads().Record(n)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, field := range record.Fields {
		for i := range field.Versions {
			field.Versions[i].Value = plain(field.Versions[i].Value)
		}
	}
	send(w, http.StatusOK, record)
}

func (s *server) edit(w http.ResponseWriter, r *http.Request) {
	n, ok := named(w, r)
	if !ok {
		return
	}
	var asked struct {
		Edits []Edit `json:"edits"`
	}
	if !input(w, r, &asked) {
		return
	}
	if problems := check(asked.Edits); len(problems) > 0 {
		s.fail(w, r, problems)
		return
	}
	desk, ok := s.writes(w, r)
	if !ok {
		return
	}
	if err := desk.Edit(n, asked.Edits); err != nil {
		s.fail(w, r, err)
		return
	}
	done(w)
}

// check says what is wrong with the shape of edits; what they write is the
// desk's to judge.
func check(edits []Edit) (problems schema.Problems) {
	if len(edits) == 0 || len(edits) > editsMax {
		return schema.Problems{{Field: "edits", Text: schema.Text{
			Zh: fmt.Sprintf("应有 1 至 %d 项修改", editsMax), En: fmt.Sprintf("want from 1 to %d edits", editsMax)}}}
	}
	for _, e := range edits {
		changes := 0
		for _, given := range []bool{e.Set != nil, e.Add != nil, e.Remove != nil, e.Append != nil, e.Plus != 0, e.Delete, e.Restore, e.Same != nil, e.Apart != nil} {
			if given {
				changes++
			}
		}
		if changes != 1 {
			problems = append(problems, schema.Problem{Field: e.Field, Text: schema.Text{
				Zh: "set、add、remove、append、plus、delete、restore、same、apart 应恰好给出一个",
				En: "give exactly one of set, add, remove, append, plus, delete, restore, same and apart"}})
		}
		if e.To != "" && e.Plus <= 0 {
			problems = append(problems, schema.Problem{Field: e.Field, Text: schema.Text{
				Zh: "to 应与大于 0 的 plus 同用", En: "to goes with a plus above zero"}})
		}
		for _, dot := range e.Saw {
			if _, err := crdt.ParseDot(dot); err != nil || e.Set == nil {
				problems = append(problems, schema.Problem{Field: e.Field, Text: schema.Text{
					Zh: "saw 应与 set 同用，照抄读到的内容", En: "saw goes with set and repeats what was read"}})
				break
			}
		}
	}
	return problems
}

// plain returns a value that JSON can carry. A peer may have written a number
// that is none, and one such value must not hide a whole page.
func plain(value any) any {
	switch v := value.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return value
}
