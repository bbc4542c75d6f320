package node

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
	"wangge/sync/weaklink"
)

// secretive saves samples of every kind, in which what is to be masked says what nothing
// else does, and returns what must not be read at the hub, with the field that says it.
func secretive(t *testing.T, d desk) (secrets map[string]string) {
	t.Helper()
	secrets = map[string]string{}
	for i, k := range d.kinds.Kinds() {
		forms, err := kindfile.ShippedSamples(k.Name)
		if err != nil {
			t.Fatal(err)
		}
		for j, form := range forms {
			for _, f := range k.Fields {
				if s, said := form[f.Name].(string); said && s != "" && f.Type == schema.TypeText && (k.Masks(&f) || f.Sealed) && !f.Calculated() {
					form[f.Name] = fmt.Sprintf("密%d之%d人%s", i, j, f.Name)
				}
				if rung, said := form[f.Name].(string); said && f.Type == schema.TypeLadder && k.Class != crdt.Open {
					form[f.Name] = map[string]any{"step": rung, "note": fmt.Sprintf("密%d之%d步", i, j)}
				}
				if _, said := form[f.Name].(float64); said && f.Guarded {
					form[f.Name] = 35.1234567 + float64(i)/100 + float64(j)/1000
				}
			}
			d.Save(k.Name, form) // samples that stand for what is refused are
		}
	}
	var open strings.Builder
	keep := func(said, by string) {
		if len(said) > 3 && said != "true" {
			secrets[said] += by + " " // some say the same
		}
	}
	err := d.store.Walk(func(l store.Listed) bool {
		k, ok := d.kinds.Kind(l.Record.Kind)
		if !ok {
			return true
		}
		rec := k.Calculate(l.Record)
		for _, f := range k.Fields {
			if f.Type == schema.TypeLadder {
				for _, step := range f.Case(rec.Cells[f.ID]).Steps {
					if k.Class != crdt.Open {
						keep(step.Note, k.Name+"."+f.Name)
					}
				}
				continue
			}
			for _, v := range f.Shown(rec.Cells[f.ID]) {
				if said := fmt.Sprint(schema.Show(v)); k.Masks(&f) || f.Sealed && f.Type != schema.TypeChoice && f.Type != schema.TypeChoices {
					keep(said, k.Name+"."+f.Name)
				} else {
					fmt.Fprintln(&open, said)
				}
			}
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	for text := range secrets {
		if strings.Contains(open.String(), text) {
			delete(secrets, text) // it is said openly elsewhere, as by a day
		}
	}
	return secrets
}

// unsaid returns ops by which a record says what it has to mask or to seal and its sample
// did not say, and adds what they say to the secrets.
func unsaidOf(k *schema.Kind, l store.Listed, secrets map[string]string) (ops []crdt.Op) {
	for i := range k.Fields {
		f := &k.Fields[i]
		told := slices.Contains([]schema.FieldType{schema.TypeText, schema.TypeDate, schema.TypeDecimal, schema.TypeResidentID, schema.TypeMobile}, f.Type)
		if !told || f.Calculated() || !k.Masks(f) && !f.Sealed || len(l.Record.Cells[f.ID].Entries) > 0 {
			continue
		}
		word := fmt.Sprintf("补%d之%s", f.ID, k.Name)
		text := "甲乙丙丁戊己" + word + "庚辛壬癸" // masks may show beginning and end of a number
		op := crdt.Op{Record: l.ID, Kind: k.Name, Field: f.ID, Type: f.Merge, Value: crdt.Text(text)}
		switch {
		case f.Merge == crdt.MergedText:
			op = l.Record.EditText(l.ID, k.Name, f.ID, nil, text)
		case f.Type == schema.TypeDecimal:
			word = fmt.Sprintf("35.76%05d", f.ID)
			position, _ := strconv.ParseFloat(word, 64)
			op.Value = crdt.Float(position)
		}
		secrets[word] = k.Name + "." + f.Name
		ops = append(ops, op)
	}
	return ops
}

// commissioned has the hub commit what a machine holds, and of each kind once what its
// samples leave out.
func commissioned(t *testing.T, hub *resident, d desk, secrets map[string]string) (all []store.Listed) {
	t.Helper()
	w, err := hub.id.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	err = d.store.Walk(func(l store.Listed) bool {
		all = append(all, l)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string]bool{}
	for _, l := range all {
		var ops []crdt.Op
		if k, ok := d.kinds.Kind(l.Record.Kind); ok && !whole[k.Name] {
			whole[k.Name] = true
			ops = unsaidOf(k, l, secrets)
		}
		for _, field := range l.Record.Fields() {
			cell := l.Record.Cells[field]
			for _, e := range cell.Entries {
				ops = append(ops, crdt.Op{Record: l.ID, Kind: l.Record.Kind, Field: field, Type: cell.Type, Value: e.Value})
			}
		}
		chunk, err := hub.store.Draw(w, map[crdt.Space][]crdt.Op{l.Space: ops})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hub.hub.Propose(t.Context(), entryOf(chunk)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// lookout asks a replica of the hub by every way out, and looks for secrets in what it says.
type lookout struct {
	t       *testing.T
	n       *node
	pages   http.Handler
	secrets map[string]string
	said    int // answers that said something
}

func (l *lookout) hears(way, text string) {
	l.said++
	for secret, of := range l.secrets {
		if strings.Contains(text, secret) {
			l.t.Errorf("%s tells %s: %s", way, of, secret)
		}
	}
}

func (l *lookout) ask(target string) {
	r := httptest.NewRequest("GET", target, nil)
	r.Host = "127.0.0.1:8080"
	w := httptest.NewRecorder()
	l.pages.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	l.hears(target, string(body))
	if w.Code == http.StatusInternalServerError {
		l.t.Errorf("%s: %d %s", target, w.Code, body)
	}
}

// kind looks at all that goes out of a kind's records together.
func (l *lookout) kind(k *schema.Kind) {
	l.ask("/odata/" + k.Name)
	for _, format := range []string{"csv", "json", "jsonl"} {
		l.ask("/api/export?format=" + format + "&kind=" + k.Name)
		l.ask("/api/export?format=" + format + "&kind=" + k.Name + "&reason=" + url.QueryEscape("核对一下名册"))
	}
	for _, f := range k.Fields {
		if f.Decided() {
			l.ask("/api/decisions/" + k.Name + "/" + f.Name)
			l.ask("/api/decisions/" + k.Name + "/" + f.Name + "?given=true")
		}
	}
	for _, r := range k.Reports {
		q := report.Query{Report: k.Name + "." + r.Name}
		for _, by := range append(slices.Clip(r.By), "") {
			if q.By = nil; by != "" {
				q.By = []string{by}
			}
			answer, _ := office{l.n}.Report(l.t.Context(), q, false)
			l.hears(fmt.Sprint(q), fmt.Sprintf("%+v", answer.Table))
		}
		for _, side := range []string{"", "of", "per"} {
			list, _ := office{l.n}.Behind(report.Query{Report: q.Report}, side, crdt.RecordID{}, 100)
			l.hears(q.Report+" behind "+side, fmt.Sprintf("%+v", list.Items))
		}
	}
}

// record looks at what goes out of one.
func (l *lookout) record(r store.Listed) {
	at := "/api/records/" + r.Record.Kind + "/" + r.Space.String() + "/" + r.ID.String()
	l.ask(at)
	l.ask(at + "/history")
	if k, ok := l.n.kinds.Kind(r.Record.Kind); ok { // as PostgreSQL gets it
		l.hears("the table of "+k.Name, fmt.Sprint(export.Of(k, false, nil).Row(r.Space, r.ID, r.Record)))
	}
	if named, _, ok := (desk{l.n}).titled(r.Space, r.ID); ok {
		l.hears("what one of "+r.Record.Kind+" is called", fmt.Sprint(named))
	}
}

// everyField holds that each field which is masked or sealed said something that was looked for.
func (l *lookout) everyField(secrets map[string]string) {
	tried := map[string]bool{}
	for _, of := range secrets {
		for _, one := range strings.Fields(of) {
			tried[one] = true
		}
	}
	for _, k := range l.n.kinds.Kinds() {
		for _, f := range k.Fields {
			if (k.Masks(&f) || f.Sealed && f.Type == schema.TypeText) && !f.Calculated() && !tried[k.Name+"."+f.Name] {
				l.t.Errorf("%s.%s was never tried", k.Name, f.Name)
			}
		}
	}
}

// shelves looks at what a box lists: a record's own page alone shows there what is masked.
func (l *lookout) shelves(d desk) {
	for _, k := range d.kinds.Kinds() {
		list, err := d.List(k.Name, nil, 1000)
		if err != nil {
			l.t.Fatal(err)
		}
		l.hears("a box's list of "+k.Name, fmt.Sprintf("%+v", list.Items))
	}
}

// Nothing that marks a person, and nothing sealed, leaves the hub in full by any of its
// pages, files, feeds and tables, whatever the kind.
func TestNoPersonLeavesTheHubInFull(t *testing.T) {
	d := countyDesk(t)
	secrets := secretive(t, d)
	c := newDistrict(t, weaklink.Profile{Rate: 10_000_000, Delay: time.Millisecond}, 1, 0, nil)
	hub := c.hub(0)
	c.until("the hub leads", func() bool { return hub.hub.Status().Leader != 0 })
	all := commissioned(t, hub, d, secrets)
	n := hub.node
	o := web.Options{Registry: n.kinds, Machine: n, Archive: archive{n}, Planner: planner{n}, Gazetteer: n, Log: slog.New(slog.DiscardHandler)}
	o.Office, o.Officials, o.Months, o.Inspector, o.Chronicler = office{n}, officials{n}, n.months(), office{n}, office{n}
	l := &lookout{t: t, n: n, pages: web.New(o), secrets: secrets}
	for _, target := range []string{"/api/status", "/metrics", "/api/kinds", "/api/areas", "/api/quality", "/api/decisions", "/api/tasks?limit=1000", "/api/months"} {
		l.ask(target)
	}
	for _, k := range n.kinds.Kinds() {
		l.kind(&k)
	}
	for _, r := range all {
		l.record(r)
	}
	l.everyField(secrets)
	l.shelves(d)
	t.Logf("%d secrets of %d records were looked for in %d answers", len(secrets), len(all), l.said)
	if len(secrets) < 100 || len(all) < 80 || l.said < 2000 {
		t.Errorf("few were tried: %d secrets, %d records, %d answers", len(secrets), len(all), l.said)
	}
}
