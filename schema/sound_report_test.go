package schema_test

import (
	"testing"

	"wangge/schema"
)

func TestReportThatCannotBeCountedIsNamed(t *testing.T) {
	add := func(r schema.Report) func(v, c, p *schema.Kind) {
		return func(v, c, p *schema.Kind) {
			r.Name, r.Title = "more", schema.Text{Zh: "更多", En: "More"}
			v.Reports = append(v.Reports, r)
		}
	}
	at := "$.reports[5]"
	wantFaults(t, []damaged{
		{at + ".count", add(schema.Report{Count: "most"})},
		{at + ".of", add(schema.Report{Count: schema.Sum})},
		{at + ".of", add(schema.Report{Count: schema.Sum, Of: "note"})},
		{at + ".of", add(schema.Report{Count: schema.Average, Of: "visited_at"})},
		{at + ".of", add(schema.Report{Count: schema.Records, Of: "topic"})},
		{at + ".per", add(schema.Report{Count: schema.Records, Per: "visits"})},
		{at + ".decimals", add(schema.Report{Count: schema.Distinct, Of: "household", Shown: schema.Shown{Decimals: 1}})},
		{at + ".decimals", add(schema.Report{Count: schema.Sum, Of: "lat", Shown: schema.Shown{Decimals: 7}})},
		{at + ".rounding", add(schema.Report{Count: schema.Records, Shown: schema.Shown{Rounding: "up"}})},
		{at + ".unit", add(schema.Report{Count: schema.Records, Shown: schema.Shown{Unit: schema.Text{Zh: "次"}}})},
		{at + ".of", add(schema.Report{Count: schema.Ratio, Of: "none", Per: "visits"})},
		{at + ".per", add(schema.Report{Count: schema.Ratio, Of: "visits", Per: "horse.visits"})},
		{at + ".of", add(schema.Report{Count: schema.Ratio, Of: "followups_a_visit", Per: "visits"})},
		{at + ".by[0]", add(schema.Report{Count: schema.Ratio, Of: "households", Per: "visits", By: []string{"status"}})},
		{at + ".by[1]", add(schema.Report{Count: schema.Ratio, Of: "visits", Per: "newjob_checkin.checkins", By: []string{"area", "topic"}})},
		{at + ".where", add(schema.Report{Count: schema.Ratio, Of: "visits", Per: "visits", Where: []schema.Condition{{Path: "topic", In: []string{"用电安全"}}}})},
		{"$.reports[3].of", func(v, c, p *schema.Kind) { f, _ := v.Field("followups"); f.Range = schema.Range{} }},
	})
}
