package city

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wangge/node/publication"
	"wangge/schema"
	"wangge/schema/kindfile"
)

func kinds(t *testing.T) *schema.Registry {
	t.Helper()
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

// figure is a published table of one of the shipped kinds' reports.
func figure(name, by, unit string, t publication.Table) publication.Figure {
	return publication.Figure{Report: name, Title: name, By: by, Unit: unit, Table: t}
}

func (f *Folder) reports(t *testing.T, month, name, by string) Report {
	t.Helper()
	r, err := f.Report(kinds(t), month, name, by)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reads writes a row down: the sum and its growth, and each area's.
func (row Row) reads() string {
	text := func(f *Figure) string {
		if f == nil {
			return "–"
		}
		s := f.Shown
		if f.Compared != nil {
			growth := "no"
			if f.Compared.Growth != nil {
				growth = fmt.Sprint(*f.Compared.Growth)
			}
			s += " (" + strings.Join(append([]string{fmt.Sprint(f.Compared.Earlier), fmt.Sprint(f.Compared.Difference), growth}, f.Unlike...), " ") + ")"
		}
		return s
	}
	all := []string{row.Key + ":", text(row.Sum), "="}
	for _, f := range row.Each {
		all = append(all, text(f))
	}
	return strings.Join(all, " ")
}

func states(r Report) (all []string) {
	for _, s := range r.Areas {
		all = append(all, s.State)
	}
	return all
}

// A city of five: one has published nothing, one too few, one in another unit.
func TestASumSaysOfWhomItIsOne(t *testing.T) {
	var all []*county
	for i, code := range []string{"140502", "140521", "140522", "140525", "140581"} {
		all = append(all, newCounty(t, code, fmt.Sprintf("县%d", i+1)))
	}
	f := newCity(t, "1405", all...)
	other := visits(whole(t, 1000))
	other.Unit = "户次"
	for i, figure := range []publication.Figure{visits(whole(t, 20)), visits(whole(t, 3)), {}, other, visits(whole(t, 12))} {
		if figure.Report != "" {
			f.takes(t, all[i].file(all[i].said("2026-11", 1, figure)))
		}
	}
	f.takes(t, all[0].file(all[0].said("2026-10", 1, visits(whole(t, 16)))))
	f.takes(t, all[2].file(all[2].said("2026-10", 1, visits(whole(t, 500)))))
	r := f.reports(t, "2026-11", "grid_visit.visits", "")
	if got, want := states(r), []string{Counted, Withheld, Unpublished, OtherUnit, Counted}; !slices.Equal(got, want) {
		t.Errorf("the areas stand %q, want %q", got, want)
	}
	// 16 to 20 is what both months have: the county of 500 would make it a fall of 93 %.
	if got, want := r.Rows[0].reads(), ": 32 (16 4 250 140522 140581) = 20 (16 4 250) – – – 12"; got != want {
		t.Errorf("the row reads\n%s, want\n%s", got, want)
	}
	if got, want := r.Lacking().Zh, "县2 140521（人数过少，不公布）、县3 140522（尚未报送）、县4 140525（计量单位不同）"; got != want {
		t.Errorf("lacking are %s, want %s", got, want)
	}
	table, rows := r.Table(true)
	if got := fmt.Sprint(rows[0]); got != "[1405 total 32 32 16 4 250 2 of 5 areas]" || len(rows) != 6 {
		t.Errorf("the file begins with %s, of %d rows", got, len(rows))
	}
	if got := fmt.Sprint(rows[3]); got != "[140522 县3 <nil> <nil> <nil> <nil> <nil> has not published]" {
		t.Errorf("who has not published is told so: %s", got)
	}
	if got := fmt.Sprint(table.About); !strings.Contains(got, "2/5") || !strings.Contains(got, "县3 140522 (has not published)") {
		t.Errorf("the file says of itself %s", got)
	}
}

func TestARatioDividesSums(t *testing.T) {
	east, west, north := newCounty(t, "140581", "east"), newCounty(t, "140582", "west"), newCounty(t, "140583", "north")
	f := newCity(t, "1405", east, west, north)
	rate := func(closed, requests int64) []publication.Figure {
		return []publication.Figure{figure("service_request.closed", "", "件", whole(t, closed)), figure("service_request.requests", "", "件", whole(t, requests))}
	}
	f.takes(t, east.file(east.said("2026-11", 1, rate(10, 20)...)))
	f.takes(t, west.file(west.said("2026-11", 1, rate(30, 200)...)))
	f.takes(t, north.file(north.said("2026-11", 1, rate(2, 900)...))) // its part is withheld, so its whole may not divide
	r := f.reports(t, "2026-11", "service_request.closed_rate", "")
	if got, want := r.Rows[0].reads(), ": 18.2 = 50.0 15.0 –"; got != want { // on average it would be 32.5
		t.Errorf("the rate reads %s, want %s", got, want)
	}
	if got, want := states(r), []string{Counted, Counted, Withheld}; !slices.Equal(got, want) {
		t.Errorf("the areas stand %q, want %q", got, want)
	}
	if want := []string{"service_request.closed", "service_request.requests"}; !slices.Equal(r.Parts, want) {
		t.Errorf("divided are %q", r.Parts)
	}
}

func TestPersonsCountedOnceStandBesideEachOther(t *testing.T) {
	east, west := newCounty(t, "140581", "east"), newCounty(t, "140582", "west")
	f := newCity(t, "1405", east, west)
	for _, month := range []string{"2026-10", "2026-11"} {
		for i, c := range []*county{east, west} {
			own := figure("newjob_checkin.riders", "", "人", whole(t, int64(10+i)))
			own.Own = true
			f.takes(t, c.file(c.said(month, 1, own)))
		}
	}
	r := f.reports(t, "2026-11", "newjob_checkin.riders", "")
	if got, want := r.Rows[0].reads(), ": – = 10 (10 0 0) 11 (11 0 0)"; got != want || !r.Apart {
		t.Errorf("the row reads %s, want %s; apart %t", got, want, r.Apart)
	}
	if _, rows := r.Table(false); len(rows) != 2 {
		t.Errorf("the file has a sum: %v", rows)
	}
}

func TestGroupsAreAddedUpAndTheRestStandsBeside(t *testing.T) {
	east, west := newCounty(t, "140581", "east"), newCounty(t, "140582", "west")
	f := newCity(t, "1405", east, west)
	f.takes(t, east.file(east.said("2026-11", 1, figure("grid_visit.visits", "status", "次", table(t, cells{"a": 9, "b": 3, "c": 7, "d": 8})))))
	f.takes(t, west.file(west.said("2026-11", 1, figure("grid_visit.visits", "status", "次", table(t, cells{"b": 6, "d": 5})))))
	r := f.reports(t, "2026-11", "grid_visit.visits", "status")
	var got []string
	for _, row := range r.Rows {
		got = append(got, row.reads())
	}
	want := []string{": 38 = 27 11", "b: 6 = – 6", "c: 7 = 7 –", "d: 13 = 8 5", ": 12 = 12 –"} // a was taken into the rest beside b
	if !slices.Equal(got, want) {
		t.Errorf("the rows read\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !r.Rows[4].Rest || r.Rows[0].Rest {
		t.Error("the rest is not told from the total")
	}
	if table, _ := r.Table(false); !strings.Contains(fmt.Sprint(table.About), "每组的合计是至少数") {
		t.Errorf("the file does not say that groups are at least so much: %v", table.About)
	}
}

func TestAReportWithoutAFormHereReadsAsItWasPublished(t *testing.T) {
	east := newCounty(t, "140581", "east")
	f := newCity(t, "1405", east)
	own := publication.Figure{Report: "tree.height", Title: "树高", Unit: "米", Decimals: 2, Table: whole(t, 8199)}
	f.takes(t, east.file(east.said("2026-11", 1, own)))
	r := f.reports(t, "2026-11", "tree.height", "")
	if r.Title.Zh != "树高" || r.Unit.Zh != "米" || r.Rows[0].reads() != ": 81.99 = 81.99" {
		t.Errorf("it reads %+v", r)
	}
}

func TestWhatCannotBeAskedSaysWhatCan(t *testing.T) {
	east := newCounty(t, "140581", "east")
	f := newCity(t, "1405", east)
	f.takes(t, east.file(east.said("2026-11", 1)))
	for _, c := range []struct{ month, report, by, says string }{
		{"2026-13", "grid_visit.visits", "", "want one such as 2026-11"},
		{"2026-11", "visits", "", "such as grid_visit.visits"},
		{"2026-11", "grid_visit.followups", "", "nobody published grid_visit.followups of 2026-11: there are grid_visit.visits"},
		{"2026-11", "grid_visit.visits", "topic", "nobody grouped grid_visit.visits by topic"},
		{"2026-11", "burden_inspection.papers_wanted", "", "nobody published burden_inspection.papers_wanted"},
	} {
		if _, err := f.Report(kinds(t), c.month, c.report, c.by); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s by %s: %v; want %q", c.month, c.report, c.by, err, c.says)
		}
	}
	if r := f.reports(t, "2026-09", "grid_visit.visits", ""); r.Counted() != 0 || r.Rows[0].Sum != nil {
		t.Errorf("a month that nobody published has %+v", r)
	}
}

// TestAReportIsWhatATwinCounts holds random months of random counties against a count that
// knows no folder, no measures and no rounding but that of a fraction.
func TestAReportIsWhatATwinCounts(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 7))
	var all []*county
	for i := range 4 {
		all = append(all, newCounty(t, fmt.Sprintf("14058%d", i), "county"))
	}
	for range 15 {
		f := newCity(t, "1405", all...)
		var sum, of, per int64
		for _, c := range all {
			closed := chance.Int64N(9)
			requests := closed + chance.Int64N(5)
			if chance.IntN(4) == 0 {
				continue
			}
			shown := func(n int64) bool { return n == 0 || n >= publication.Least }
			f.takes(t, c.file(c.said("2026-11", 1, figure("service_request.closed", "", "件", whole(t, closed)), figure("service_request.requests", "", "件", whole(t, requests)))))
			if shown(requests) {
				sum += requests
			}
			if shown(requests) && shown(closed) {
				of, per = of+closed, per+requests
			}
		}
		requests, rate := f.reports(t, "2026-11", "service_request.requests", "").Rows[0].Sum, f.reports(t, "2026-11", "service_request.closed_rate", "").Rows[0].Sum
		if (requests == nil && sum != 0) || requests != nil && requests.Value != sum {
			t.Fatalf("the sum is %+v, the twin's %d", requests, sum)
		}
		if (rate != nil) != (per > 0) {
			t.Fatalf("the rate is %+v, the twin's of %d", rate, per)
		}
		if rate != nil {
			if want := new(big.Rat).SetFrac64(100*of, per).FloatString(1); rate.Shown != want {
				t.Fatalf("the rate is %s, the twin's %s", rate.Shown, want)
			}
		}
	}
}

// What most areas say is the scale, wherever among them another one stands.
func TestTheScaleIsThatOfMostAreas(t *testing.T) {
	for odd := range 3 {
		var all []*county
		for i := range 3 {
			all = append(all, newCounty(t, fmt.Sprintf("14058%d", i), "county"))
		}
		f := newCity(t, "1405", all...)
		for i, c := range all {
			one := visits(whole(t, 10))
			if i == odd {
				one.Decimals = 1
			}
			f.takes(t, c.file(c.said("2026-11", 1, one)))
		}
		r := f.reports(t, "2026-11", "grid_visit.visits", "")
		if r.Rows[0].Sum == nil || r.Rows[0].Sum.Shown != "20" || r.Areas[odd].State != OtherUnit {
			t.Errorf("with another at %d: %s, %q", odd, r.Rows[0].reads(), states(r))
		}
	}
}
