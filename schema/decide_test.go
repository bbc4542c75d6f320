package schema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const wish = `kind: wish
title: {zh: 微心愿, en: Small wish}
class: open
area: {field: grid, level: community}
when: made_at
fields:
  - {id: 1, name: grid, title: {zh: 网格, en: Grid}, type: grid, required: true}
  - {id: 2, name: made_at, title: {zh: 提出时间, en: Made at}, type: instant, required: true}
  - {id: 3, name: wish, title: {zh: 心愿, en: Wish}, type: text, required: true}
  - {id: 4, name: claims, title: {zh: 认领, en: Claims}, type: text, merge: log}
  - {id: 60005, name: number, title: {zh: 编号, en: Number}, type: text, decide: {number: "{area:6}-{year}-{number:4}"}}
  - {id: 60006, name: claimed_by, title: {zh: 认领人, en: Claimed by}, type: text, decide: {first: claims}}
`

func TestWhatTheCountyGivesIsNotAskedAndNotTakenFromAForm(t *testing.T) {
	r := wishes(t)
	form := map[string]any{"grid": "140581105211003", "made_at": "2026-11-22T09:30", "wish": "一副老花镜"}
	if _, problems := r.Check("wish", form); len(problems) > 0 {
		t.Fatal(problems)
	}
	form["number"] = "140581-2026-0001"
	_, problems := r.Check("wish", form)
	if len(problems) != 1 || problems[0].Field != "number" {
		t.Errorf("a form that gives itself a number: %v", problems)
	}
}

func TestANumberBeginsWithWhatTheRecordSays(t *testing.T) {
	r := wishes(t)
	kind, _ := r.Kind("wish")
	number, _ := kind.Field("number")
	filled, problems := r.Check("wish", map[string]any{"grid": "140581105211003", "made_at": "2026-12-31T23:30", "wish": "一副老花镜"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	rec := crdt.Record{Kind: "wish"}
	if _, ok := kind.NumberBegin(number, rec); ok {
		t.Error("a record that says nothing can be numbered")
	}
	rec.Cells = map[crdt.FieldID]crdt.Cell{}
	for id, values := range filled.Values {
		rec.Cells[id] = crdt.Cell{Type: crdt.Register, Entries: []crdt.Entry{{Value: values[0]}}}
	}
	begin, ok := kind.NumberBegin(number, rec)
	given := number.Decide.Numbered(begin, 12)
	if !ok || given != "140581-2026-0012" {
		t.Errorf("the twelfth is %q", given)
	}
	for _, n := range []uint64{1, 9999, 10000, 123456} {
		back, m, ok := number.Decide.ReadNumber(number.Decide.Numbered(begin, n))
		if !ok || back != begin || m != n {
			t.Errorf("number %d reads as %q, %d", n, back, m)
		}
	}
}

func TestADecisionThatCannotBeMadeIsRefusedWithItsLine(t *testing.T) {
	for _, wrong := range []struct{ good, bad, want string }{
		{`"{area:6}-{year}-{number:4}"`, `"{area:6}-{year}{number:4}"`, "parts the number"},
		{`"{area:6}-{year}-{number:4}"`, `"{number:4}"`, "end with {number:4}"},
		{`"{area:6}-{year}-{number:4}"`, `"{area:6}-{month}-{number:4}"`, "{month}"},
		{`"{area:6}-{year}-{number:4}"`, `"{area:6}-{number:4}-{year}"`, "end with"},
		{`{number: "{area:6}-{year}-{number:4}"}`, `{number: "{area:6}-{number:4}", hand: true}`, "one way"},
		{`type: text, decide: {first: claims}`, `type: text, decide: {first: wish}`, "name a log"},
		{`type: text, decide: {first: claims}`, `type: int, decide: {first: claims}`, "of their type"},
		{`type: text, decide: {first: claims}`, `type: text, required: true, decide: {first: claims}`, "nobody fills this in"},
		{`id: 60006`, `id: 6`, "from 60000 on"},
		{`id: 3`, `id: 60003`, "from 60000 on"},
	} {
		_, err := kindfile.Load(fstest.MapFS{"wish.yaml": {Data: []byte(strings.Replace(wish, wrong.good, wrong.bad, 1))}})
		if err == nil || !strings.Contains(err.Error(), wrong.want) || !strings.Contains(err.Error(), "wish.yaml:") {
			t.Errorf("%s: %v", wrong.bad, err)
		}
	}
}

func wishes(t *testing.T) *schema.Registry {
	t.Helper()
	r, err := kindfile.Load(fstest.MapFS{"wish.yaml": {Data: []byte(wish)}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// names is a kind whose records only the county makes.
const names = `kind: county_area_name
title: {zh: 区划名称, en: Name of an area}
class: open
area: {field: area, level: township}
decide: true
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: name, title: {zh: 名称, en: Name}, type: text, required: true}
`

func TestAnOfficialFillsInAKindThatTheCountyDecides(t *testing.T) {
	r, err := kindfile.Load(fstest.MapFS{"county_area_name.yaml": {Data: []byte(names)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := r.Check("county_area_name", map[string]any{"area": "140581105211", "name": "东街社区"}); len(problems) > 0 {
		t.Errorf("an official cannot fill it in: %v", problems)
	}
}

func TestAKindThatTheCountyCannotDecideIsRefusedWithItsLine(t *testing.T) {
	other := `kind: other
title: {zh: 其他, en: Other}
class: open
area: {field: area, level: community}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: place, title: {zh: 区划, en: Place}, type: link, to: county_area_name}
`
	for _, wrong := range []struct{ good, bad, want string }{
		{"class: open", "class: personal", "shows no persons"},
		{"type: text, required: true", "type: text, multiline: true, merge: text", "not woven"},
		{"type: text, required: true", "type: photo", "not woven"},
		{"type: text, required: true", "type: int, merge: counter", "not woven"},
		{"id: 2, name: name, title: {zh: 名称, en: Name}, type: text, required: true", "id: 60002, name: name, title: {zh: 名称, en: Name}, type: text, decide: {hand: true}", "decided by hand"},
		{"decide: true\n", "", "begin with county_"},
		{"level: community}", "level: community}\ndecide: true", "begin with county_"},
		{"type: text, required: true", "type: link, to: other, inline: true", "link to the other"},
		{"to: county_area_name", "to: county_area_name, inline: true", "pick one that is there"},
	} {
		files := fstest.MapFS{}
		for name, text := range map[string]string{"county_area_name.yaml": names, "other.yaml": other} {
			files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, wrong.good, wrong.bad, 1))}
		}
		_, err := kindfile.Load(files)
		if err == nil || !strings.Contains(err.Error(), wrong.want) || !strings.Contains(err.Error(), ".yaml:") {
			t.Errorf("%s: %v", wrong.bad, err)
		}
	}
}

// Whatever names it, a record of the county's has an id that says so, and nothing else has.
func TestARecordsIDSaysWhetherItIsTheCountys(t *testing.T) {
	files := fstest.MapFS{
		"county_area_name.yaml": {Data: []byte(names)},
		"sign.yaml": {Data: []byte(`kind: sign
title: {zh: 牌子, en: Sign}
class: open
area: {field: area, level: township}
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: place, title: {zh: 区划, en: Place}, type: link, to: county_area_name}
`)},
	}
	r, err := kindfile.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	const given, countys = "0123456789abcdef0123456789abcdef", "ffffffff89abcdef0123456789abcdef"
	record := func(kind string, form map[string]any, minted crdt.RecordID) schema.Filled {
		filled, problems := r.Check(kind, form)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return filled.Records(nil, func() crdt.RecordID { return minted })[0]
	}
	form := func(more ...string) map[string]any {
		f := map[string]any{"area": "140581105211"}
		for i := 0; i+1 < len(more); i += 2 {
			f[more[i]] = more[i+1]
		}
		return f
	}
	of, _ := crdt.ParseRecordID(given)
	marked, _ := crdt.ParseRecordID(countys)
	byForm := record("county_area_name", form("name", "东街社区", "id", given), crdt.RecordID{})
	for what, id := range map[string]crdt.RecordID{
		"minted": record("county_area_name", form("name", "东街社区"), crdt.RecordID{9}).ID, "given": byForm.ID,
		"given as it is exported": record("county_area_name", form("name", "东街社区", "id", byForm.ID.String()), crdt.RecordID{}).ID,
	} {
		if !id.County() {
			t.Errorf("%s: %s is anybody's", what, id)
		}
	}
	if again := record("county_area_name", form("name", "东街社区", "id", byForm.ID.String()), crdt.RecordID{}); again.ID != byForm.ID {
		t.Errorf("what is exported as %s comes back as %s", byForm.ID, again.ID)
	}
	if id := record("sign", form("id", given), crdt.RecordID{}).ID; id != of.Of("sign") {
		t.Errorf("%s was made of %s", id, given)
	}
	for _, id := range []crdt.RecordID{record("sign", form("id", countys), crdt.RecordID{}).ID, record("sign", form(), marked).ID} {
		if id.County() {
			t.Errorf("%s of an ordinary kind is the county's", id)
		}
	}
	if link := record("sign", form("place", given), crdt.RecordID{1}).Values[2][0]; link != crdt.Ref(byForm.ID) {
		t.Errorf("a link to %s leads to %s, not to %s", given, schema.Show(link), byForm.ID)
	}
}
