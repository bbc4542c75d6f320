package schema_test

import (
	"maps"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

const hazard = `{"grid": "14058110521101", "reported_at": "2026-11-22T09:30", "category": "消防", "severity": "一般",
	"status": ["待处置", {"step": "已消除", "at": "2026-11-22T11:00"}]}`

// complaints returns the fields that a form with changes is blamed for.
func complaints(t *testing.T, kind, form string, changes map[string]any) []string {
	t.Helper()
	filled := decoded(t, form)
	maps.Copy(filled, changes)
	_, problems := shipped(t).Check(kind, filled)
	var fields []string
	for _, p := range problems {
		fields = append(fields, p.Field)
	}
	return fields
}

func TestQuestionIsAskedWhereItsFormulaHolds(t *testing.T) {
	agreed := map[string]any{"outcome": "达成协议", "agreement": "书面"}
	for what, test := range map[string]struct {
		kind, form string
		changes    map[string]any
		want       []string
	}{
		"asked and answered":      {"mediation_note", note, agreed, nil},
		"asked and left open":     {"mediation_note", note, map[string]any{"outcome": "达成协议"}, nil},
		"not asked":               {"mediation_note", note, map[string]any{"outcome": "未达成", "agreement": nil}, nil},
		"not asked, yet answered": {"mediation_note", note, map[string]any{"outcome": "未达成", "agreement": "书面"}, []string{"agreement"}},
		"what can be true":        {"hazard_report", hazard, nil, nil},
		"what cannot be true":     {"hazard_report", hazard, map[string]any{"reported_at": "2026-11-22T11:01"}, []string{"status"}},
		"what is compared lacks":  {"hazard_report", hazard, map[string]any{"reported_at": nil}, []string{"reported_at"}},
	} {
		if got := complaints(t, test.kind, test.form, test.changes); !slices.Equal(got, test.want) {
			t.Errorf("%s: blamed for %v, want %v", what, got, test.want)
		}
	}
}

func TestRequiredQuestionIsRequiredWhereItIsAsked(t *testing.T) {
	kinds, byName := copied(t, compiled(t))
	to, _ := byName["mediation_note"].Field("handed_to")
	to.Required = true
	registry, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	form := decoded(t, note)
	if _, problems := registry.Check("mediation_note", form); problems != nil {
		t.Errorf("not asked: %v", problems)
	}
	form["outcome"] = "转办"
	if _, problems := registry.Check("mediation_note", form); len(problems) != 1 || problems[0].Field != "handed_to" {
		t.Errorf("asked: %v", problems)
	}
}

func TestInlineFormIsTakenOnlyWhereItIsAsked(t *testing.T) {
	kinds, byName := copied(t, compiled(t))
	person, _ := byName["newjob_checkin"].Field("person")
	person.Required, person.Ask = false, parsed(t, `consent`)
	byName["newjob_checkin"].Fields[4].Required = false
	registry, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	form := decoded(t, checkin)
	if _, problems := registry.Check("newjob_checkin", form); problems != nil {
		t.Errorf("asked: %v", problems)
	}
	form["consent"] = false
	if _, problems := registry.Check("newjob_checkin", form); len(problems) != 1 || problems[0].Field != "person" {
		t.Errorf("not asked: %v", problems)
	}
}

func TestFormulaSeesNumbersTextsListsAndHowManyFiles(t *testing.T) {
	kind, _ := shipped(t).Kind("grid_visit")
	field := func(name string) crdt.FieldID { f, _ := kind.Field(name); return f.ID }
	stored := map[crdt.FieldID][]crdt.Value{
		field("topic"): {crdt.Text("燃气安全"), crdt.Text("用电安全")}, field("tags"): {crdt.Text("独居")},
		field("lat"): {crdt.Float(35.5)}, field("visited_at"): {crdt.Int(1763776800000)}, field("note"): {crdt.Text("x")},
	}
	for text, want := range map[string]bool{
		`topic = "燃气安全"`: true, `tags has "独居"`: true, `lat > 35`: true, `day(visited_at) = "2025-11-22"`: true,
		`count(note) = 1`: true, `filled(photos)`: false, `count(photos) = 0`: true, `filled(status)`: false,
	} {
		f := schema.Field{Name: "x", Ask: parsed(t, text)}
		if got := kind.Asks(&f, func(id crdt.FieldID) []crdt.Value { return stored[id] }); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
}

func TestFormulaThatNeverHoldsIsNamed(t *testing.T) {
	ask := func(text string) func(v, c, p *schema.Kind) {
		return func(v, c, p *schema.Kind) { v.Fields[8].Ask = parsed(t, text) } // status
	}
	must := func(text string) func(v, c, p *schema.Kind) {
		return func(v, c, p *schema.Kind) {
			v.Fields[8].Must = []schema.Must{{That: parsed(t, text), Else: schema.Text{Zh: "不对", En: "wrong"}}}
		}
	}
	wantFaults(t, []damaged{
		{"$.fields[8].ask", ask(`topc = "燃气安全"`)},
		{"$.fields[8].ask", ask(`topic`)},
		{"$.fields[8].ask", ask(`topic = 1`)},
		{"$.fields[8].ask", ask(`topic < lat`)},
		{"$.fields[8].ask", ask(`topic has "x"`)},
		{"$.fields[8].ask", ask(`shout(topic)`)},
		{"$.fields[8].ask", ask(`filled(topic, lat)`)},
		{"$.fields[8].ask", ask(`topic in ()`)},
		{"$.fields[8].ask", ask(`if(lat > 1, topic, lat) = 1`)},
		{"$.fields[8].ask", ask(`filled(note)`)},  // stands below
		{"$.fields[8].ask", ask(`status = "正常"`)}, // itself
		{"$.fields[8].must[0].that", must(`tags = "独居"`)},
		{"$.fields[8].must[0].that", must(`photos = 1`)},
		{"$.fields[8].must[0].that", must(`length(status)`)},
		{"$.fields[8].must[0].else", func(v, c, p *schema.Kind) { v.Fields[8].Must = []schema.Must{{That: parsed(t, `lat > 1`)}} }},
		{"$.fields[8].must[0].that", func(v, c, p *schema.Kind) { v.Fields[8].Must = make([]schema.Must, 1) }},
		{"$.fields[8].must", func(v, c, p *schema.Kind) { v.Fields[8].Must = make([]schema.Must, 11) }},
		{"$.fields[2].ask", func(v, c, p *schema.Kind) { v.Fields[2].Ask = parsed(t, `filled(grid)`) }}, // dates the record
		{"$.fields[6].must", func(v, c, p *schema.Kind) { c.Fields[6].Must = make([]schema.Must, 1) }},
		{"$.fields[8].ask", func(v, c, p *schema.Kind) { c.Fields[8].Ask = parsed(t, `filled(person)`) }},
	})
}
