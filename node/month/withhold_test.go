package month

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/node/publication"
	"wangge/node/report"
	"wangge/schema/kindfile"
)

// counted is a figure of which each piece is a person.
func counted(from, to int32) report.Behind {
	b := report.Behind{Value: int64(to - from), Persons: int64(to - from)}
	for p := from; p < to; p++ {
		b.Pieces = append(b.Pieces, p)
	}
	return b
}

func keyed(key string, b report.Behind) report.Behind {
	b.Key = key
	return b
}

// Of 20 aids 18 are settled: to publish both numbers is to publish that of the others.
func TestAPartThatLeavesTooFewIsWithheld(t *testing.T) {
	persons := func(pieces []int32) int64 { return int64(len(pieces)) }
	table := func(name string, total report.Behind, rows ...report.Behind) report.Upward {
		u := report.Upward{Report: name, Measure: "aid records", Persons: persons, Total: total, Rows: rows}
		if len(rows) > 0 {
			u.By = "area:9"
		}
		return u
	}
	u := upward{"140581", publication.Least, []report.Upward{
		table("aid.aids", counted(0, 20)), table("aid.settled", counted(0, 18)),
		table("aid.aids", counted(0, 20), keyed("140581105", counted(0, 10)), keyed("140581106", counted(10, 20))),
		table("aid.urgent", counted(0, 9)),
	}}
	if err := u.withhold(keptBack{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range u.Tables {
		got = append(got, fmt.Sprint(table.Report, table.By, table.Withheld, table.Hidden))
	}
	// Urgent are all but one of the first township's: its row goes, and that alone is the rest of two.
	if want := "aid.aidsfalse [], aid.settledtrue [], aid.aidsarea:9false [140581105], aid.urgentfalse []"; strings.Join(got, ", ") != want {
		t.Errorf("withheld are %s", strings.Join(got, ", "))
	}
	made, err := u.table(u.Tables[2])
	if err != nil || len(made.Rows) != 0 || made.Rest.Value != 20 {
		t.Errorf("the townships go up as %+v: %v", made, err)
	}
}

// Who stands this month stood the month before: its row would tell what was withheld then.
func TestOfWhatStandsTheNextMonthWithholdsWhatTheLastDid(t *testing.T) {
	text := strings.Replace(aidKind, "count: records, by: [area, topic, day]", "count: records, from: made_on, by: [area, topic, day]", 1)
	text = strings.Replace(text, "reports:", "  - {id: 8, name: made_on, title: {zh: 日期, en: Made on}, type: date}\nreports:\n  - {name: others, title: {zh: 其他, en: Others}, count: records, by: [area, day]}", 1)
	kinds, err := kindfile.Load(fstest.MapFS{"aid.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	m := Months{Kinds: kinds}
	if !m.stands("aid.aids") || m.stands("aid.others") || m.stands("none.aids") {
		t.Error("what stands is not told from what happens")
	}
	kept := keptBack{}
	kept.add(report.Upward{Report: "aid.aids", By: "area:9"}, "140581106")
	u := upward{"140581", publication.Least, []report.Upward{{Report: "aid.aids", By: "area:9", Total: counted(0, 30), Rows: []report.Behind{
		keyed("140581105", counted(0, 10)), keyed("140581106", counted(10, 20)), keyed("140581107", counted(20, 30)),
	}}}}
	if err := u.withhold(kept); err != nil {
		t.Fatal(err)
	}
	made, err := u.table(u.Tables[0])
	if err != nil || len(made.Rows) != 1 || !slices.Equal(u.Tables[0].Hidden, []string{"140581106"}) {
		t.Errorf("it goes up as %+v: %v", made, err)
	}
}
