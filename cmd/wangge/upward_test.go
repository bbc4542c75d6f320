package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/node/publication"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// The analyst closes the month and brings its file to the city, and then, for what came
// late, another: the city reads there what the county counted, and of no person.
func TestACountysClosedMonthGoesUpAndNobodyIsInIt(t *testing.T) {
	c := newCounty(t)
	var secrets []string
	counts := func(n int64) func() bool {
		return func() bool { return c.counts("grid_visit.visits", n) }
	}
	for n := range 9 {
		form := visit([]string{"140581105211", "140581105211", "140581108213"}[n%3], n+1)
		c.save(eastBox, "grid_visit", form)
		secrets = append(secrets, told(t, "grid_visit", form)...)
	}
	c.until("the county counts the visits", counts(9))
	at := "--node=" + c.ask(2).base
	file := filepath.Join(t.TempDir(), "first.publication")
	if code, _, bad := wangge(t, nil, "publish", at, "--month=2024-11", "-o", file); code != 1 || !strings.Contains(bad, "wangge month list") {
		t.Errorf("an open month: code %d, %s", code, bad)
	}
	c.ok("month", "close", at, "--by=王秀英", "2024-11")
	if out := c.ok("publish", at, "--lang=en", "--month=2024-11", "-o", file); !strings.Contains(out, "first.publication: 140581, 2024-11, number 1, ") {
		t.Errorf("publishing says %s", out)
	}
	c.silent(file, secrets)

	dir, _ := founded(t, "1405")
	c.trusted(dir, "140581")
	if out := c.ok("receive", "--data", dir, file); !strings.Contains(out, "140581") {
		t.Errorf("receiving says %s", out)
	}
	report := func() string {
		return c.ok("report", "--data", dir, "--lang=en", "--month=2024-11", "--by=area:9", "grid_visit.visits")
	}
	if out := report(); !strings.Contains(out, "9") {
		t.Errorf("at the city: %s", out)
	}

	late := visit("140581108213", 77)
	c.save(riverBox, "grid_visit", late)
	c.until("the county counts the late visit", counts(10))
	c.ok("month", "restate", at, "--by=李明", "2024-11")
	other := "--node=" + c.ask(3).base
	if out := c.ok("month", "restate", other, "--lang=en", "--by=another", "2024-11"); !strings.Contains(out, "2024-11, number 2 by 李明") {
		t.Errorf("to restate it again says %s", out)
	}
	var said published
	second := filepath.Join(t.TempDir(), "second.publication")
	if err := json.Unmarshal([]byte(c.ok("publish", other, "--json", "--month=2024-11", "-o", second)), &said); err != nil || said.Number != 2 || said.File != second || said.Tables < 100 {
		t.Errorf("publishing says %+v, %v", said, err)
	}
	c.silent(second, append(secrets, told(t, "grid_visit", late)...))
	c.ok("receive", "--data", dir, second)
	if out := report(); !strings.Contains(out, "10") {
		t.Errorf("at the city, after it: %s", out)
	}
	c.above(dir, append(secrets, told(t, "grid_visit", late)...))
	if out := c.ok("publish", at, "--month=2024-11", "--number=1", "-o", "-"); !strings.HasPrefix(out, `{"format":1,"area":"140581","month":"2024-11","number":1`) {
		t.Errorf("the first one is now %.200s", out)
	}
	for _, wrong := range [][]string{{"publish", at}, {"publish", at, "--month=2024-13"}, {"publish", at, "--month=2024-11", "--number=-1"}, {"month", "restate", at, "2024-11"}} {
		if code, _, bad := wangge(t, nil, wrong...); code != 2 {
			t.Errorf("%v: code %d, %s", wrong, code, bad)
		}
	}
}

// trusted brings the county's root certificate to a city, as a person would.
func (c *county) trusted(city, area string) {
	c.t.Helper()
	a, err := c.actor(1)
	if err != nil {
		c.t.Fatal(err)
	}
	root, err := os.ReadFile(filepath.Join(a.dir, "keys", "county.crt"))
	if err == nil {
		err = os.WriteFile(filepath.Join(city, "trusted", area+".pem"), root, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// told returns all that a form says and no figure may: everything but options and yes or no.
func told(t *testing.T, kind string, form map[string]any) (all []string) {
	t.Helper()
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	k, ok := registry.Kind(kind)
	if !ok {
		t.Fatal(kind)
	}
	for _, f := range k.Fields {
		value, given := form[f.Name]
		switch f.Type {
		case schema.TypeChoice, schema.TypeChoices, schema.TypeLadder, schema.TypeBool, schema.TypeInt, schema.TypeDecimal:
			continue
		}
		if inner, ok := value.(map[string]any); ok {
			all = append(all, told(t, f.To, inner)...)
		} else if given {
			all = append(all, fmt.Sprint(value))
		}
	}
	return all
}

// silent holds that nothing that was told stands in a file, and no record's id.
func (c *county) silent(file string, secrets []string) {
	c.t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(b), "\n") // the seal is a certificate and random bytes
	for _, s := range secrets {
		if strings.Contains(text, s) {
			c.t.Errorf("%q stands in what goes up", s)
		}
	}
	if len(secrets) < 40 || len(text) < 10_000 {
		c.t.Errorf("%d secrets, %d bytes", len(secrets), len(text))
	}
	_, p, err := publication.ReadSealed(b)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range p.Tables {
		for _, cell := range append(slices.Clone(f.Table.Rows), f.Table.Rest, f.Table.Total) {
			if cell.Persons > 0 && cell.Persons < p.Least {
				c.t.Errorf("%s is published for %d persons", f.Report, cell.Persons)
			}
		}
	}
}

// A year of all kinds, in which some hundreds of people say thousands of things: none of
// them stands in what goes up of any of its busiest months.
func TestNothingThatAYearsRecordsSayGoesUp(t *testing.T) {
	c := newCounty(t)
	dir := t.TempDir()
	c.ok("generate", "--quiet", "--scale=0.0015", "--communities=3", "--year=2025", "--out="+dir)
	secrets, imported := map[string]bool{}, 0
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		own := strings.ReplaceAll(string(b), filepath.Base(filepath.Dir(file)), "140581105211") // where the box writes what is confidential too
		kind := strings.TrimSuffix(filepath.Base(file), ".ndjson")
		for line := range strings.Lines(own) {
			var form map[string]any
			if err := json.Unmarshal([]byte(line), &form); err != nil {
				t.Fatal(err)
			}
			for _, s := range told(t, kind, form) {
				secrets[s] = true
			}
		}
		code, _, bad := wangge(t, strings.NewReader(own), "import", "--node="+c.ask(eastBox).base, "--kind="+kind, "--json", "-")
		if code == 0 {
			imported++
		} else if code != exitPartial {
			t.Fatalf("%s: code %d, %s", file, code, bad)
		}
	}
	if imported < 70 {
		t.Errorf("%d of %d files were imported", imported, len(files))
	}
	c.until("all is at the county", func() bool {
		s := c.status(eastBox)
		return s.Light == web.LightSafe
	})
	at := "--node=" + c.ask(2).base
	for _, month := range []string{"2025-01", "2025-06"} {
		c.ok("month", "close", at, "--by=会计一", month)
		file := filepath.Join(t.TempDir(), month)
		c.ok("publish", at, "--month="+month, "-o", file)
		c.silent(file, slices.DeleteFunc(slices.Collect(maps.Keys(secrets)), saidByKinds(t)))
	}
}

// saidByKinds reports whether a text stands in what the kinds call their figures and
// options: that somebody wrote the same is no secret.
func saidByKinds(t *testing.T) func(string) bool {
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var words strings.Builder
	for _, k := range registry.Kinds() {
		for _, r := range k.Reports {
			fmt.Fprintln(&words, k.Name, r.Name, r.Title.Zh, r.Unit.Zh)
		}
		for _, f := range k.Fields {
			for _, o := range f.Options {
				fmt.Fprintln(&words, o.Value)
			}
		}
	}
	return func(s string) bool { return strings.Contains(words.String(), s) || s == "140581" }
}
