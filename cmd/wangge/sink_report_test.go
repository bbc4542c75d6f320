package main

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/node/report"
	"wangge/node/sink"
	"wangge/node/sink/cluster"
	"wangge/node/store"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// yearStore makes a store with a small year of all kinds, in which some records are said
// to be one and some are deleted.
func yearStore(t *testing.T, forms int) (*store.Store, *schema.Registry) {
	t.Helper()
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{sheet: &benchSheet{out: io.Discard}, stderr: io.Discard, began: time.Now(), kinds: kinds, seed: 5, records: forms, dir: t.TempDir()}
	box, err := b.yearBox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.county.close() })
	of := map[string][]store.Listed{}
	if err := box.store.Walk(func(l store.Listed) bool { of[l.Record.Kind] = append(of[l.Record.Kind], l); return true }); err != nil {
		t.Fatal(err)
	}
	err = box.store.Save(func(d *store.Draft) error {
		for _, kind := range slices.Sorted(maps.Keys(of)) {
			all := of[kind]
			for i := 0; i+4 < len(all) && i < 60; i += 6 { // three are one, and the one between them is none of these
				a, b, c := all[i], all[i+1], all[i+3]
				d.Write(a.Space, a.Record.SameAs(a.ID, b.ID), a.Record.SameAs(a.ID, c.ID))
				d.Write(b.Space, b.Record.SameAs(b.ID, a.ID))
				d.Write(c.Space, c.Record.SameAs(c.ID, a.ID))
			}
			if len(all) > 70 {
				d.Write(all[61].Space, all[61].Record.Delete(all[61].ID))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return box.store, kinds
}

// sums is how an analyst adds up the rows of a report's view: by township and in all.
func sums(k *schema.Kind, kinds *schema.Registry, r *schema.Report) string {
	amount := func(r *schema.Report, filter string) string {
		switch r.Count {
		case schema.Distinct:
			return "count(distinct member)" + filter + "::numeric"
		case schema.Sum:
			return "coalesce(sum(value)" + filter + ", 0)"
		case schema.Average:
			return "avg(value)" + filter
		}
		return "count(*)" + filter + "::numeric"
	}
	figure, standing := amount(r, ""), r.Standing()
	if r.Count == schema.Ratio {
		_, of, _ := kinds.Report(k, r.Of)
		_, per, _ := kinds.Report(k, r.Per)
		figure = fmt.Sprintf("%s * %d / nullif(%s, 0)", amount(of, " filter (where side = 'above')"), max(r.Times, 1), amount(per, " filter (where side = 'below')"))
		standing = of.Standing()
	}
	figure = fmt.Sprintf("(%s) * 10::numeric ^ %d", figure, r.Decimals)
	if r.Rounding != schema.Floor {
		figure += " + 0.5"
	}
	where := "true"
	if standing {
		where = "coalesce(stands_from <= '2026-09-30', true) and coalesce(stands_to > '2026-09-30', true)"
	}
	return fmt.Sprintf("select '%[1]s.%[2]s', coalesce(township, ''), grouping(township), trunc(floor(%[3]s)) from wangge.report_%[1]s_%[2]s where %[4]s group by grouping sets ((township), ());\n",
		k.Name, r.Name, figure, where)
}

// What an analyst adds up from a report's view is what the hub says: each report of each
// kind, by township and in all, recounted from the records.
func TestTheViewOfEveryReportAddsUpToItsFigure(t *testing.T) {
	c := database(t)
	s, kinds := yearStore(t, 9000)
	to, err := sink.New(sink.Options{URL: c.URL, Kinds: kinds, Source: s, Key: []byte("key"), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	to.Close()
	again := report.NewRecount(kinds)
	if err := s.Walk(func(l store.Listed) bool { again.Add(l.ID, l.Record); return true }); err != nil {
		t.Fatal(err)
	}
	script, want := strings.Builder{}, map[string]string{}
	for _, k := range kinds.Kinds() {
		for i := range k.Reports {
			r := &k.Reports[i]
			question := sums(&k, kinds, r)
			if r.Compares() || question == "" {
				continue
			}
			script.WriteString(question)
			for keys, figure := range again.Count(report.Query{Report: k.Name + "." + r.Name, By: []string{"area:9"}, AsOf: "2026-09-30"}) {
				want[k.Name+"."+r.Name+" "+keys] = figure
			}
		}
	}
	compareSums(t, c, kinds, script.String(), want)
}

func compareSums(t *testing.T, c *cluster.Cluster, kinds *schema.Registry, script string, want map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sums.sql")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("psql", "-At", "-F", " ", "-v", "ON_ERROR_STOP=1", "-d", c.URL, "-f", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(said)) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(parts) != 4 {
			t.Fatalf("psql says %q", line)
		}
		if parts[3] == "" || parts[2] == "0" && parts[1] == "" {
			continue // no figure, or no township
		}
		kind, name, _ := strings.Cut(parts[0], ".")
		k, _ := kinds.Kind(kind)
		_, r, _ := kinds.Report(k, name)
		n := new(int64)
		if _, err := fmt.Sscan(parts[3], n); err != nil {
			t.Fatal(err)
		}
		if *n == 0 && r.Count == schema.Distinct && parts[1] != "" {
			continue
		}
		got[parts[0]+" "+parts[1]] = schema.Decimal(*n, r.Decimals)
	}
	wrong, some := 0, 0
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if want[key] != got[key] {
			if wrong++; wrong < 30 {
				t.Errorf("%s: the view adds up to %q, the report is %q", key, got[key], want[key])
			}
		}
		if want[key] != "0" {
			some++
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: the view adds up to %s, the report has no such figure", key, got[key])
		}
	}
	t.Logf("%d figures, %d of them not 0", len(want), some)
}
