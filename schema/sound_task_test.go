package schema_test

import (
	"testing"

	"wangge/schema"
)

func TestFaultyTasksAreRefused(t *testing.T) {
	formula := func(text string) schema.Formula {
		f, err := schema.ParseFormula(text)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	const at = "$.tasks[0]"
	for _, test := range []struct {
		at, kind string
		change   func(*schema.Task)
	}{
		{at + ".name", "elder_pact", func(t *schema.Task) { t.Name = "看" }},
		{at + ".title", "elder_pact", func(t *schema.Task) { t.Title.En = "" }},
		{at + ".from", "elder_pact", func(t *schema.Task) { t.From = schema.Formula{} }},
		{at + ".from", "elder_pact", func(t *schema.Task) { t.From = formula(`consent`) }},
		{at + ".while", "elder_pact", func(t *schema.Task) { t.While = formula(`since`) }},
		{at, "elder_pact", func(t *schema.Task) { t.Hours = formula(`3`) }},
		{at, "elder_pact", func(t *schema.Task) { t.Times = nil }},
		{at + ".times[1]", "elder_pact", func(t *schema.Task) { t.Times[1].Start = 8 * 60 }},
		{at + ".times[0]", "elder_pact", func(t *schema.Task) { t.Times[0].End = 7 * 60 }},
		{at + ".times[1]", "elder_pact", func(t *schema.Task) { t.Times[1].End = 24*60 + 1 }},
		{at + ".by", "elder_pact", func(t *schema.Task) { t.By = schema.Doing{} }},
		{at + ".by.kind", "elder_pact", func(t *schema.Task) { t.By.Kind = "none" }},
		{at + ".by.link", "elder_pact", func(t *schema.Task) { t.By.Link = "day" }},
		{at + ".by.day", "elder_pact", func(t *schema.Task) { t.By.Day = "slot" }},
		{at + ".by.slot", "elder_pact", func(t *schema.Task) { t.By.Slot = "how" }},
		{at + ".escalate.to", "elder_pact", func(t *schema.Task) { t.Escalate.To = 2 }},
		{at + ".escalate.after", "elder_pact", func(t *schema.Task) { t.Escalate.After = -1 }},
		{at + ".escalate.say", "elder_pact", func(t *schema.Task) { t.Escalate.Say.Zh = "" }},
		{at + ".escalate.raise.link", "elder_pact", func(t *schema.Task) { t.Escalate.Raise.Link = "none" }},
		{at + ".days", "petition_matter", func(t *schema.Task) { t.Days = formula(`"x"`) }},
		{at + ".days", "petition_matter", func(t *schema.Task) { t.Days = formula(`none`) }},
		{at + ".repeats", "elder_pact", func(t *schema.Task) { t.Repeats = true }},
		{at + ".by", "petition_matter", func(t *schema.Task) { t.Repeats = true }},
		{at + ".while", "petition_matter", func(t *schema.Task) { t.While = schema.Formula{} }},
		{at + ".working", "curtain_check", func(t *schema.Task) { t.Working = true }},
	} {
		kinds, byName := copied(t, compiled(t))
		test.change(&byName[test.kind].Tasks[0])
		_, err := schema.New(kinds)
		if fault, ok := err.(*schema.Fault); !ok || fault.Path != test.at {
			t.Errorf("%s of %s: %v", test.at, test.kind, err)
		}
	}
}
