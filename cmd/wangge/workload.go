package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"wangge/crdt"
	"wangge/schema"
)

// gridVisit is a visit as its author fills it in.
type gridVisit struct {
	ID        string   `json:"id"` // a ULID
	Kind      string   `json:"kind"`
	Grid      string   `json:"grid"`
	Author    string   `json:"author"`
	VisitedAt int64    `json:"visited_at"` // ms since 1970
	Household string   `json:"household"`
	Person    string   `json:"person"`
	Lat       float64  `json:"lat"`
	Lon       float64  `json:"lon"`
	Topic     string   `json:"topic"`
	Status    string   `json:"status"`
	Tags      []string `json:"tags"`
	Followups int64    `json:"followups"`
	Note      string   `json:"note"`
}

// form returns the visit as JSON would decode it.
func (v gridVisit) form() map[string]any {
	tags := make([]any, len(v.Tags))
	for i, tag := range v.Tags {
		tags[i] = tag
	}
	return map[string]any{
		"id": v.ID, "kind": v.Kind, "grid": v.Grid, "author": v.Author, "visited_at": v.VisitedAt, "household": v.Household,
		"person": v.Person, "lat": v.Lat, "lon": v.Lon, "topic": v.Topic, "status": v.Status, "tags": tags,
		"followups": v.Followups, "note": v.Note,
	}
}

// edit changes one field of a visit: set, add and remove as they say, insert
// puts a text into the note.
type edit struct {
	ID     string `json:"id"`
	Op     string `json:"op"`
	Field  string `json:"field"`
	Value  any    `json:"value"`
	Author string `json:"author"`
	At     int64  `json:"at"` // ms since 1970
}

// workload is what the grid workers of one county write.
type workload struct {
	base, delta []gridVisit
	edits       []edit
	apart       [2][]edit // what two replicas do offline to the same records
}

// The sizes of a workload.
const baseVisits, deltaVisits, editCount, apartPairs = 10_000, 100, 1000, 500

// generate makes a workload of the shape of the project's own, which other
// engines were measured on: nothing in it repeats more, or is cheaper to guess.
func generate(seed uint64) workload {
	g := newGenerator(seed)
	var w workload
	for range baseVisits {
		w.base = append(w.base, g.visit(g.author(authors)))
	}
	for range deltaVisits {
		w.delta = append(w.delta, g.visit(g.author(3)))
	}
	for range editCount {
		v := w.base[g.IntN(len(w.base))]
		w.edits = append(w.edits, g.edit(v, g.author(8), g.oneOf("status", "person", "followups", "topic")))
	}
	w.apart = g.apart(w.base, apartPairs)
	return w
}

// generator makes up work from a seed, one moment after the other.
type generator struct {
	*rand.Rand
	grids []string
	now   int64 // ms since 1970
}

// authors is how many grid workers a county's workload has; grids how many grids.
const authors, grids = 40, 120

func newGenerator(seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), now: 1730448000000}
	for range grids {
		g.grids = append(g.grids, fmt.Sprintf("1405811%02d2%02d%03d", g.IntN(13), g.IntN(18), 1+g.IntN(12)))
	}
	return g
}

func (g *generator) author(of int) string { return fmt.Sprintf("gw%02d", g.IntN(of)) }

func (g *generator) oneOf(list ...string) string { return list[g.IntN(len(list))] }

// visit makes the next visit, a minute or so after the last.
func (g *generator) visit(author string) gridVisit {
	g.now += 2_000 + g.Int64N(88_000)
	grid := g.oneOf(g.grids...)
	v := gridVisit{
		ID: ulid(g.Rand, g.now), Kind: "grid_visit", Grid: grid, Author: author, VisitedAt: g.now,
		Household: fmt.Sprintf("%s%04d", grid, 1+g.IntN(300)), Person: g.person(),
		Lat: 37.9 + float64(g.IntN(200_000))/1e6, Lon: 111.2 + float64(g.IntN(200_000))/1e6,
		Topic: g.oneOf(topics...), Status: g.oneOf("正常", "正常", "正常", "待跟进", "已上报", "已解决"),
		Tags: []string{}, Followups: int64(max(0, g.IntN(5)-2)), Note: g.note(),
	}
	v.Lat, v.Lon = micro(v.Lat), micro(v.Lon)
	for _, i := range g.Perm(len(tags))[:[]int{0, 1, 1, 2, 3}[g.IntN(5)]] {
		v.Tags = append(v.Tags, tags[i])
	}
	return v
}

// crockford's base 32 is what ULIDs are written in.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ulid makes an identifier of a moment, as the workers' own lists have them.
func ulid(rng *rand.Rand, ms int64) string {
	id := make([]byte, 26)
	for i := 9; i >= 0; i, ms = i-1, ms>>5 {
		id[i] = crockford[ms&31]
	}
	for i := 10; i < len(id); i++ {
		id[i] = crockford[rng.IntN(len(crockford))]
	}
	return string(id)
}

func (g *generator) person() string {
	given := []rune(givenNames)
	name := g.oneOf(strings.Split(surnames, "")...)
	for range 1 + g.IntN(2) {
		name += string(given[g.IntN(len(given))])
	}
	return name
}

// note makes one to three sentences of phrases.
func (g *generator) note() (note string) {
	for range max(1, g.IntN(4)) {
		note += fmt.Sprintf("%s，%s家%s，%s。", g.oneOf(openings...), g.person(), g.oneOf(troubles...), g.oneOf(endings...))
	}
	return note
}

// edit makes an edit of one field, some seconds after the last.
func (g *generator) edit(v gridVisit, author, field string) edit {
	g.now += 500 + g.Int64N(4_500)
	e := edit{ID: v.ID, Op: "set", Field: field, Author: author, At: g.now}
	switch field {
	case "status":
		e.Value = "已解决"
	case "person":
		e.Value = g.person()
	case "followups":
		e.Value = float64(1 + g.IntN(5))
	case "topic":
		e.Value = g.oneOf(topics...)
	case "tags":
		e.Op, e.Value = "add", g.oneOf("失独", "优抚")
		if author != "gw00" && len(v.Tags) > 0 {
			e.Op, e.Value = "remove", g.oneOf(v.Tags...)
		}
	case "note":
		e.Op, e.Value = "insert", map[string]any{"at": float64(g.IntN(1 + len([]rune(v.Note)))), "text": g.note()}
	}
	return e
}

// apart makes so many pairs of edits of different records: on different fields,
// on the same, on a set, and into the same note, as 4 to 3 to 2 to 1.
func (g *generator) apart(base []gridVisit, pairs int) (sides [2][]edit) {
	fields := [][2]string{{"status", "person"}, {"topic", "topic"}, {"tags", "tags"}, {"note", "note"}}
	for i, n := range g.Perm(len(base))[:pairs] {
		at := []int{0, 0, 0, 0, 1, 1, 1, 2, 2, 3}[i*10/pairs]
		for side, author := range []string{"gw00", "gw01"} {
			sides[side] = append(sides[side], g.edit(base[n], author, fields[at][side]))
		}
	}
	return sides
}

// op turns the edit into what its author writes, who sees the record as rec.
func (e edit) op(id crdt.RecordID, rec crdt.Record, field *schema.Field, w crdt.Writer) (crdt.Op, error) {
	if at, text, ok := e.insertion(); ok {
		cell := rec.Cells[field.ID]
		note := []rune(cell.Text())
		at = min(at, len(note))
		return rec.EditText(id, rec.Kind, field.ID, cell.TextHeads(), string(note[:at])+text+string(note[at:])), nil
	}
	value := e.Value
	if field.Merge == crdt.Set {
		value = []any{value}
	}
	values, complaint := field.Read(value)
	if !complaint.Empty() || len(values) != 1 {
		return crdt.Op{}, fmt.Errorf("the edit of %s in %s cannot be made: %s", e.Field, e.ID, complaint.En)
	}
	switch {
	case e.Op == "add":
		return rec.AddElement(id, rec.Kind, field.ID, values[0]), nil
	case e.Op == "remove":
		return rec.RemoveElement(id, rec.Kind, field.ID, values[0]), nil
	case field.Merge == crdt.Counter:
		n, _ := values[0].Int()
		return rec.Add(id, rec.Kind, field.ID, w, n-rec.Cells[field.ID].Sum()), nil
	}
	return rec.Assign(id, rec.Kind, field.ID, values[0]), nil
}

func (e edit) insertion() (at int, text string, ok bool) {
	v, ok := e.Value.(map[string]any)
	if !ok {
		return 0, "", false
	}
	place, _ := v["at"].(float64)
	text, _ = v["text"].(string)
	return int(place), text, true
}
