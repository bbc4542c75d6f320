package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"wangge/schema"
	"wangge/schema/kindfile"
)

// A figure that would come out whatever was asked shows nothing. So each published one is asked
// once more without each of its conditions, and has to be another then: some record of its world
// keeps all of them but one.

// idle are conditions that cannot change their figure, and why.
func idle() map[string]string {
	return map[string]string{
		"F019, where 0": "the topic is asked of no other category",
		"F034, where 1": "all associations of the county are covered: the text says so",
		"F127, where 0": "the question names one of both classes",
		"F128, where 0": "the question names one of both classes",
	}
}

// without names a report that leaves something of another out.
func without(report, what string) string { return report + "__" + what }

// loosened returns the kinds that ship, in which each report that is asked for stands once more
// without each of its conditions, without its days, and counting records in the place of
// what differs.
func loosened(t *testing.T, asked []published) *schema.Registry {
	t.Helper()
	shipped, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	kinds := slices.Clone(shipped.Kinds())
	for i := range kinds {
		k := &kinds[i]
		k.Reports = slices.Clone(k.Reports)
		for _, r := range shipped.Kinds()[i].Reports {
			if slices.ContainsFunc(asked, func(p published) bool { return p.query.Report == k.Name+"."+r.Name }) {
				k.Reports = append(k.Reports, loose(r)...)
			}
		}
	}
	registry, err := schema.New(kinds)
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// loose returns a report without one thing each.
func loose(r schema.Report) (all []schema.Report) {
	r.Publish = nil
	add := func(what string, r schema.Report) {
		r.Name = without(r.Name, what)
		all = append(all, r)
	}
	for i := range r.Where {
		one := r
		one.Where = slices.Delete(slices.Clone(r.Where), i, i+1)
		add(fmt.Sprint(i), one)
	}
	if r.Standing() {
		one := r
		one.From, one.To = "", ""
		add("days", one)
	}
	if r.Count == schema.Distinct {
		one := r
		one.Count, one.Of = schema.Records, ""
		add("distinct", one)
	}
	return all
}

// hangsOnAll asks a figure without each of its conditions.
func (p published) hangsOnAll(t *testing.T, w *world, answer Table) {
	t.Helper()
	for what, q := range p.looser(w.registry) {
		other, err := w.figures.Answer(q)
		_, known := idle()[p.id+", "+what]
		switch same := other.Total == answer.Total && other.None == answer.None; {
		case err != nil:
			t.Errorf("%s without %s: %v", p.id, what, err)
		case same && !known:
			t.Errorf("%s, %s: %s comes out as well without %s: put a record into worlds.tsv that only this keeps out", p.id, p.figure, p.value, what)
		case !same && known:
			t.Errorf("%s: without %s it is another: take it from the list", p.id, what)
		}
	}
}

// looser returns the questions that leave one condition of a figure out, by what that is.
func (p published) looser(registry *schema.Registry) map[string]Query {
	all := map[string]Query{}
	for field := range p.query.Where {
		q := p.query
		q.Where = maps.Clone(q.Where)
		delete(q.Where, field)
		all[field] = q
	}
	if p.query.From != "" || p.query.To != "" {
		q := p.query
		q.From, q.To = "", ""
		all["the days asked for"] = q
	}
	kind, name, _ := strings.Cut(p.query.Report, ".")
	k, _ := registry.Kind(kind)
	for _, r := range k.Reports {
		if what, ok := strings.CutPrefix(r.Name, without(name, "")); ok {
			q := p.query
			q.Report = kind + "." + r.Name
			if what == "days" {
				q.From, q.To = "", "" // else they would be days of what happened
			}
			if len(what) == 1 {
				what = "where " + what
			}
			all[what] = q
		}
	}
	return all
}
