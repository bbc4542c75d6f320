package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/schema"
)

const wellKind = `kind: well_check
title: {zh: 水井巡查, en: Well check}
class: open
area: {field: grid, level: community}
when: checked_at
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: checked_at, title: {zh: 巡查时间, en: Checked at}, type: instant, required: true}
  - id: 3
    name: cover
    title: {zh: 井盖, en: Cover}
    type: choice
    required: true
    options: [{value: 完好, en: Whole}, {value: 破损, en: Broken}]
  - {id: 60004, name: number, title: {zh: 编号, en: Number}, type: text, decide: {number: "{area:6}井{year}-{number:4}"}}
reports:
  - {name: checks, title: {zh: 水井巡查次数, en: Wells checked}, count: records, by: [area, cover, day]}
`

// The county's IT person writes one file, publishes it at the hub, and grid workers fill
// in the new form at every box: no machine is touched, and no program built.
func TestAKindThatTheCountyPublishesIsUsedEverywhere(t *testing.T) {
	c := newCounty(t)
	kinds := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(kinds, "well_check.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	knows := func(device uint32, kind string, options int) bool {
		cl, err := c.actor(device)
		if err != nil {
			t.Fatal(err)
		}
		web, err := cl.client()
		var all struct{ Kinds []schema.Kind }
		if err != nil || web.getJSON(t.Context(), "/api/kinds", &all) != nil {
			return false // it begins anew at this moment
		}
		return slices.ContainsFunc(all.Kinds, func(k schema.Kind) bool {
			f, ok := k.Field("cover")
			return k.Name == kind && ok && len(f.Options) == options
		})
	}
	everywhere := func(options int) {
		t.Helper()
		c.until("every machine has the county's form", func() bool {
			return !slices.ContainsFunc(c.actors, func(a *actor) bool { return !knows(a.device.Index, "well_check", options) })
		})
	}
	counts := func(n int64) bool { return c.counts("well_check.checks", n) }
	write(wellKind)
	data := c.dataOf(1)
	if out := c.ok("schema", "publish", "--data", data, kinds); !strings.Contains(out, "a new kind") {
		t.Errorf("publishing says %s", out)
	}
	everywhere(2)
	check := map[string]any{"grid": "140581105211003", "checked_at": "2026-11-22T09:30", "cover": "破损"}
	c.save(eastBox, "well_check", check)
	check["grid"] = "140581108213001"
	name := c.save(riverBox, "well_check", check)
	c.until("the county counts both", func() bool { return counts(2) })
	c.until("and has numbered them", func() bool {
		fields, _, ok := c.look(riverBox, name)
		return ok && len(fields["number"].Versions) == 1 && strings.HasPrefix(fields["number"].Versions[0].Value.(string), "140581井2026-000")
	})

	write(strings.Replace(wellKind, "{value: 破损, en: Broken}", "{value: 破损, en: Broken}, {value: 缺失, en: Missing}", 1))
	c.ok("schema", "publish", "--data", data, kinds)
	everywhere(3)
	check["cover"] = "缺失"
	c.save(eastBox, "well_check", check)
	c.until("the county counts the third", func() bool { return counts(3) })

	write(strings.Replace(wellKind, "type: instant", "type: date", 1))
	if code, _, bad := wangge(t, nil, "schema", "publish", "--data", data, kinds); code == 0 || !strings.Contains(bad, "well_check.fields.checked_at.type") {
		t.Errorf("a change that breaks earlier records: code %d, %s", code, bad)
	}
	if code, _, bad := wangge(t, nil, "schema", "publish", "--data", c.dataOf(eastBox), kinds); code == 0 || !strings.Contains(bad, "replica of the hub") {
		t.Errorf("publishing at a box: code %d, %s", code, bad)
	}
}

// dataOf returns a machine's data folder.
func (c *county) dataOf(device uint32) string {
	c.t.Helper()
	a, err := c.actor(device)
	if err != nil {
		c.t.Fatal(err)
	}
	return filepath.Join(a.dir, "data")
}

// logOf returns what a machine has logged.
func (c *county) logOf(device uint32) string {
	c.t.Helper()
	b, err := os.ReadFile(filepath.Join(filepath.Dir(c.dataOf(device)), "log.txt"))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// Each November the county publishes the next year's holidays, and every box knows the
// working days of it.
func TestHolidaysThatTheCountyPublishesDateDeadlinesEverywhere(t *testing.T) {
	c := newCounty(t)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "holidays"), 0o700); err != nil {
		t.Fatal(err)
	}
	publish := func(year string) (int, string, string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "holidays", "2031.yaml"), []byte(year), 0o600); err != nil {
			t.Fatal(err)
		}
		return wangge(t, nil, "schema", "publish", "--data", c.dataOf(1), dir)
	}
	if code, out, bad := publish("year: 2031\noff: [01-01]\nwork: []\n"); code != 0 || !strings.Contains(out, "holidays.2031") || !strings.Contains(out, "are known now") {
		t.Fatalf("code %d, %s%s", code, out, bad)
	}
	c.until("every machine goes on with it", func() bool {
		return !slices.ContainsFunc(c.actors, func(a *actor) bool { return !strings.Contains(c.logOf(a.device.Index), "goes on with them") })
	})
	c.until("the replica knows the year", func() bool {
		code, out, _ := publish("year: 2031\noff: [01-01, 01-02]\nwork: []\n")
		return code == 0 && strings.Contains(out, "take the place")
	})
	if code, _, bad := publish("year: 2031\noff: [01-40]\nwork: []\n"); code == 0 || !strings.Contains(bad, "holidays/2031.yaml") {
		t.Errorf("a day that is none: code %d, %s", code, bad)
	}
}
