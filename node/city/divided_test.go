package city

import (
	"slices"
	"strings"
	"testing"

	"wangge/node/export"
	"wangge/node/publication"
)

// own is a figure that counts persons once.
func own(f publication.Figure) publication.Figure {
	f.Own = true
	return f
}

// A county of a few quick cases and one of many slow ones: the city's average is that of all
// cases, not of the two averages.
func TestAnAverageIsThatOverAllAndNotOverCounties(t *testing.T) {
	p := newProvince(t)
	days := func(sum, count int64) []publication.Figure {
		return []publication.Figure{
			figure("scene_issue.days:sum", "", "天", publication.Table{Total: cellOf(sum, count), Rest: cellOf(sum, count), Rows: []publication.Cell{}}),
			figure("scene_issue.days:count", "", "", whole(t, count)),
		}
	}
	p.says("140521", "2026-10", 1, days(20, 10)...)
	p.says("140521", "2026-11", 1, days(10, 10)...)
	p.says("140581", "2026-11", 1, days(900, 90)...)
	p.says("140421", "2026-11", 1, days(2000, 100)...)
	p.says("140481", "2026-11", 1, days(99, 3)[0], figure("scene_issue.days:count", "", "", whole(t, 3)))
	p.up("1404", "2026-11")
	p.up("1405", "2026-11")
	r := p.city["1405"].reports(t, "2026-11", "scene_issue.days", "")
	if got, want := r.Rows[0].reads(), ": 9.1 (20 -10 -500 140581) = 1.0 (20 -10 -500) 10.0"; got != want || r.Title.Zh != "平均解决用时" { // of the averages 5.5
		t.Errorf("the city's reads %s, want %s", got, want)
	}
	if got, want := p.top.reports(t, "2026-11", "scene_issue.days", "").Rows[0].reads(), ": 14.6 = 20.0 9.1"; got != want { // 2910 of 200
		t.Errorf("the province's reads %s, want %s", got, want)
	}
	if r := p.city["1404"].reports(t, "2026-11", "scene_issue.days", ""); r.Areas[1].State != Withheld || r.Areas[1].Part != "scene_issue.days:count" {
		t.Errorf("of 3 cases it stands %+v", r.Areas[1])
	}
	all, err := p.city["1405"].Overview(kinds(t), "2026-11")
	if err != nil || len(all) != 1 || all[0].Report != "scene_issue.days" {
		t.Errorf("the month has %+v: %v", all, err)
	}
}

func cellOf(value, persons int64) publication.Cell {
	return publication.Cell{Value: value, Persons: max(persons, publication.Least)}
}

// What a county's own form averages is read by its parts.
func TestAnAverageWithoutAFormHereIsReadByItsParts(t *testing.T) {
	east := newCounty(t, "140581", "east")
	f := newCity(t, "1405", east)
	sum := publication.Figure{Report: "tree.height:sum", Title: "平均树高：合计", Unit: "米", Decimals: 3, Table: whole(t, 81_990)}
	f.takes(t, east.file(east.said("2026-11", 1, sum, figure("tree.height:count", "", "", whole(t, 8)))))
	if r := f.reports(t, "2026-11", "tree.height", ""); r.Rows[0].reads() != ": 10.2 = 10.2" || r.Title.Zh != "平均树高" || r.Unit.Zh != "米" {
		t.Errorf("it reads %s, %+v", r.Rows[0].reads(), r)
	}
}

// Workers are counted once in each county, inhabitants add up: the city divides the most that
// the workers can be by all inhabitants, and says so, and who has written none down.
func TestACityAndAProvinceDivideByTheInhabitantsOfAllTheirCounties(t *testing.T) {
	p := newProvince(t)
	per := func(workers, urban int64) []publication.Figure {
		all := []publication.Figure{own(figure("worker_posting.workers", "", "人", whole(t, workers)))}
		if urban > 0 {
			all = append(all, figure("county_area_population.urban", "", "人", whole(t, urban)))
		}
		return all
	}
	p.says("140521", "2026-11", 1, per(100, 50_000)...)
	p.says("140581", "2026-11", 1, per(500, 450_000)...)
	p.says("140421", "2026-11", 1, per(90, 100_000)...)
	p.says("140481", "2026-11", 1, per(700, 0)...)
	r := p.city["1405"].reports(t, "2026-11", "worker_posting.per_10000", "")
	if got, want := r.Rows[0].reads(), ": 12.00 = 20.00 11.11"; got != want || r.Apart || r.Bound != AtMost {
		t.Errorf("the city's reads %s, want %s; %+v", got, want, r)
	}
	if table, _ := r.Table(false); !slices.ContainsFunc(table.About, func(l export.Line) bool { return strings.HasPrefix(l.Value, "至多数") }) {
		t.Errorf("nobody is told that it is a bound: %+v", table.About)
	}
	r = p.city["1404"].reports(t, "2026-11", "worker_posting.per_10000", "")
	if got, want := r.Rows[0].reads(), ": 9.00 = 9.00 –"; got != want {
		t.Errorf("without one county's inhabitants it reads %s, want %s", got, want)
	}
	if got, want := r.Lacking().Zh, "县140481 140481（报送中没有这张报表：county_area_population.urban）"; got != want {
		t.Errorf("lacking is %s, want %s", got, want)
	}
	p.up("1404", "2026-11")
	p.up("1405", "2026-11")
	r = p.top.reports(t, "2026-11", "worker_posting.per_10000", "")
	if got, want := r.Rows[0].reads(), ": 11.50 = 9.00 12.00"; got != want || r.Bound != AtMost { // 690 of 600,000
		t.Errorf("the province's reads %s, want %s", got, want)
	}
	if got, want := r.Lacking().En, "140481 of 晋城市"; got != want {
		t.Errorf("the province's lacks %q, want %q", got, want)
	}
	if r := p.top.reports(t, "2026-11", "worker_posting.workers", ""); !r.Apart || r.Rows[0].Sum != nil {
		t.Errorf("the workers themselves are added up: %+v", r)
	}
}

// Of persons divided by persons nothing is known of all, and dividing by persons gives the least.
func TestAQuotientOfPersonsSaysWhatIsKnownOfIt(t *testing.T) {
	east, west := newCounty(t, "140581", "east"), newCounty(t, "140582", "west")
	f := newCity(t, "1405", east, west)
	for _, c := range []*county{east, west} {
		f.takes(t, c.file(c.said("2026-11", 1, own(figure("exam_result.passed", "", "人", whole(t, 5))), own(figure("exam_result.entrants", "", "人", whole(t, 10))))))
	}
	if r := f.reports(t, "2026-11", "exam_result.pass_rate", ""); r.Rows[0].Sum != nil || !r.Apart || r.Rows[0].Each[1].Shown != "50.0" {
		t.Errorf("it reads %s", r.Rows[0].reads())
	}
	x := measure{}
	if x.divide(false, true); x.bound != AtLeast || x.own {
		t.Errorf("%+v", x)
	}
}
