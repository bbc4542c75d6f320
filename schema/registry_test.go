package schema_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

// copied returns the kinds in memory of their own, and by name.
func copied(t *testing.T, data []byte) (kinds []schema.Kind, byName map[string]*schema.Kind) {
	t.Helper()
	if err := json.Unmarshal(data, &kinds); err != nil {
		t.Fatal(err)
	}
	byName = map[string]*schema.Kind{}
	for i := range kinds {
		byName[kinds[i].Name] = &kinds[i]
	}
	return kinds, byName
}

// fewest are the kinds that faults are put into, and those that they lead to: reading
// all that ship anew for every fault takes minutes under the race detector.
var fewest = []string{
	"grid_visit", "hazard_report", "mediation_note", "newjob_checkin", "person", "point_account",
	"elder_alert", "elder_pact", "curtain_check", "petition_matter", "mediation_case", "mediation_followup",
}

func compiled(t *testing.T) []byte {
	t.Helper()
	data, err := json.Marshal(slices.DeleteFunc(slices.Clone(shipped(t).Kinds()), func(k schema.Kind) bool {
		return !slices.Contains(fewest, k.Name)
	}))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sound is the registry of the fewest kinds without a fault.
func sound(t *testing.T) *schema.Registry {
	t.Helper()
	kinds, _ := copied(t, compiled(t))
	registry, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// damaged is kinds with one fault, and where it is.
type damaged struct {
	path   string
	damage func(visit, checkin, person *schema.Kind)
}

func wantFaults(t *testing.T, tests []damaged) {
	t.Helper()
	data := compiled(t)
	for i, test := range tests {
		kinds, byName := copied(t, data)
		test.damage(byName["grid_visit"], byName["newjob_checkin"], byName["person"])
		_, err := schema.New(kinds)
		var fault *schema.Fault
		if !errors.As(err, &fault) || fault.Path != test.path || fault.Text == "" {
			t.Errorf("%d: got %v, want a fault at %s", i, err, test.path)
		}
	}
}

func TestDeclarationThatDoesNotHoldIsNamed(t *testing.T) {
	wantFaults(t, []damaged{
		{"$.name", func(v, c, p *schema.Kind) { v.Name = "Grid" }},
		{"$.name", func(v, c, p *schema.Kind) { v.Name = "person" }},
		{"$.title", func(v, c, p *schema.Kind) { v.Title.En = "" }},
		{"$.class", func(v, c, p *schema.Kind) { v.Class = 9 }},
		{"$.fields", func(v, c, p *schema.Kind) { v.Fields = nil }},
		{"$.area.field", func(v, c, p *schema.Kind) { v.Area.Field = "place" }},
		{"$.area.field", func(v, c, p *schema.Kind) { v.Area.Field = "note" }},
		{"$.area.field", func(v, c, p *schema.Kind) { v.Fields[0].Required = false }},
		{"$.area.level", func(v, c, p *schema.Kind) { v.Area.Level = 7 }},
		{"$.area.level", func(v, c, p *schema.Kind) { p.Area.Level = schema.Community }},
		{"$.when", func(v, c, p *schema.Kind) { v.When = "note" }},
		{"$.identity[0]", func(v, c, p *schema.Kind) { p.Identity = []string{"mobile"} }},
		{"$.identity[1]", func(v, c, p *schema.Kind) { p.Identity = []string{"name", "name"} }},
		{"$.fields[1].name", func(v, c, p *schema.Kind) { v.Fields[1].Name = "id" }},
		{"$.fields[1].name", func(v, c, p *schema.Kind) { v.Fields[1].Name = "grid" }},
		{"$.fields[1].id", func(v, c, p *schema.Kind) { v.Fields[1].ID = 0 }},
		{"$.fields[1].id", func(v, c, p *schema.Kind) { v.Fields[1].ID = 1 }},
		{"$.fields[1].title", func(v, c, p *schema.Kind) { v.Fields[1].Title.Zh = "" }},
		{"$.fields[1].hint", func(v, c, p *schema.Kind) { v.Fields[1].Hint.Zh = "提示" }},
		{"$.fields[1].type", func(v, c, p *schema.Kind) { v.Fields[1].Type = "poem" }},
		{"$.fields[1].id", func(v, c, p *schema.Kind) { v.Fields[1].ID = crdt.Alias }},
		{"$.fields[2].multiline", func(v, c, p *schema.Kind) { v.Fields[2].Multiline = true }},
		{"$.fields[1].range", func(v, c, p *schema.Kind) { v.Fields[1].Range.Min = 99 }},
		{"$.fields[1].range", func(v, c, p *schema.Kind) { v.Fields[1].Range.Min = -1 }},
		{"$.fields[3].range", func(v, c, p *schema.Kind) { v.Fields[3].Range.Max = 1 }},
		{"$.fields[1].guarded", func(v, c, p *schema.Kind) { p.Fields[1].Guarded = false }},
		{"$.fields[0].guarded", func(v, c, p *schema.Kind) { p.Fields[0].Guarded = true }},
		{"$.fields[1].guarded", func(v, c, p *schema.Kind) { p.Class = crdt.Open }},
		{"$.fields[7].options", func(v, c, p *schema.Kind) { v.Fields[7].Options = nil }},
		{"$.fields[1].options", func(v, c, p *schema.Kind) { v.Fields[1].Options = v.Fields[7].Options }},
		{"$.fields[7].options[0].value", func(v, c, p *schema.Kind) { v.Fields[7].Options[0].Value = "" }},
		{"$.fields[7].options[1].value", func(v, c, p *schema.Kind) { v.Fields[7].Options[1] = v.Fields[7].Options[0] }},
		{"$.fields[7].options[0]", func(v, c, p *schema.Kind) { v.Fields[7].Options[0].Title.En = "" }},
		{"$.fields[6].to", func(v, c, p *schema.Kind) { c.Fields[6].To = "horse" }},
		{"$.fields[6].to", func(v, c, p *schema.Kind) { c.Fields[6].To = "" }},
		{"$.fields[6].inline", func(v, c, p *schema.Kind) { c.Fields[6].To = c.Name }},
		{"$.fields[1].inline", func(v, c, p *schema.Kind) { v.Fields[1].Inline = true }},
		{"$.fields[6].inline", func(v, c, p *schema.Kind) { c.Fields[0].Type, c.Fields[6].To = schema.TypeCounty, v.Name }},
		{"$.reports[0].name", func(v, c, p *schema.Kind) { v.Reports[0].Name = "" }},
		{"$.reports[1].name", func(v, c, p *schema.Kind) { v.Reports[1].Name = v.Reports[0].Name }},
		{"$.reports[0].title", func(v, c, p *schema.Kind) { v.Reports[0].Title.Zh = "" }},
		{"$.reports[0].count", func(v, c, p *schema.Kind) { v.Reports[0].Count = "all" }},
		{"$.reports[0].of", func(v, c, p *schema.Kind) { v.Reports[0].Of = "person" }},
		{"$.reports[1].of", func(v, c, p *schema.Kind) { v.Reports[1].Of = "horse" }},
		{"$.reports[0].by[0]", func(v, c, p *schema.Kind) { v.Reports[0].By[0] = "note" }},
		{"$.reports[0].by[1]", func(v, c, p *schema.Kind) { v.Reports[0].By[1] = "area" }},
		{"$.reports[0].by[3]", func(v, c, p *schema.Kind) { v.When = "" }},
		{"$.reports[0].by[0]", func(v, c, p *schema.Kind) { // who has two tags would stand in two rows
			tags, _ := v.Field("tags")
			tags.Sealed = false
			v.Reports[0].By = []string{"tags"}
		}},
		{"$.reports[2].where[0]", func(v, c, p *schema.Kind) { v.Reports[2].Where[0] = parsed(t, `note = "x"`) }},
		{"$.reports[2].where[0]", func(v, c, p *schema.Kind) { v.Reports[2].Where[0] = parsed(t, `note.status = "正常"`) }},
		{"$.reports[2].where[0]", func(v, c, p *schema.Kind) { c.Reports[2].Where[0] = parsed(t, `person.horse = "x"`) }},
		{"$.reports[2].where[0]", func(v, c, p *schema.Kind) {
			c.Reports[2].Where[0] = parsed(t, `person.political_status = "01" or trade = "外卖"`)
		}},
		{"$.reports[2].where[0]", func(v, c, p *schema.Kind) { v.Reports[2].Where[0] = schema.Formula{} }},
		{"$.reports[2].where[0]", func(v, c, p *schema.Kind) { v.Reports[2].Where[0] = parsed(t, `lat + 1`) }},
		{"$.reports[2].where[1]", func(v, c, p *schema.Kind) {
			v.Reports[2].Where = append(v.Reports[2].Where, parsed(t, `topic in ("用电安全", "晴")`))
		}},
		{"$.reports[2].where", func(v, c, p *schema.Kind) { v.Reports[2].Where = make([]schema.Formula, 11) }},
	})
}

func TestAMergeThatAFieldCannotHaveIsNamed(t *testing.T) {
	wantFaults(t, []damaged{
		{"$.fields[1].merge", func(v, c, p *schema.Kind) { v.Fields[1].Merge = crdt.Counter }},
		{"$.fields[1].merge", func(v, c, p *schema.Kind) { v.Fields[1].Merge = crdt.Bounded }},
		{"$.fields[3].merge", func(v, c, p *schema.Kind) { v.Fields[3].Merge = crdt.Log }},
		{"$.fields[3].merge", func(v, c, p *schema.Kind) { v.Fields[3].Merge = crdt.MergedText }},
		{"$.fields[9].merge", func(v, c, p *schema.Kind) { v.Fields[9].Merge = crdt.Register }},
		{"$.fields[2].merge", func(v, c, p *schema.Kind) { p.Fields[2].Merge = crdt.MergedText }},
		{"$.reports[1].of", func(v, c, p *schema.Kind) { v.Reports[1].Of = "tags" }},
	})
}

func TestRegistryKeepsItsOwnList(t *testing.T) {
	kinds, _ := copied(t, compiled(t))
	registry, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	kinds[0] = schema.Kind{}
	if _, ok := registry.Kind("grid_visit"); !ok {
		t.Error("the caller's list is the registry's")
	}
}
