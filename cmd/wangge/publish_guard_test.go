package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/node/web"
	"wangge/schema"
)

// Two forms of a county's own, of which one links to the other, before anybody thought of guards.
const (
	wellOwner = `kind: well_owner
title: {zh: 井主, en: Owner of a well}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: name, title: {zh: 姓名, en: Name}, type: text, required: true}
  - {id: 3, name: born, title: {zh: 出生日期, en: Born}, type: date}
  - {id: 4, name: latitude, title: {zh: 纬度, en: Latitude}, type: decimal}
  - {id: 5, name: remarks, title: {zh: 记事, en: Remarks}, type: text, merge: log}
  - {id: 6, name: story, title: {zh: 经过, en: Story}, type: text, merge: text, multiline: true}
  - {id: 7, name: illness, title: {zh: 病情, en: Illness}, type: text}
`
	wellVisit = `kind: well_visit
title: {zh: 走访井主, en: Owner visited}
class: personal
area: {field: area, level: community}
when: visited_on
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: owner, title: {zh: 井主, en: Owner}, type: link, to: well_owner, required: true}
  - {id: 3, name: visited_on, title: {zh: 走访日期, en: Visited on}, type: date, required: true}
  - {id: 4, name: with, title: {zh: 见到谁, en: Who was met}, type: text}
reports:
  - {name: met, title: {zh: 见到人数, en: People met}, count: distinct, of: with, by: [area, day]}
`
	// A form that is confidential from the beginning needs no mark: all that is said in words is masked.
	wellFeud = `kind: well_feud
title: {zh: 争水, en: Feud over water}
class: confidential
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: about, title: {zh: 为何, en: What about}, type: text, required: true}
  - {id: 3, name: owner, title: {zh: 井主, en: Owner}, type: link, to: well_owner}
  - {id: 4, name: status, title: {zh: 进度, en: Progress}, type: ladder, options: [{value: 受理, en: Accepted}]}
`
)

// guardedWells are those forms as the county publishes them once it has thought better of it.
var guardedWells = strings.NewReplacer(
	"type: text, required: true}", "type: text, required: true, guarded: true}", "type: date}", "type: date, guarded: true}", "type: decimal}", "type: decimal, guarded: true}",
	"merge: log}", "merge: log, guarded: true}", "multiline: true}", "multiline: true, guarded: true}",
	"en: Illness}, type: text}", "en: Illness}, type: text, sealed: true}", "en: Who was met}, type: text}", "en: Who was met}, type: text, guarded: true}",
)

// wellSecrets is what was written before, and must not be read where lists are, or behind
// that. Beginnings are what masks may show.
var wellSecrets = []string{"玉兰", "49-10-17", "35.7654321", "借过钱", "吵过架", "白内障", "石桥生", "抢水头", "打过人"}

// guarding is a county with its own forms and a database.
type guarding struct {
	*sunk
	folder string
}

// publishes has the county use forms, and waits until every machine does.
func (g *guarding) publishes(guarded bool, forms ...string) {
	g.t.Helper()
	for _, text := range forms {
		if guarded {
			text = guardedWells.Replace(text)
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "kind: "), "\n")
		if err := os.WriteFile(filepath.Join(g.folder, name+".yaml"), []byte(text), 0o600); err != nil {
			g.t.Fatal(err)
		}
	}
	g.ok("schema", "publish", "--data", g.dataOf(1), g.folder)
	g.until("every machine goes by them", func() bool {
		for _, a := range g.actors {
			var all struct{ Kinds []schema.Kind }
			cl, err := a.client()
			if err != nil || cl.getJSON(g.t.Context(), "/api/kinds", &all) != nil {
				return false // it begins anew at this moment
			}
			own := 0
			for _, k := range all.Kinds {
				if f, ok := k.Field("name"); strings.HasPrefix(k.Name, "well_") && (!ok || f.Guarded == guarded) {
					own++
				}
			}
			if own != len(forms) {
				return false
			}
		}
		return true
	})
}

// hears fails where something tells what is guarded; before it is, the same way must tell it.
func (g *guarding) hears(way, said string, guarded bool) {
	g.t.Helper()
	var told []string
	for _, secret := range wellSecrets {
		if strings.Contains(said, secret) {
			told = append(told, secret)
		}
	}
	if guarded == (len(told) > 0) {
		g.t.Errorf("%s tells %q:\n%s", way, told, said)
	}
}

// says returns what a machine answers.
func (g *guarding) says(device uint32, paths ...string) string {
	g.t.Helper()
	var all strings.Builder
	for _, path := range paths {
		b, err := g.ask(device).do(g.t.Context(), "GET", path, "", nil)
		if err != nil {
			g.t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// lists returns what a box's lists and a replica's exports, feeds and records say.
func (g *guarding) lists(guarded bool, kinds []string, shown ...web.Name) {
	g.t.Helper()
	for _, kind := range kinds {
		g.hears("a box's list of "+kind, g.says(eastBox, "/api/records?kind="+kind, "/api/records?waiting=true&kind="+kind), guarded)
		g.hears("a box's export of "+kind, g.says(eastBox, "/api/export?format=csv&kind="+kind), guarded)
		g.hears("a replica's export of "+kind, g.says(2, "/api/export?format=csv&kind="+kind, "/odata/"+kind), guarded)
	}
	for _, name := range shown {
		g.hears("a replica's record of "+name.Kind, g.says(2, recordPath(name), recordPath(name)+"/history"), guarded)
	}
	g.hears("the database", g.dumped(), guarded)
}

// dumped is all that stands in the database.
func (g *guarding) dumped() string {
	g.t.Helper()
	said, err := exec.Command("pg_dump", "--data-only", "-n", "wangge", "-d", strings.Replace(g.server.URL, "dbname=postgres", "dbname=county", 1)).CombinedOutput()
	if err != nil {
		g.t.Fatal(string(said))
	}
	return string(said)
}

// explained are the stories of records in a stopped machine's file.
func (g *guarding) explained(device uint32, names ...web.Name) string {
	g.t.Helper()
	all := ""
	for _, n := range names {
		for _, format := range []string{"--lang=zh", "--lang=en", "--json"} {
			all += g.ok("explain", "--data", g.dataOf(device), format, n.Space, n.ID)
		}
	}
	return all
}

// What a county comes to guard by publishing its form anew is masked from then on wherever
// lists, exports, the database and stories are, in what was written before as well.
func TestAGuardThatTheCountyPublishesIsKeptEverywhere(t *testing.T) {
	g := &guarding{newSunk(t, 1), t.TempDir()}
	g.publishes(false, wellOwner, wellVisit)
	owner := g.save(eastBox, "well_owner", map[string]any{
		"area": "140581105211", "name": "李玉兰", "born": "1949-10-17", "latitude": 35.7654321, "remarks": "向邻居借过钱", "story": "去年和隔壁吵过架", "illness": "白内障",
	})
	visit := g.save(eastBox, "well_visit", map[string]any{"area": "140581105211", "owner": owner.ID, "visited_on": time.Now().Format(time.DateOnly), "with": "王石桥生"})
	all := "select (select count(*) from wangge.well_owner), (select count(*) from wangge.well_visit)"
	g.has(all, "1|1")
	g.lists(false, []string{"well_owner", "well_visit"}, owner, visit)

	g.publishes(true, wellOwner, wellVisit, wellFeud)
	feud := g.save(eastBox, "well_feud", map[string]any{
		"area": "140581105211", "about": "为抢水头", "owner": owner.ID, "status": map[string]any{"step": "受理", "note": "打过人"},
	})
	g.has("select count(*) from wangge.well_feud", "1")
	g.lists(true, []string{"well_owner", "well_visit"}, owner, visit)
	g.hears("a box's list of the confidential", g.says(eastBox, "/api/records?kind=well_feud"), true)
	g.has(`select "姓名", "出生日期", "井主（名称）", array_length(_who, 1) from wangge.well_owner_zh, wangge.well_visit_zh, wangge.well_visit`, "李**|1949******|李**|1")

	for _, device := range []uint32{1, eastBox} {
		a, err := g.actor(device)
		if err != nil {
			t.Fatal(err)
		}
		a.stop()
		g.hears("wangge explain", g.explained(device, owner, visit, feud), true)
	}
	if out := g.ok("sink", "postgres", "--data", g.dataOf(1), "--url-file", g.urls, "--check"); !strings.Contains(out, "say what their records say") {
		t.Errorf("held against the records: %s", out)
	}
}
