package schema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wangge/schema"
	"wangge/schema/kindfile"
)

const careKind = `kind: care
title: {zh: 关爱, en: Care}
system: {zh: 暖新, en: Care}
class: personal
area: {field: area, level: community}
when: seen
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: seen, section: {zh: 情况, en: What is known}, title: {zh: 日期, en: Seen}, type: date}
  - {id: 3, name: ill, title: {zh: 患病, en: Ill}, type: bool, sealed: true}
  - {id: 4, name: number, title: {zh: 身份证, en: Identity}, type: resident_id, sealed: true}
  - {id: 5, name: what, title: {zh: 病种, en: Illness}, type: text, ask: ill, sealed: true}
  - {id: 6, name: age, title: {zh: 年龄, en: Age}, type: int, range: [0, 150], is: "years(born(number), seen)", sealed: true}
  - {id: 7, name: done, title: {zh: 已办, en: Done}, type: bool}
reports:
  - {name: all, title: {zh: 次数, en: Times}, count: records, by: [area, done, day], where: ["done"]}
`

const careNote = `kind: care_note
title: {zh: 关爱笔记, en: Care note}
system: {zh: 暖新, en: Care}
class: personal
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: care, title: {zh: 关爱, en: Care}, type: link, to: care}
  - {id: 3, name: hidden, title: {zh: 关爱, en: Care}, type: link, to: care, sealed: true}
reports:
  - {name: all, title: {zh: 次数, en: Times}, count: records, by: [area], where: ["care.done"]}
`

func TestWhatWouldTellOfASealedFieldIsNamedWithItsLine(t *testing.T) {
	load := func(old, new string) error {
		change := strings.NewReplacer(old, new)
		_, err := kindfile.Load(fstest.MapFS{"care.yaml": {Data: []byte(change.Replace(careKind))}, "care_note.yaml": {Data: []byte(change.Replace(careNote))}})
		return err
	}
	if err := load("#", ""); err != nil {
		t.Fatal(err)
	}
	for i, test := range [][3]string{
		{"class: personal\narea: {field: area, level: community}\nwhen", "class: open\narea: {field: area, level: community}\nwhen", "care.yaml:10: fields[2].sealed"},
		{"type: text, ask: ill, sealed: true", "type: text, ask: ill", "care.yaml:12: fields[4].sealed"},
		{`seen)", sealed: true`, `seen)"`, "care.yaml:13: fields[5].sealed"},
		{"type: resident_id, sealed: true", "type: resident_id", "care.yaml:11: fields[3].guarded"},
		{"type: resident_id, sealed: true", "type: resident_id, guarded: true, sealed: true", "care.yaml:11: fields[3].sealed"},
		{"type: date}", "type: date, sealed: true}", "care.yaml:9: fields[1].sealed"},
		{"type: area, required: true}\n  - {id: 2, name: seen", "type: area, required: true, sealed: true}\n  - {id: 2, name: seen", "care.yaml:8: fields[0].sealed"},
		{"when: seen", "when: seen\nidentity: [ill]", "care.yaml:"},
		{"count: records, by: [area, done, day]", "count: records, by: [area, ill, day]", "care.yaml:16: reports[0].by[1]"},
		{"count: records, by: [area, done, day]", "count: distinct, of: number, by: [area, done, day]", "care.yaml:16: reports[0].of"},
		{"count: records, by: [area, done, day]", "count: sum, of: age, by: [area, done, day]", "care.yaml:16: reports[0].of"},
		{`where: ["done"]`, `where: ["ill"]`, "care.yaml:16: reports[0].where[0]"},
		{`where: ["care.done"]`, `where: ["care.ill"]`, "care_note.yaml:11: reports[0].where[0]"},
		{`where: ["care.done"]`, `where: ["hidden.done"]`, "care_note.yaml:11: reports[0].where[0]"},
		{"section: {zh: 情况, en: What is known}", "section: {zh: 情况}", "care.yaml:9: fields[1].section"},
		{"system: {zh: 暖新, en: Care}\nclass: personal\narea: {field: area, level: community}\nwhen", "system: {zh: 暖新, en: Warmth}\nclass: personal\narea: {field: area, level: community}\nwhen", "care.yaml:3: system"},
		{"system: {zh: 暖新, en: Care}\nclass: personal\narea: {field: area, level: community}\nwhen", "system: {zh: 暖新}\nclass: personal\narea: {field: area, level: community}\nwhen", "care.yaml:3: system"},
	} {
		if err := load(test[0], test[1]); err == nil || !strings.HasPrefix(err.Error(), test[2]) {
			t.Errorf("%d, %s: got %v, want %s", i, test[1], err, test[2])
		}
	}
}

func TestWhatWasSealedOrAskedStaysSo(t *testing.T) {
	load := func(old, new string) *schema.Registry {
		text := strings.Replace(careKind, old, new, 1)
		registry, err := kindfile.Load(fstest.MapFS{"care.yaml": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		return registry
	}
	was := load("", "")
	for new, want := range map[string]string{
		"type: bool}":                          "fields.ill.sealed",
		"type: bool, sealed: true}":            "",
		"type: bool, sealed: true, is: 1 > 2}": "fields.ill.is",
	} {
		var breaks []string
		// What hangs on it is sealed all the same.
		now := load("type: bool, sealed: true}", new)
		for _, c := range schema.Diff(was, now) {
			if c.Breaks {
				breaks = append(breaks, c.Path)
			}
		}
		if strings.Join(breaks, " ") != want {
			t.Errorf("%s: breaks %v", new, breaks)
		}
	}
}
