package node

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema/kindfile"
)

// care has a sealed field of every sort that can hold what must not get out.
const care = `kind: care
title: {zh: 关爱, en: Care}
class: personal
area: {field: area, level: community}
when: seen
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: seen, title: {zh: 日期, en: Seen}, type: date}
  - {id: 3, name: open, title: {zh: 情况, en: State}, type: text}
  - {id: 4, name: illness, title: {zh: 病种, en: Illness}, type: text, sealed: true}
  - {id: 5, name: story, title: {zh: 经过, en: Story}, type: text, merge: text, multiline: true, sealed: true}
  - {id: 6, name: notes, title: {zh: 记事, en: Notes}, type: text, merge: log, sealed: true}
  - {id: 7, name: number, title: {zh: 身份证, en: Identity}, type: resident_id, sealed: true}
  - {id: 8, name: born, title: {zh: 出生, en: Born}, type: date, is: born(number), sealed: true}
  - id: 9
    name: sort
    title: {zh: 类别, en: Sort}
    type: choice
    required: true
    sealed: true
    options: [{value: 秘密, en: secret}]
  - id: 10
    name: sorts
    title: {zh: 类别, en: Sorts}
    type: choices
    sealed: true
    options: [{value: 秘密, en: secret}]
reports:
  - {name: all, title: {zh: 次数, en: Times}, count: records, by: [area, day]}
  - {name: states, title: {zh: 情况, en: States}, count: distinct, of: open, by: [area, day]}
`

func TestASealedFieldStaysInItsRecord(t *testing.T) {
	d := newDesk(t)
	kinds, err := kindfile.Load(fstest.MapFS{"care.yaml": {Data: []byte(care)}})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	d.kinds, d.log = kinds, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	const secret = "秘密"
	form := map[string]any{
		"area": "140581105211", "seen": "2026-11-22", "open": "看过", "illness": secret, "story": secret, "notes": secret,
		"number": "11010519491231002X", "sort": secret, "sorts": []any{secret},
	}
	name := d.mustSave(t, "care", form)
	for field, want := range map[string]any{"illness": secret, "story": secret, "notes": secret, "number": "11010519491231002X", "born": "1949-12-31", "sort": secret, "sorts": secret} {
		if got := d.fields(t, name)[field]; len(got.Versions) != 1 || got.Versions[0].Value != want {
			t.Errorf("the record itself does not show %s: %+v", field, got)
		}
	}

	form["illness"], form["id"] = secret+strings.Repeat("长", 2000), "x"
	site := web.New(web.Options{Registry: kinds, Machine: d.node, Desk: d, Archive: archive(d), Log: d.log})
	lines, _ := json.Marshal(form)
	doors := map[string]string{"the log": ""}
	for door, request := range map[string][3]string{
		"the list":              {"GET", "/api/records?kind=care", ""},
		"what has not gone out": {"GET", "/api/records?kind=care&waiting=true", ""},
		"the status":            {"GET", "/api/status", ""},
		"the metrics":           {"GET", "/metrics", ""},
		"the export":            {"GET", "/api/export?kind=care&format=csv", ""},
		"the export in full":    {"GET", "/api/export?kind=care&format=json&reason=%E6%A0%B8%E5%AF%B9%E5%90%8D%E5%86%8C", ""},
		"a refused form":        {"POST", "/api/records?kind=care", string(lines)},
		"a refused import":      {"POST", "/api/import?kind=care", string(lines)},
	} {
		r := httptest.NewRequest(request[0], request[1], strings.NewReader(request[2]))
		r.Host = "127.0.0.1"
		r.Header.Set("Content-Type", map[bool]string{true: "application/x-ndjson", false: "application/json"}[strings.HasPrefix(request[1], "/api/import")])
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Result().Body)
		doors[door] = string(body)
	}
	named := d.called(crdt.Space{Area: "140581105211", Class: crdt.Personal}, mustID(t, name.ID))
	doors["what people call it"] = named.Words.Zh + named.Words.En
	doors["the figures"] = figuresOf(t, d, name)
	doors["the log"] = log.String()
	for door, said := range doors {
		for _, word := range []string{secret, "secret", "11010519491231002X", "1949-12-31"} {
			if strings.Contains(said, word) {
				t.Errorf("%s says %s: %s", door, word, said)
			}
		}
		if said == "" && door != "the log" {
			t.Errorf("%s says nothing at all", door)
		}
	}
	for _, door := range []string{"the list", "the export", "the export in full"} {
		if !strings.Contains(doors[door], "看过") {
			t.Errorf("%s does not show what is open: %s", door, doors[door])
		}
	}
}

func mustID(t *testing.T, hex string) crdt.RecordID {
	t.Helper()
	id, err := crdt.ParseRecordID(hex)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// figuresOf returns every answer of every report, as JSON.
func figuresOf(t *testing.T, d desk, name web.Name) string {
	t.Helper()
	_, id, rec, err := d.find(name)
	if err != nil {
		t.Fatal(err)
	}
	figures := report.New(d.kinds)
	figures.Change(id, crdt.Record{}, rec)
	var all []report.Table
	for _, k := range d.kinds.Kinds() {
		for _, r := range k.Reports {
			table, err := figures.Answer(report.Query{Report: k.Name + "." + r.Name, By: r.By})
			if err != nil || table.Total != 1 {
				t.Fatalf("%s: %v, %v", r.Name, table, err)
			}
			all = append(all, table)
		}
	}
	said, _ := json.Marshal(all)
	return string(said)
}
