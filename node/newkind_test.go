package node

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/node/report"
	"wangge/schema/kindfile"
	"wangge/schema/kinds"
	"wangge/sync/weaklink"
)

// bridgeKind is all that somebody writes who wants a form of their own.
const bridgeKind = `kind: bridge_check
title: {zh: 桥梁巡查, en: Bridge check}
system: {zh: 乡村道路, en: Village roads}
class: personal
area: {field: area, level: community}
when: checked_on

fields:
  - {id: 1, name: area, title: {zh: 社区（村）, en: Community}, type: area, required: true}
  - {id: 2, name: checked_on, title: {zh: 巡查日期, en: Checked on}, type: date, required: true}
  - {id: 3, name: bridge, title: {zh: 桥名, en: Bridge}, type: text, required: true, range: [1, 40]}
  - {id: 4, name: cracks, title: {zh: 裂缝处数, en: Cracks}, type: int, required: true, range: [0, 100]}
  - {id: 5, name: widest, title: {zh: 最大缝宽（毫米）, en: "Widest, mm"}, type: decimal, range: [0, 100], ask: cracks > 0}
  - {id: 6, name: danger, title: {zh: 危桥, en: Dangerous}, type: bool, is: widest >= 2}

reports:
  - {name: checks, title: {zh: 巡查次数, en: Checks}, count: records, by: [area, day]}
  - {name: dangerous, title: {zh: 危桥数, en: Dangerous bridges}, count: distinct, of: bridge, where: [danger = true], by: [area, day], unit: {zh: 座, en: bridges}}
  - {name: danger_rate, title: {zh: 危桥比例, en: Share of dangerous bridges}, count: ratio, of: dangerous, per: checks, times: 100, decimals: 1, by: [area, day], unit: {zh: "%", en: "%"}}
`

// ask sends a request to a node's interface, as a page or another program would.
func (r *resident) ask(t *testing.T, method, path, body string, into any) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.Status().Web+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if into != nil {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return answer.StatusCode
}

// One more YAML file beside those that ship is a form at the box, its checks, its list,
// and its figures at the county: nothing of it stands in the program.
func TestAKindIsAddedByOneFileAlone(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, kinds.Files); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "bridge_check.yaml"), []byte(bridgeKind), 0o600); err != nil {
		t.Fatal(err)
	}
	registry, err := kindfile.Load(os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	d := newDistrict(t, weaklink.LAN(), 1, 1, func(c *Config) { c.Kinds = registry })
	box, hub := d.box(0), d.hub(0)

	var known struct{ Kinds []struct{ Name string } }
	if box.ask(t, "GET", "/api/kinds", "", &known); len(known.Kinds) != len(registry.Kinds()) {
		t.Errorf("the box offers %d forms of %d", len(known.Kinds), len(registry.Kinds()))
	}
	var told struct{ Problems []struct{ Field string } }
	wrong := `{"area":"140581105211","checked_on":"2026-11-22","bridge":"石桥","cracks":0,"widest":3}`
	if code := box.ask(t, "POST", "/api/records?kind=bridge_check", wrong, &told); code != http.StatusUnprocessableEntity || len(told.Problems) != 1 || told.Problems[0].Field != "widest" {
		t.Errorf("a form with an answer to what is not asked: %d, %+v", code, told)
	}
	for _, form := range []string{
		`{"area":"140581105211","checked_on":"2026-11-20","bridge":"石桥","cracks":2,"widest":2.5}`,
		`{"area":"140581105211","checked_on":"2026-11-22","bridge":"石桥","cracks":2,"widest":3}`,
		`{"area":"140581105212","checked_on":"2026-11-22","bridge":"新桥","cracks":0}`,
	} {
		if code := box.ask(t, "POST", "/api/records?kind=bridge_check", form, nil); code != http.StatusCreated {
			t.Errorf("%s: %d", form, code)
		}
	}
	var list struct{ Items []json.RawMessage }
	if box.ask(t, "GET", "/api/records?kind=bridge_check", "", &list); len(list.Items) != 3 {
		t.Errorf("the box lists %s", list.Items)
	}
	figure := func(query string) string {
		var table report.Table
		if code := hub.ask(t, "GET", "/api/report?report=bridge_check."+query, "", &table); code != http.StatusOK {
			t.Fatalf("%s: %d", query, code)
		}
		return table.Sum()
	}
	d.until("all checks at the county", func() bool { return figure("checks") == "3" })
	for query, want := range map[string]string{
		"dangerous": "1", "danger_rate": "33.3", "danger_rate&area=" + url.QueryEscape("140581105212"): "0.0", "checks&from=2026-11-22": "2",
	} {
		if got := figure(query); got != want {
			t.Errorf("%s is %s, want %s", query, got, want)
		}
	}
}
