package schema_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

func shippedCalendar(t testing.TB) schema.Calendar {
	t.Helper()
	c, err := kindfile.ShippedCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at returns a moment on the wall clock in China.
func at(t testing.TB, wall string) int64 {
	t.Helper()
	m, err := time.ParseInLocation("2006-01-02T15:04", wall, time.FixedZone("", 8*3600))
	if err != nil {
		t.Fatal(err)
	}
	return m.UnixMilli()
}

// stored returns the record that a form makes.
func stored(t testing.TB, r *schema.Registry, kind string, form map[string]any) crdt.Record {
	t.Helper()
	filled, problems := r.Check(kind, form)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return asRecord(filled)
}

func asRecord(f schema.Filled) (rec crdt.Record) {
	for i, op := range f.Ops(rec, 1) {
		rec.Apply(crdt.Dot{Writer: 1, Seq: 1, Index: uint32(i)}, crdt.NewStamp(1764000000000), op, crdt.Frontier{})
	}
	return rec
}

func hexID(n int) string { return fmt.Sprintf("%032x", n+1) }

// idOf returns the record to which a link of that id leads.
func idOf(n int) crdt.RecordID {
	id, _ := crdt.ParseRecordID(hexID(n))
	return id.Of("elder_pact")
}

func elder(since string) map[string]any {
	return map[string]any{
		"grid": "14058110521101", "name": "王奶奶", "home": "东街 3 号", "since": since, "companion": "李雷", "companion_mobile": "13835612203", "consent": true, "status": "在约",
	}
}

func curtain(who int, seen string) map[string]any {
	return map[string]any{"grid": "14058110521101", "elder": hexID(who), "day": seen[:10], "slot": "早", "checked_at": seen, "state": "正常"}
}

// An elder's day: what is due when, what was missed, who is told, and what ends it.
func TestCurtainsAreLookedAtTwiceADay(t *testing.T) {
	r := shipped(t)
	for what, test := range map[string]struct {
		now    string
		checks []string
		alert  string
		state  schema.State
		due    string
		missed int
	}{
		"before it began":               {"2026-11-20T06:00", nil, "", schema.Later, "2026-11-22T09:00", 0},
		"early":                         {"2026-11-22T06:00", nil, "", schema.Open, "2026-11-22T09:00", 0},
		"in the morning":                {"2026-11-22T08:59", nil, "", schema.Open, "2026-11-22T09:00", 0},
		"too late":                      {"2026-11-22T09:00", nil, "", schema.Overdue, "2026-11-22T09:00", 1},
		"two hours later":               {"2026-11-22T11:00", nil, "", schema.Escalated, "2026-11-22T09:00", 1},
		"seen":                          {"2026-11-22T11:00", []string{"2026-11-22T08:00"}, "", schema.Open, "2026-11-22T19:00", 0},
		"seen late":                     {"2026-11-22T11:00", []string{"2026-11-22T10:59"}, "", schema.Open, "2026-11-22T19:00", 0},
		"seen twice":                    {"2026-11-22T20:00", []string{"2026-11-22T08:00", "2026-11-22T17:30"}, "", schema.Later, "2026-11-23T09:00", 0},
		"seen in the evening alone":     {"2026-11-23T06:00", []string{"2026-11-22T18:00"}, "", schema.Open, "2026-11-23T09:00", 0},
		"not seen for days":             {"2026-11-25T10:00", []string{"2026-11-22T08:00"}, "", schema.Escalated, "2026-11-22T19:00", 6},
		"somebody went there":           {"2026-11-22T11:30", nil, "2026-11-22T11:20", schema.Overdue, "2026-11-22T09:00", 1},
		"somebody went there before":    {"2026-11-25T10:00", []string{"2026-11-24T18:00"}, "2026-11-22T11:20", schema.Overdue, "2026-11-25T09:00", 1},
		"a clock five minutes ahead":    {"2026-11-22T08:00", []string{"2026-11-22T08:05"}, "", schema.Open, "2026-11-22T19:00", 0},
		"a check that claims next year": {"2026-11-22T11:00", []string{"2027-11-22T08:00"}, "", schema.Escalated, "2026-11-22T09:00", 1},
	} {
		a := schema.NewAgenda(r, shippedCalendar(t))
		a.Change(crdt.Space{}, idOf(0), crdt.Record{}, stored(t, r, "elder_pact", elder("2026-11-22")))
		for i, seen := range test.checks {
			a.Change(crdt.Space{}, idOf(100+i), crdt.Record{}, stored(t, r, "curtain_check", curtain(0, seen)))
		}
		if test.alert != "" {
			form := map[string]any{"grid": "14058110521101", "elder": hexID(0), "raised_at": test.alert, "cause": "没有人打卡", "status": "已告警"}
			alert := stored(t, r, "elder_alert", form)
			a.Change(crdt.Space{}, idOf(200), crdt.Record{}, alert)
		}
		now := at(t, test.now)
		items := slices.DeleteFunc(a.At(now, ""), func(i schema.Item) bool { return i.Kind.Name != "elder_pact" })
		if len(items) != 1 {
			t.Fatalf("%s: %+v", what, items)
		}
		day, slot := items[0].Occasion()
		if want := occasionAt(test.now, items[0].Opens); day+[]string{"", " 早", " 晚"}[slot] != want {
			t.Errorf("%s: who looks now looks for %s %d, want %s", what, day, slot, want)
		}
		if i := items[0]; i.State(now) != test.state || i.Due != at(t, test.due) || i.Missed != test.missed {
			t.Errorf("%s: %s, due %s, missed %d", what, i.State(now), time.UnixMilli(i.Due).UTC().Add(8*time.Hour), i.Missed)
		}
	}
}

// occasionAt says for which time somebody looks: the last that has begun, or the next
// that is to be kept if all were.
func occasionAt(now string, opens int64) string {
	m, _ := time.ParseInLocation("2006-01-02T15:04", now, time.FixedZone("", 8*3600))
	if m.UnixMilli() < opens {
		m = time.UnixMilli(opens).In(m.Location())
	}
	switch hour := m.Hour(); {
	case hour < 7:
		return m.AddDate(0, 0, -1).Format(time.DateOnly) + " 晚"
	case hour < 17:
		return m.Format(time.DateOnly) + " 早"
	}
	return m.Format(time.DateOnly) + " 晚"
}

// A pact that is suspended causes no work, and one that is deleted none.
func TestWorkEndsWithItsCause(t *testing.T) {
	r := shipped(t)
	a := schema.NewAgenda(r, shippedCalendar(t))
	pact := stored(t, r, "elder_pact", elder("2026-11-22"))
	a.Change(crdt.Space{}, idOf(0), crdt.Record{}, pact)
	now := at(t, "2026-11-22T08:00")
	if n := len(a.At(now, "140581105")); n != 1 {
		t.Fatalf("%d things to do", n)
	}
	if n := len(a.At(now, "140581106")); n != 0 {
		t.Errorf("another township has %d things to do", n)
	}
	kind, _ := r.Kind("elder_pact")
	status, _ := kind.Field("status")
	paused := pact.Clone()
	step := status.Take(pact.Cells[status.ID], schema.Step{Rung: "暂停"}.Value())
	paused.Apply(crdt.Dot{Writer: 1, Seq: 2}, crdt.NewStamp(1764000000001), pact.Append(idOf(0), kind.Name, status.ID, step), nil)
	a.Change(crdt.Space{}, idOf(0), pact, paused)
	if items := a.At(now, ""); len(items) != 0 {
		t.Errorf("suspended: %+v", items)
	}
	gone := pact.Clone()
	gone.Apply(crdt.Dot{Writer: 1, Seq: 3}, crdt.NewStamp(1764000000002), pact.Delete(idOf(0)), crdt.Frontier{1: 2})
	a.Change(crdt.Space{}, idOf(0), paused, pact)
	a.Change(crdt.Space{}, idOf(0), pact, gone)
	if items := a.At(now, ""); len(items) != 0 {
		t.Errorf("deleted: %+v", items)
	}
}

func TestDeadlinesAreAsTheRuleHasThem(t *testing.T) {
	r := shipped(t)
	matter := func(change map[string]any) map[string]any {
		form := map[string]any{
			"area": "140581105211", "received_at": "2026-09-01T10:00", "channel": "来信", "petitioner": "赵某", "sort": "申诉求决", "matter": "占道经营",
			"handler": "住建局", "status": "登记",
		}
		for name, value := range change {
			form[name] = value
		}
		return form
	}
	accepted := []any{"登记", map[string]any{"step": "受理", "at": "2026-09-10T09:00"}}
	longer := append(slices.Clone(accepted), map[string]any{"step": "延期", "at": "2026-11-01T09:00"})
	hazard := func(severity, seen string) map[string]any {
		return map[string]any{"grid": "14058110521101", "reported_at": seen, "category": "消防", "severity": severity, "status": "待处置"}
	}
	step := func(rung string) map[string]any { return map[string]any{"step": rung, "at": "2026-11-17T09:00"} }
	urgent := map[string]any{"received_at": "2026-11-17T09:00", "category": "急难愁盼", "status": "受理", "satisfied": nil}
	ordinary := maps.Clone(urgent)
	ordinary["category"] = "居住证件"
	for what, test := range map[string]struct {
		kind    string
		form    map[string]any
		task    string
		due     string
		unknown int
	}{
		"fifteen days to accept":            {"petition_matter", matter(nil), "accept", "2026-09-17T00:00", 0},
		"sixty to close":                    {"petition_matter", matter(map[string]any{"status": accepted}), "close", "2026-11-10T00:00", 0},
		"and thirty more":                   {"petition_matter", matter(map[string]any{"status": longer, "extension": 30}), "close", "2026-12-10T00:00", 0},
		"an accusation, which no day binds": {"petition_matter", matter(map[string]any{"status": accepted, "sort": "检举控告"}), "answer", "2026-11-10T00:00", 0},
		"a grave hazard":                    {"hazard_report", hazard("重大", "2026-09-30T16:00"), "remove_grave", "2026-10-01T16:00", 0},
		"a serious one over a holiday":      {"hazard_report", hazard("较大", "2026-09-30T16:00"), "remove", "2026-10-11T00:00", 0}, // the 8th, 9th and the Saturday that is worked
		"in a year that nobody knows":       {"hazard_report", hazard("较大", "2027-03-01T16:00"), "remove", "", 2027},
		"that begins before such a year":    {"hazard_report", hazard("一般", "2026-12-28T16:00"), "remove", "", 2027},
		"in a spring festival of nine days": {"hazard_report", hazard("较大", "2026-02-13T16:00"), "remove", "2026-02-26T00:00", 0},
		"fifteen days for a suggestion":     {"suggestion", sample(t, "suggestion", map[string]any{"received_on": "2026-11-02", "status": "收到", "outcome": "", "satisfied": nil}), "accept", "2026-11-18T00:00", 0},
		"an urgent worry":                   {"service_request", sample(t, "service_request", urgent), "close", "2026-11-21T00:00", 0},
		"any other service":                 {"service_request", sample(t, "service_request", ordinary), "close", "2026-12-16T00:00", 0},
		"a secondment that is over":         {"secondment", sample(t, "secondment", map[string]any{"status": "在借", "until": "2026-11-30", "ended_on": ""}), "return", "2026-12-01T00:00", 0},
		"three days to begin with a case":   {"rights_case", sample(t, "rights_case", map[string]any{"status": step("受理"), "settlement": ""}), "begin", "2026-11-21T00:00", 0},
	} {
		a := schema.NewAgenda(r, shippedCalendar(t))
		a.Change(crdt.Space{}, idOf(0), crdt.Record{}, stored(t, r, test.kind, test.form))
		items := a.At(at(t, "2026-09-15T10:00"), "")
		if len(items) != 1 || items[0].Task.Name != test.task || items[0].Unknown != test.unknown {
			t.Errorf("%s: %+v", what, items)
			continue
		}
		if test.unknown != 0 {
			if s := items[0].State(at(t, "2028-09-15T10:00")); s != schema.Undated {
				t.Errorf("%s: %s", what, s)
			}
		} else if items[0].Due != at(t, test.due) {
			t.Errorf("%s: due %s", what, time.UnixMilli(items[0].Due).UTC().Add(8*time.Hour))
		}
	}
}

func TestHolidaysThatMakeNoSenseAreRefused(t *testing.T) {
	for what, years := range map[string][]schema.Holidays{
		"no day":           {{Year: 2026, Off: []string{"02-30"}}},
		"a span backwards": {{Year: 2026, Off: []string{"02-23/02-15"}}},
		"a day twice":      {{Year: 2026, Off: []string{"02-15/02-23"}, Work: []string{"02-20"}}},
		"a year twice":     {{Year: 2026}, {Year: 2026}},
		"no year":          {{Off: []string{"01-01"}}},
	} {
		if _, err := schema.NewCalendar(years); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
