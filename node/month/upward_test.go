package month

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"wangge/node/publication"
	"wangge/node/report"
	"wangge/schema/kindfile"
)

func TestWhatIsOfNoAreaOfTheCountyHasNoKey(t *testing.T) {
	table := report.Upward{By: "area:9", Rows: []report.Behind{
		{Key: "", Value: 1, Persons: 1}, {Key: "140581105", Value: 5, Persons: 5}, {Key: "140582105", Value: 7, Persons: 6}, {Key: "1405", Value: 2, Persons: 2},
	}}
	got := fmt.Sprint(cells(table, "140581"))
	if want := "[{140581105 5 5} { 10 9}]"; got != want {
		t.Errorf("got %s", got)
	}
	table.By = "topic"
	table.Rows[2].Key = strings.Repeat("长", publication.WordsMax+1)
	if got := fmt.Sprint(cells(table, "140581")); got != "[{140581105 5 5} {1405 2 2} { 8 7}]" {
		t.Errorf("got %s", got)
	}
}

const aidKind = `kind: aid
title: {zh: 帮扶, en: Aid}
class: personal
area: {field: grid, level: community}
when: made_at
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: made_at, title: {zh: 时间, en: Made at}, type: instant, required: true}
  - {id: 3, name: topic, title: {zh: 事项, en: Topic}, type: choice, options: [{value: 助餐, en: Meals}, {value: 助医, en: Doctor}]}
reports:
  - {name: aids, title: {zh: 帮扶次数, en: Aids}, count: records, by: [area, topic, day], publish: [total, township, topic]}
`

func TestWhatTheKindsOfTodayKeepBackGoesUpNoMore(t *testing.T) {
	kinds, err := kindfile.Load(fstest.MapFS{"aid.yaml": {Data: []byte(strings.Replace(aidKind, "publish: [total, township, topic]", "publish: [topic]", 1))}})
	if err != nil {
		t.Fatal(err)
	}
	m := Months{Kinds: kinds}
	for by, want := range map[string]bool{"": false, "area:9": false, "topic": true, "none": false} {
		if got := m.goesUp(report.Upward{Report: "aid.aids", By: by}); got != want {
			t.Errorf("by %q: %v", by, got)
		}
	}
	if m.goesUp(report.Upward{Report: "gone.aids"}) || m.goesUp(report.Upward{Report: "aid.gone"}) {
		t.Error("a report that is gone goes up")
	}
}

func TestACountyWithholdsMoreIfItSaysSo(t *testing.T) {
	kinds, err := kindfile.Load(fstest.MapFS{"aid.yaml": {Data: []byte(aidKind)}})
	if err != nil {
		t.Fatal(err)
	}
	nine := []report.Upward{{Report: "aid.aids", Total: report.Behind{Value: 9, Persons: 9}, Rows: []report.Behind{}}}
	for least, withheld := range map[int64]bool{0: false, 9: false, 10: true} {
		m := Months{Kinds: kinds, LeastPersons: least, Area: "140581"}
		figures, err := m.figuresOf(upward{"140581", max(least, publication.Least), nine})
		if err != nil || len(figures) != 1 || figures[0].Table.Withheld != withheld {
			t.Errorf("of 9 persons, with %d at the fewest: %+v, %v", least, figures, err)
		}
	}
}
