package node

import (
	"log/slog"
	"testing"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/schema"
	"wangge/sync/wire"
)

func TestAPublishedYearTakesThePlaceOfTheShippedOneAndOneThatIsNoneIsLeftOut(t *testing.T) {
	n := &node{log: slog.New(slog.DiscardHandler), unusable: map[string]error{}}
	shipped := []schema.Holidays{{Year: 2026, Off: []string{"01-01"}}}
	years := n.years(shipped, map[string]string{
		"holidays 2026": `{"year": 2026, "off": ["01-02"]}`, "holidays 2027": `{"year": 2027, "off": ["01-01/01-03"], "work": ["01-09"]}`,
		"holidays 2028": `{"year": 2028, "off": ["13-01"]}`,
	})
	c, err := schema.NewCalendar(years)
	if err != nil {
		t.Fatal(err)
	}
	const first, second = 20454, 20455 // 1 and 2 January 2026, a Thursday and a Friday
	for day, want := range map[int64]bool{first: true, second: false} {
		if works, known := c.Works(day); works != want || !known {
			t.Errorf("day %d: works %t, known %t", day, works, known)
		}
	}
	if !c.Knows(2027) || c.Knows(2028) || n.unusable["holidays 2028"] == nil || len(n.unusable) != 1 {
		t.Errorf("left out: %v", n.unusable)
	}
}

func TestNobodyButTheHubPublishesHolidays(t *testing.T) {
	p := newProvince(t, 2)
	forger := p.boxes[0]
	op := crdt.Record{}.Assign(publishedID(holidaysName(2027)), holidaysKind, definition, crdt.Text(`{"year": 2027}`))
	chunk, err := forger.store.Draw(writerOf(t, forger), map[crdt.Space][]crdt.Op{policy.Everywhere(): {op}})
	if err != nil {
		t.Fatal(err)
	}
	for what, m := range map[string]*party{"a box": p.boxes[1], "the county": p.hub} {
		if good, refusals := m.store.Check(chunk); len(good.Runs) > 0 || len(refusals) != 1 || refusals[0].Why != wire.WhyRights {
			t.Errorf("%s takes a year from a box: %+v", what, refusals)
		}
	}
}
