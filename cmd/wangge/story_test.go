package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"wangge/node/web"
)

const rider = "14058119920307151X"

func checkin(community, mobile string) map[string]any {
	return map[string]any{
		"area": community, "checked_in_at": 1730448085841, "platform": "美团", "trade": "外卖",
		"notice_given": true, "consent": true,
		"person": map[string]any{"id_number": rider, "name": "高飞", "mobile": mobile, "political_status": "01"},
	}
}

// The whole story: work is written on both sides of a cut, the link comes back,
// everything meets, and the county counts it once.
func TestWorkWrittenOnBothSidesOfACutMeetsAndIsCountedOnce(t *testing.T) {
	c := newCounty(t)
	name := c.save(eastBox, "grid_visit", visit("140581105211", 1))
	c.until("the neighbour and the county have the visit", func() bool {
		_, level, ok := c.look(westBox, name)
		_, own, _ := c.look(eastBox, name)
		return ok && level == "county" && own == "county"
	})

	if err := c.Cut(eastBox, true); err != nil {
		t.Fatal(err)
	}
	c.edit(eastBox, name, web.Edit{Field: "status", Set: "已解决"}, web.Edit{Field: "tags", Add: "独居"}, web.Edit{Field: "followups", Plus: 2})
	c.edit(westBox, name, web.Edit{Field: "status", Set: "已上报"}, web.Edit{Field: "tags", Add: "残疾"}, web.Edit{Field: "followups", Plus: 3})
	offline := c.save(eastBox, "grid_visit", visit("140581105211", 2))
	c.save(eastBox, "newjob_checkin", checkin("140581105211", "13834561201"))
	c.save(riverBox, "newjob_checkin", checkin("140581108213", "13934561202"))
	if _, level, _ := c.look(eastBox, offline); level != "saved" {
		t.Fatalf("a visit saved at a box that is cut off is %q, want saved", level)
	}
	if n := c.total(1, "grid_visit.visits"); n != 1 {
		t.Fatalf("the county counts %d visits while a box is cut off, want 1", n)
	}

	if err := c.Cut(eastBox, false); err != nil {
		t.Fatal(err)
	}
	c.until("all nodes agree", c.agreed)
	for _, box := range []uint32{eastBox, westBox} {
		c.expectMerged(box, name)
	}
	for hub := uint32(1); hub <= 3; hub++ {
		for report, want := range map[string]int64{
			"grid_visit.visits": 2, "newjob_checkin.checkins": 2, "newjob_checkin.registered": 1, "newjob_checkin.party_members": 1,
		} {
			if n := c.total(hub, report); n != want {
				t.Errorf("hub %d: %s is %d, want %d", hub, report, n, want)
			}
		}
	}
	c.edit(westBox, offline, web.Edit{Delete: true})
	c.until("a deleted visit counts no more", func() bool { return c.total(3, "grid_visit.visits") == 1 && c.agreed() })
	c.edit(eastBox, offline, web.Edit{Restore: true})
	c.until("a restored visit counts again", func() bool { return c.total(3, "grid_visit.visits") == 2 })
	c.settle(westBox, name, "status", "已解决")
	c.until("the settled value is everywhere", func() bool {
		fields, _, _ := c.look(eastBox, name)
		status := fields["status"]
		return !status.Conflict && len(status.Versions) == 1 && status.Versions[0].Value == "已解决" && c.agreed()
	})
}

// expectMerged looks for what both sides wrote, all of it.
func (c *county) expectMerged(box uint32, name web.Name) {
	c.t.Helper()
	fields, _, ok := c.look(box, name)
	if !ok {
		c.t.Fatalf("box %d has lost the visit", box)
	}
	if status := fields["status"]; !status.Conflict || len(status.Versions) != 2 {
		c.t.Errorf("box %d: status shows %+v, want both values side by side", box, status.Versions)
	}
	if tags := fields["tags"]; len(tags.Versions) != 2 {
		c.t.Errorf("box %d: tags show %+v, want 独居 and 残疾", box, tags.Versions)
	}
	if n := fields["followups"].Total; n == nil || *n != 5 {
		c.t.Errorf("box %d: followups is %v, want 5", box, n)
	}
}

// settle chooses a value over all versions that the box shows.
func (c *county) settle(box uint32, name web.Name, field string, value any) {
	c.t.Helper()
	fields, _, _ := c.look(box, name)
	var saw []string
	for _, v := range fields[field].Versions {
		saw = append(saw, v.Saw...)
	}
	c.edit(box, name, web.Edit{Field: field, Set: value, Saw: saw})
}

func TestADemonstrationGoesOnFromItsFolder(t *testing.T) {
	c := newCounty(t)
	name := c.save(riverBox, "grid_visit", visit("140581108213", 7))
	c.until("the county has the visit", c.agreed)
	before := c.status(riverBox)
	c.end()

	again, err := setStage(c.dir, c.actors[0].program)
	if err != nil {
		t.Fatal(err)
	}
	c.stage = again
	t.Cleanup(again.end)
	if err := again.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, level, ok := c.look(riverBox, name); !ok || level != "county" {
		t.Fatalf("after a restart the visit is %q (held: %t)", level, ok)
	}
	if after := c.status(riverBox); after.Spaces[0].Digest != before.Spaces[0].Digest {
		t.Fatalf("the digest changed over a restart: %s, then %s", before.Spaces[0].Digest, after.Spaces[0].Digest)
	}
	c.until("the restarted hub counts the visit", func() bool { return c.leader() != 0 })
	if n := c.total(2, "grid_visit.visits"); n != 1 {
		t.Fatalf("the restarted county counts %d visits, want 1", n)
	}
}

func TestTenThousandVisitsImportedAtOneBoxAreCountedExactly(t *testing.T) {
	c := newCounty(t)
	lines := visitLines(1, 10_000)
	base := c.ask(eastBox).base
	if code, out, bad := wangge(t, bytes.NewReader(lines), "import", "--kind", "grid_visit", "--node", base, "--quiet", "-"); code != 0 ||
		!strings.Contains(out, "10000 new") {
		t.Fatalf("import: code %d, %s%s", code, out, bad)
	}
	c.until("all nodes agree", c.agreed)
	for hub := uint32(1); hub <= 3; hub++ {
		if n := c.total(hub, "grid_visit.visits"); n != 10_000 {
			t.Errorf("hub %d counts %d visits, want 10000", hub, n)
		}
	}
	digests := c.status(1).Spaces
	if code, out, bad := wangge(t, bytes.NewReader(lines), "import", "--kind", "grid_visit", "--node", base, "--quiet", "-"); code != 0 ||
		!strings.Contains(out, "0 new, 10000 there already") {
		t.Fatalf("import again: code %d, %s%s", code, out, bad)
	}
	if again := c.status(1).Spaces; fmt.Sprint(again) != fmt.Sprint(digests) {
		t.Error("importing the same lines twice changed something")
	}
	c.expectShownAsTable()
	mixed := append([]byte("{\"grid\": \"14\"}\nno form\n"), visitLines(3, 3)...)
	code, out, bad := wangge(t, bytes.NewReader(mixed), "import", "--kind", "grid_visit", "--node", base, "--quiet", "--json", "-")
	if code != exitPartial || !strings.Contains(out, `{"lines":5,"new":3,"known":0,"refused":2}`) ||
		!strings.Contains(bad, "line 1: grid: ") || !strings.Contains(bad, "line 2: no JSON form") {
		t.Errorf("lines good and bad: code %d, %s%s", code, out, bad)
	}
}

// expectShownAsTable prints the report in its three forms.
func (c *county) expectShownAsTable() {
	c.t.Helper()
	base := c.ask(2).base
	code, table, bad := wangge(c.t, nil, "report", "--node", base, "--by", "area:6", "--lang", "en", "grid_visit.visits")
	if code != 0 || !strings.Contains(table, "total 10000") || !strings.Contains(table, "complete to commit") {
		c.t.Errorf("report: code %d, %s%s", code, table, bad)
	}
	if code, csv, bad := wangge(c.t, nil, "report", "--node", base, "--by", "area:6", "--csv", "grid_visit.visits"); code != 0 || !strings.Contains(csv, "140581,,10000") {
		c.t.Errorf("report --csv: code %d, %s%s", code, csv, bad)
	}
	code, list, bad := wangge(c.t, nil, "report", "--node", base, "--records", "--side", "per", "--area", "140581", "grid_visit.followups_a_visit")
	if code != 0 || strings.Count(list, "140581") < 50 || !strings.Contains(list, "topic=") || !strings.Contains(list, "--after ") {
		c.t.Errorf("report --records: code %d, %.2000s%s", code, list, bad)
	}
	if code, checked, bad := wangge(c.t, nil, "report", "--node", base, "check"); code != 0 || !strings.Contains(checked, "held against 10000 records") {
		c.t.Errorf("report check: code %d, %s%s", code, checked, bad)
	}
	if code, js, bad := wangge(c.t, nil, "report", "--node", base, "--json", "grid_visit.visits"); code != 0 || !strings.Contains(js, `"total":10000`) {
		c.t.Errorf("report --json: code %d, %s%s", code, js, bad)
	}
}
