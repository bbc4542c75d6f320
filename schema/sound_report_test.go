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
		{at + ".where", add(schema.Report{Count: schema.Ratio, Of: "visits", Per: "visits", Where: []schema.Formula{parsed(t, `topic = "用电安全"`)}})},
		{at + ".when", add(schema.Report{Count: schema.Records, When: "topic"})},
		{at + ".from", add(schema.Report{Count: schema.Records, From: "none"})},
		{at + ".when", add(schema.Report{Count: schema.Records, When: "visited_at", To: "visited_at"})},
		{at + ".from", add(schema.Report{Count: schema.Ratio, Of: "visits", Per: "visits", From: "visited_at"})},
		{at + ".of", add(schema.Report{Count: schema.Distinct, Of: "area:18"})},
		{at + ".of", add(schema.Report{Count: schema.Sum, Of: "area:12"})},
		{at + ".back", add(schema.Report{Count: schema.Growth, Of: "visits"})},
		{at + ".back", add(schema.Report{Count: schema.Records, Back: "year"})},
		{at + ".back", add(schema.Report{Count: schema.Growth, Of: "visits", Back: "topic"})},
		{at + ".of", add(schema.Report{Count: schema.Growth, Of: "more", Back: "year"})},
		{at + ".by[0]", add(schema.Report{Count: schema.Difference, Of: "households", Back: "year", By: []string{"status"}})},
		{at + ".by[0]", add(schema.Report{Count: schema.Difference, Of: "newjob_checkin.checkins", Back: "year", By: []string{"topic"}})},
		{at + ".say", add(schema.Report{Count: schema.Records, Shown: schema.Shown{Say: "about"}})},
		{at + ".step", add(schema.Report{Count: schema.Records, Shown: schema.Shown{Step: 100}})},
		{"$.reports[3].of", func(v, c, p *schema.Kind) { f, _ := v.Field("followups"); f.Range = schema.Range{} }},
	})
}

func TestFigureIsSaidAsItIsPublished(t *testing.T) {
	for _, test := range []struct {
		shown  schema.Shown
		n      int64
		zh, en string
	}{
		{schema.Shown{}, 8763, "", ""},
		{schema.Shown{Say: schema.Over, Step: 100}, 8763, "超8700", "over 8,700"},
		{schema.Shown{Say: schema.Over, Step: 100}, 8700, "8700", "8,700"},
		{schema.Shown{Say: schema.AndMore, Step: 1000}, 1234567, "1234000余", "1,234,000 and more"},
		{schema.Shown{Say: schema.Near, Step: 1000}, 998, "近1000", "nearly 1,000"},
		{schema.Shown{Say: schema.Near, Step: 1000}, 1000, "1000", "1,000"},
		{schema.Shown{Say: schema.AtLeast}, 15, "达到15", "at least 15"},
		{schema.Shown{Say: schema.AtLeast, Decimals: 2}, 1999, "达到19", "at least 19"},
		{schema.Shown{Say: schema.AtLeast, Step: 1000}, 900, "900", "900"},
		{schema.Shown{Say: schema.AtLeast, Step: 1000}, 24310, "达到24000", "at least 24,000"},
		{schema.Shown{Say: schema.AndMore, Step: 1000}, 7, "7", "7"}, // a county's, of what a province has thousands
		{schema.Shown{Say: schema.Near, Step: 1000}, 1400, "1400", "1,400"},
		{schema.Shown{Say: schema.Near, Step: 10000}, 798400, "近800000", "nearly 800,000"},
		{schema.Shown{Say: schema.Near, Step: 1000}, 300, "300", "300"},
		{schema.Shown{Say: schema.Over, Step: 10}, -5, "-5", "-5"},
		{schema.Shown{Say: schema.Over, Step: 10}, -15, "超-20", "over -20"},
	} {
		if got := test.shown.Said(test.n); got.Zh != test.zh || got.En != test.en {
			t.Errorf("%+v of %d is said %q, %q", test.shown, test.n, got.Zh, got.En)
		}
	}
}

func TestReportMayBeGroupedByWhatItsDaysAddUpTo(t *testing.T) {
	for _, test := range []struct {
		own, asked string
		want       bool
	}{
		{"day", "day", true}, {"day", "week", true}, {"day", "year", true}, {"month", "quarter", true}, {"month", "day", false},
		{"month", "week", false}, {"week", "week", true}, {"week", "month", false}, {"area", "area", true}, {"area", "day", false},
	} {
		r := schema.Report{By: []string{test.own}}
		if got := r.Grouped(test.asked); got != test.want {
			t.Errorf("by %s, asked by %s: %t", test.own, test.asked, got)
		}
	}
}
