package report

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// world is what one of the five reports tells of, as records of the same make: each is
// a form that passed its checks, with the numbers that stand in the text.
type world struct {
	*testing.T
	registry *schema.Registry
	figures  *Figures
	areas    []string
	made     map[string][]crdt.RecordID
	next     map[string]int
	held     map[crdt.RecordID]crdt.Record // of kinds that are found again by their identity
	last     crdt.Record                   // that was written
}

// counties are those of the report's place.
func counties(seed string) []string {
	return map[string][]string{
		"000": {"140403", "140404", "140405", "140406", "140423", "140425", "140426", "140427", "140428", "140429", "140430", "140431"},
		"001": {"141128"},
		"002": {"140105", "140212", "140302", "140402", "140502", "140581", "140602", "140702", "140802", "140902", "141002", "141102"},
		"003": {"340602", "340603", "340604", "340621"},
		"004": {"445202", "445203", "445222", "445224", "445281"},
	}[seed]
}

// table reads the lines of a file with tabs, without the first.
func table(t *testing.T, name string, columns int) (lines [][]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")[1:] {
		parts := strings.Split(line, "\t")
		if len(parts) != columns {
			t.Fatalf("%s:%d: %d columns, want %d", name, i+2, len(parts), columns)
		}
		lines = append(lines, parts)
	}
	return lines
}

// build makes the records of one report.
func build(t *testing.T, seed string, registry *schema.Registry) *world {
	t.Helper()
	w := &world{t, registry, New(registry), counties(seed), map[string][]crdt.RecordID{}, map[string]int{}, map[crdt.RecordID]crdt.Record{}, crdt.Record{}}
	var more []func()
	for _, line := range table(t, "worlds.tsv", 4) {
		if line[0] != seed {
			continue
		}
		n, err := strconv.Atoi(line[2])
		change := map[string]any{}
		if err == nil {
			err = json.Unmarshal([]byte(line[3]), &change)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		w.batch(line[1], n, change)
		more = append(more, func() { w.void(line[1], change) })
	}
	for _, void := range more { // at the end: links go by the numbers of what was made
		void()
	}
	return w
}

// void makes one more record as those of a batch and deletes it.
func (w *world) void(name string, change map[string]any) {
	w.Helper()
	delete(change, "#")
	before := len(w.made[name])
	w.batch(name, 1, change)
	id := w.made[name][before]
	gone := w.last.Clone()
	gone.Apply(crdt.Dot{Writer: 1, Seq: 99}, 99, gone.Delete(id), crdt.Frontier{1: 98})
	w.figures.Change(id, w.last, gone)
}

// batch makes n records of a kind: its sample, numbered on, with what is changed in it.
// A list of values goes round. "#" says from which number on, where those that there
// are already are meant.
func (w *world) batch(name string, n int, change map[string]any) {
	w.Helper()
	kind, ok := w.registry.Kind(name)
	samples, err := kindfile.ShippedSamples(name)
	if !ok || err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	from := w.next[name]
	if number, ok := change["#"].(float64); ok {
		from = int(number)
	}
	w.next[name] = max(w.next[name], from+n)
	for i := range n {
		form := maps.Clone(samples[0])
		w.number(kind, form, from+i)
		for field, value := range change {
			if field != "#" {
				w.set(kind, form, field, value, i)
			}
		}
		w.write(kind, form)
	}
}

// number makes a form another one: of its place, its person, its own name, and links to
// what has the same number.
func (w *world) number(kind *schema.Kind, form map[string]any, n int) {
	for _, f := range kind.Fields {
		switch identity := slices.Contains(kind.Identity, f.Name); {
		case f.Name == kind.Area.Field:
			form[f.Name] = w.area(f.Type, n)
		case f.Inline:
			if inner, ok := form[f.Name].(map[string]any); ok {
				inner = maps.Clone(inner)
				inner["id_number"] = resident(n)
				form[f.Name] = inner
			}
		case f.Type == schema.TypeLink && form[f.Name] != nil:
			form[f.Name] = w.ref(f.To, n)
		case f.Type == schema.TypeLinks && form[f.Name] != nil: // two of each, so that many belong to many
			form[f.Name] = []any{w.ref(f.To, n), w.ref(f.To, n+1)}
		case identity && f.Type == schema.TypeText:
			form[f.Name] = fmt.Sprintf("%v%d", form[f.Name], n)
		case identity && f.Type == schema.TypeMobile:
			form[f.Name] = fmt.Sprintf("13%09d", n)
		case identity && f.Type == schema.TypeCreditCode:
			form[f.Name] = creditCode(n)
		}
	}
}

// set puts the i-th value of a change into a form.
func (w *world) set(kind *schema.Kind, form map[string]any, name string, value any, i int) {
	if outer, inner, ok := strings.Cut(name, "."); ok {
		form[outer].(map[string]any)[inner] = value
		return
	}
	f, ok := kind.Field(name)
	if !ok {
		w.Fatalf("%s has no field %s", kind.Name, name)
	}
	if list, ok := value.([]any); ok && len(list) > 0 && f.Type != schema.TypeChoices {
		value = list[i%len(list)]
	}
	if rung, ok := value.(string); ok && f.Type == schema.TypeLadder {
		value = way(f, rung)
	}
	form[name] = value
}

// way returns the rungs by which a case comes to one.
func way(f *schema.Field, rung string) []any {
	i := slices.IndexFunc(f.Options, func(o schema.Option) bool { return o.Value == rung })
	if i <= 0 {
		return []any{rung}
	}
	return append(way(f, f.Options[i].After[0]), rung)
}

func (w *world) write(kind *schema.Kind, form map[string]any) {
	filled, problems := w.registry.Check(kind.Name, form)
	if len(problems) > 0 {
		w.Fatalf("%s: %v: %v", kind.Name, problems, form)
	}
	mint := func() crdt.RecordID { return minted(kind.Name, len(w.made[kind.Name])) }
	for _, r := range filled.Records([]byte("world"), mint) {
		before := w.held[r.ID]
		rec := before.Clone()
		for i, op := range r.Ops(before, 1) {
			rec.Apply(crdt.Dot{Writer: 1, Seq: uint64(len(before.Cells) + 1), Index: uint32(i)}, 1, op, nil)
		}
		w.figures.Change(r.ID, before, rec)
		w.last = rec
		if len(r.Kind.Identity) > 0 {
			w.held[r.ID] = rec
		}
		w.made[r.Kind.Name] = append(w.made[r.Kind.Name], r.ID)
	}
}

func minted(kind string, n int) crdt.RecordID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n))
	return crdt.RecordID(sum[:16])
}

// ref returns the record of a kind that has a number, whether or not it is here.
func (w *world) ref(kind string, n int) string {
	id := minted(kind, n)
	if n < len(w.made[kind]) {
		id = w.made[kind][n]
	}
	return id.String()
}

// area returns a community, or the beginning or a part of one, going round the counties.
func (w *world) area(t schema.FieldType, n int) string {
	county, rest := w.areas[n%len(w.areas)], n/len(w.areas)
	community := fmt.Sprintf("%s%03d%03d", county, 1+rest%90, 1+rest/90%900)
	return map[schema.FieldType]string{
		schema.TypeCounty: county, schema.TypeArea: community, schema.TypeGrid: community + "01", schema.TypeHousehold: community + "010001",
	}[t]
}

func resident(n int) string {
	born := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n/999)
	start := fmt.Sprintf("140581%s%03d", born.Format("20060102"), 1+n%999)
	for _, check := range "0123456789X" {
		if r, complaint := schema.ParseResident(start + string(check)); complaint.Empty() {
			return r.Number
		}
	}
	panic("report: no check digit fits " + start)
}

func creditCode(n int) string {
	for _, check := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if code, complaint := schema.ParseCreditCode(fmt.Sprintf("91350100%09d%c", n, check)); complaint.Empty() {
			return code
		}
	}
	panic("report: no check digit fits")
}
