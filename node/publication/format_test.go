package publication_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"wangge/node/publication"
)

const golden = `{"format":1,"area":"140581","month":"2026-11","number":1,"at":"2026-12-03T09:00:00+08:00","by":"王秀英","boxes":38,"of":41,"least":4,` +
	`"tables":[{"report":"grid_visit.visits","title":"走访次数","by":"area:9","unit":"次","table":{"total":{"key":"","value":21,"persons":21},` +
	`"rows":[{"key":"140581107","value":12,"persons":12}],"rest":{"key":"","value":9,"persons":9}}}]}`

func sample(t *testing.T) *publication.Publication {
	t.Helper()
	all := []publication.Cell{
		{Key: "140581105", Value: 6, Persons: 6}, {Key: "140581106", Value: 3, Persons: 3}, {Key: "140581107", Value: 12, Persons: 12},
	}
	table, err := publication.Suppress(all, together(all), publication.Least)
	if err != nil {
		t.Fatal(err)
	}
	return &publication.Publication{
		Format: 1, Area: "140581", Month: "2026-11", Number: 1, At: "2026-12-03T09:00:00+08:00", By: "王秀英", Boxes: 38, Of: 41, Least: 4,
		Tables: []publication.Figure{{Report: "grid_visit.visits", Title: "走访次数", By: "area:9", Unit: "次", Table: table}},
	}
}

func encoded(t *testing.T, p *publication.Publication) []byte {
	t.Helper()
	b, err := publication.Append(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBytesAreTheGoldenOnes(t *testing.T) {
	if b := encoded(t, sample(t)); string(b) != golden {
		t.Errorf("%s\nis not\n%s", b, golden)
	}
	if _, err := publication.Read([]byte(golden)); err != nil {
		t.Error(err)
	}
}

func TestWhatNoPublisherWroteIsRefused(t *testing.T) {
	for what, change := range map[string][2]string{
		"another format":               {`"format":1`, `"format":2`},
		"a bound below four":           {`"least":4`, `"least":3`},
		"a month that is none":         {`2026-11`, `2026-13`},
		"a moment that is none":        {`T09:00:00`, ` 09:00`},
		"an area of a township":        {`"area":"140581"`, `"area":"140581105"`},
		"a township of another county": {`"area":"140581"`, `"area":"140582"`},
		"a key that is no area":        {`"key":"140581107"`, `"key":"140581人"`},
		"a finer area":                 {`"key":"140581107"`, `"key":"140581107211"`},
		"a grouping by communities":    {`"by":"area:9"`, `"by":"area:12"`},
		"rows of a total alone":        {`"by":"area:9"`, `"by":""`},
		"a report of no name":          {`grid_visit.visits`, `visits`},
		"an official's whole story":    {`王秀英`, strings.Repeat("王", 121)},
		"a title that is a record":     {`走访次数`, strings.Repeat("走", 121)},
		"a sign to a terminal":         {`走访次数`, `走访\u001b[2J`},
		"a sign that turns text round": {`走访次数`, "走访\u202e次数"},
		"more boxes than all":          {`"boxes":38`, `"boxes":42`},
		"number 0":                     {`"number":1`, `"number":0`},
		"a sum that is not so":         {`"value":21`, `"value":22`},
		"a sum of persons too large":   {`"value":21,"persons":21`, `"value":21,"persons":22`},
		"persons fewer than a row's":   {`"value":21,"persons":21`, `"value":21,"persons":11`},
		"more places than there are":   {`"unit":"次"`, `"unit":"次","decimals":7`},
		"a field of another":           {`"unit"`, `"name":"x","unit"`},
		"bytes behind it":              {`}]}`, `}]} `},
		"a table twice":                {`}]}`, `},` + golden[strings.Index(golden, `{"report"`):len(golden)-2] + `]}`},
		"a row of three persons":       {`"value":12,"persons":12}],"rest":{"key":"","value":9,"persons":9}`, `"value":3,"persons":3}],"rest":{"key":"","value":18,"persons":18}`},
	} {
		text := strings.Replace(golden, change[0], change[1], 1)
		if text == golden {
			t.Errorf("%s: nothing was changed", what)
		}
		if _, err := publication.Read([]byte(text)); !errors.Is(err, publication.ErrDamaged) {
			t.Errorf("%s was read: %v", what, err)
		}
	}
	if _, err := publication.Read(make([]byte, publication.Most+1)); !errors.Is(err, publication.ErrDamaged) {
		t.Error("what is too long was read")
	}
}

// Two who stand behind two rows are two persons fewer together; of visits that is no fewer.
func TestPersonsWhoStandTwiceAreReadAndSumsAreNot(t *testing.T) {
	fewer := strings.Replace(golden, `"value":21,"persons":21`, `"value":21,"persons":19`, 1)
	if _, err := publication.Read([]byte(fewer)); err != nil {
		t.Errorf("persons who stand twice: %v", err)
	}
	visits := strings.Replace(golden, `"value":21,"persons":21`, `"value":19,"persons":19`, 1)
	if _, err := publication.Read([]byte(visits)); !errors.Is(err, publication.ErrDamaged) {
		t.Errorf("visits were lost on the way: %v", err)
	}
	if _, err := publication.Read([]byte(strings.Replace(visits, `"unit":"次"`, `"unit":"次","own":true`, 1))); err != nil {
		t.Errorf("persons counted once: %v", err)
	}
}

func TestWhatACityLacksIsNamedWithinIt(t *testing.T) {
	const city = `{"format":1,"area":"1405","month":"2026-11","number":1,"at":"2026-12-03T09:00:00+08:00","by":"王秀英","boxes":38,"of":41,"least":4,"lacks":["140521"],` +
		`"tables":[{"report":"grid_visit.persons","title":"走访人数","by":"area:6","unit":"人","own":true,"apart":true,"lacks":["140522","140525"],"table":{"total":{"key":"","value":0,"persons":0},` +
		`"rows":[{"key":"140581","value":12,"persons":12},{"key":"140582","value":9,"persons":9}],"rest":{"key":"","value":0,"persons":0}}}]}`
	if _, err := publication.Read([]byte(city)); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string][2]string{
		"an area of another city":  {`"lacks":["140521"]`, `"lacks":["140621"]`},
		"itself":                   {`"lacks":["140521"]`, `"lacks":["1405"]`},
		"a township":               {`"lacks":["140521"]`, `"lacks":["140521105"]`},
		"what is no area":          {`"lacks":["140521"]`, `"lacks":["王秀英"]`},
		"none, spelled out":        {`"lacks":["140521"]`, `"lacks":[]`},
		"one twice":                {`["140522","140525"]`, `["140522","140522"]`},
		"in no order":              {`["140522","140525"]`, `["140525","140522"]`},
		"a figure's of elsewhere":  {`["140522","140525"]`, `["130522"]`},
		"a total of persons apart": {`"total":{"key":"","value":0,"persons":0}`, `"total":{"key":"","value":12,"persons":12}`},
		"a rest of persons apart":  {`"rest":{"key":"","value":0,"persons":0}`, `"rest":{"key":"","value":9,"persons":9}`},
		"a sum apart":              {`"own":true,`, ``},
		"persons apart by options": {`"by":"area:6"`, `"by":"status"`},
		"three persons apart":      {`"value":9,"persons":9`, `"value":3,"persons":3`},
	} {
		text := strings.Replace(city, change[0], change[1], 1)
		if text == city {
			t.Errorf("%s: nothing was changed", what)
		}
		if _, err := publication.Read([]byte(text)); !errors.Is(err, publication.ErrDamaged) {
			t.Errorf("%s was read: %v", what, err)
		}
	}
	if _, err := publication.Read([]byte(strings.Replace(golden, `"least":4`, `"least":4,"lacks":["140581"]`, 1))); !errors.Is(err, publication.ErrDamaged) {
		t.Error("a county lacks an area")
	}
}

func TestWordsAreCutToWhatIsTaken(t *testing.T) {
	for text, want := range map[string]string{
		"走访 Visits, 次": "走访 Visits, 次", "a\x1b[2Jb\nc": "a[2Jbc", "a\u202eb": "ab", "a\xffb": "ab",
		strings.Repeat("走", 200): strings.Repeat("走", publication.WordsMax),
	} {
		if got := publication.Words(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestFiguresAreBoundedSoThatSumsStayExact(t *testing.T) {
	for value, fits := range map[int64]bool{1 << 46: true, 1<<46 + 1: false, -1 << 46: true, -1<<46 - 1: false} {
		p := sample(t)
		all := publication.Cell{Value: value, Persons: 9}
		table, err := publication.Suppress([]publication.Cell{all}, all, publication.Least)
		if err != nil {
			t.Fatal(err)
		}
		p.Tables[0].By, p.Tables[0].Table = "", table
		if _, err := publication.Append(nil, p); (err == nil) != fits {
			t.Errorf("%d: %v", value, err)
		}
	}
}

func TestARestatementReplacesAndNothingElseDoes(t *testing.T) {
	first, second := sample(t), sample(t)
	second.Number, second.Boxes = 2, 41
	one, two := encoded(t, first), encoded(t, second)
	first.Boxes = 40
	changed := encoded(t, first)
	second.Month = "2026-10"
	other := encoded(t, second)
	for _, c := range []struct {
		had  [][]byte
		next []byte
		says string
	}{
		{nil, one, ""},
		{[][]byte{one}, two, ""},
		{[][]byte{one}, one, "here already"},
		{[][]byte{one, two}, one, "here already"},
		{[][]byte{one}, changed, "with other figures"},
		{[][]byte{two}, one, "older than number 2"},
		{[][]byte{one}, other, "and not 2026-11"},
	} {
		err := publication.Follows(c.had, c.next)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("expected %q: %v", c.says, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(golden))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := publication.Read(b)
		if err != nil {
			return
		}
		if again, err := publication.Append(nil, p); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%s was read and is written as %s: %v", b, again, err)
		}
	})
}
