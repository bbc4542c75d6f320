package report

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// registry has two kinds: visits, and check-ins that link to persons.
func registry(t *testing.T) *schema.Registry {
	t.Helper()
	text := func(s string) schema.Text { return schema.Text{Zh: s, En: s} }
	status := schema.Field{
		ID: 3, Name: "status", Title: text("status"), Type: schema.TypeChoice, Merge: crdt.Register,
		Options: []schema.Option{{Value: "a", Title: text("A")}, {Value: "b", Title: text("B")}},
	}
	area := schema.Field{ID: 1, Name: "area", Title: text("area"), Type: schema.TypeArea, Merge: crdt.Register, Required: true}
	when := schema.Field{ID: 2, Name: "at", Title: text("at"), Type: schema.TypeInstant, Merge: crdt.Register, Required: true}
	person := schema.Kind{
		Name: "person", Title: text("person"), Area: schema.Area{Field: "area", Level: 12}, Fields: []schema.Field{area, status},
	}
	checkin := schema.Kind{
		Name: "checkin", Title: text("checkin"), Area: schema.Area{Field: "area", Level: 12}, When: "at",
		Fields: []schema.Field{area, when, status, {ID: 4, Name: "person", Title: text("person"), Type: schema.TypeLink, Merge: crdt.Register, To: "person"}},
		Reports: []schema.Report{
			{Name: "all", Title: text("all"), Count: schema.Records, By: []string{"area", "day", "status"}},
			{Name: "persons", Title: text("persons"), Count: schema.Distinct, Of: "person", By: []string{"area", "day", "status"}},
			{
				Name: "members", Title: text("members"), Count: schema.Distinct, Of: "person", By: []string{"area"},
				Where: conditions(t, `person.status = "a"`),
			},
		},
	}
	r, err := schema.New([]schema.Kind{person, checkin})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func conditions(t *testing.T, texts ...string) (all []schema.Formula) {
	t.Helper()
	for _, text := range texts {
		f, err := schema.ParseFormula(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

func record(kind string, values map[crdt.FieldID]crdt.Value) crdt.Record {
	rec := crdt.Record{}
	var i uint32
	for field, v := range values {
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: i}, 1, crdt.Op{Kind: kind, Field: field, Type: crdt.Register, Value: v}, nil)
		i++
	}
	return rec
}

func id(n int) crdt.RecordID { return crdt.RecordID{15: byte(n)} }

func choice(n int) crdt.Value { return crdt.Text([]string{"a", "b"}[n%2]) }

const day = 24 * 3600 * 1000

func person(n int) crdt.Record {
	return record("person", map[crdt.FieldID]crdt.Value{1: crdt.Text("140581105211"), 3: choice(n)})
}

func checkin(area, at, status, who int) crdt.Record {
	return record("checkin", map[crdt.FieldID]crdt.Value{
		1: crdt.Text(fmt.Sprintf("14058110%d211", area)), 2: crdt.Int(1730448000000 + int64(at)*day), 3: choice(status), 4: crdt.Ref(id(who)),
	})
}

// recount is the dumb twin: it knows all records and counts them for each query.
func recount(records map[crdt.RecordID]crdt.Record, distinct, members bool) int64 {
	seen := map[crdt.Value]bool{}
	var n int64
	for _, rec := range records {
		if rec.Kind != "checkin" {
			continue
		}
		who := rec.Cells[4].Winner()
		ref, _ := who.Ref()
		if members && records[ref].Cells[3].Winner() != choice(0) {
			continue
		}
		n++
		seen[who] = true
	}
	if distinct {
		return int64(len(seen))
	}
	return n
}

func TestFiguresEqualARecountAfterAnyChanges(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		f := New(registry(t))
		records := map[crdt.RecordID]crdt.Record{}
		for range 60 {
			n := rng.IntN(30)
			after := checkin(rng.IntN(9), rng.IntN(3), rng.IntN(2), 20+rng.IntN(10))
			if n >= 20 {
				after = person(rng.IntN(2)) // may come before or after those who link to it
			}
			f.Change(id(n), records[id(n)], after)
			records[id(n)] = after
		}
		for _, c := range []struct {
			report            string
			distinct, members bool
		}{{"checkin.all", false, false}, {"checkin.persons", true, false}, {"checkin.members", true, true}} {
			table, err := f.Answer(Query{Report: c.report, By: []string{"area:12"}})
			if err != nil {
				t.Fatal(err)
			}
			if want := recount(records, c.distinct, c.members); table.Total != want {
				t.Fatalf("seed %d: %s counts %d, a recount %d", seed, c.report, table.Total, want)
			}
		}
	}
}

func TestADeletedRecordIsNotCounted(t *testing.T) {
	f := New(registry(t))
	before := checkin(5, 0, 0, 20)
	f.Change(id(1), crdt.Record{}, before)
	after := before.Clone()
	after.Apply(crdt.Dot{Writer: 1, Seq: 2}, 2, before.Delete(id(1)), crdt.Frontier{1: 1})
	f.Change(id(1), before, after)
	if table, err := f.Answer(Query{Report: "checkin.all"}); err != nil || table.Total != 0 {
		t.Fatalf("%+v, %v", table, err)
	}
	f.Change(id(1), after, before)
	if table, err := f.Answer(Query{Report: "checkin.all"}); err != nil || table.Total != 1 {
		t.Fatalf("%+v, %v", table, err)
	}
}

func TestAPersonWhoChecksInTwiceIsOnePerson(t *testing.T) {
	f := New(registry(t))
	f.Change(id(1), crdt.Record{}, checkin(5, 0, 0, 20))
	f.Change(id(2), crdt.Record{}, checkin(6, 1, 1, 20))
	f.Change(id(20), crdt.Record{}, person(0))
	table, err := f.Answer(Query{Report: "checkin.persons", By: []string{"area:9"}})
	if err != nil {
		t.Fatal(err)
	}
	if table.Total != 1 || len(table.Rows) != 2 || table.Rows[0].Count != 1 {
		t.Fatalf("got %+v: want one person in all and one in each of two townships", table)
	}
}

func TestAnswersGroupCutAndFilter(t *testing.T) {
	f := New(registry(t))
	for i := range 6 {
		f.Change(id(i), crdt.Record{}, checkin(i%2, i%3, i, 20))
	}
	for _, c := range []struct {
		name  string
		query Query
		rows  int
		total int64
	}{
		{"county", Query{By: []string{"area:6"}}, 1, 6},
		{"township", Query{By: []string{"area:9"}}, 2, 6},
		{"whole code", Query{By: []string{"area"}}, 2, 6},
		{"day and status", Query{By: []string{"day", "status"}}, 6, 6},
		{"one township", Query{By: []string{"area:9"}, Area: "140581100"}, 1, 3},
		{"from the second day", Query{By: []string{"day"}, From: "2024-11-02"}, 2, 4},
		{"one day", Query{By: []string{"day"}, From: "2024-11-02", To: "2024-11-02"}, 1, 2},
		{"one status", Query{By: []string{"status"}, Where: map[string]string{"status": "a"}}, 1, 3},
		{"no grouping", Query{}, 1, 6},
	} {
		c.query.Report = "checkin.all"
		table, err := f.Answer(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if len(table.Rows) != c.rows || table.Total != c.total {
			t.Errorf("%s: %d rows, total %d; want %d and %d: %+v", c.name, len(table.Rows), table.Total, c.rows, c.total, table)
		}
	}
}

func TestAQueryThatAsksForWhatIsNotThereIsTold(t *testing.T) {
	f := New(registry(t))
	for _, q := range []Query{
		{Report: "checkin.none"},
		{Report: "checkin.all", By: []string{"colour"}},
		{Report: "checkin.all", By: []string{"area:1"}},
		{Report: "checkin.all", By: []string{"day:4"}},
		{Report: "checkin.all", Where: map[string]string{"area": "1"}},
	} {
		if _, err := f.Answer(q); err == nil {
			t.Errorf("%+v was answered", q)
		}
	}
}
