package city

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"wangge/node/publication"
)

// province is a province and two cities of two counties each, by the counties' codes.
type province struct {
	t      *testing.T
	county map[string]*county
	city   map[string]*Folder
	top    *Folder
}

func newProvince(t *testing.T) *province {
	t.Helper()
	p := &province{t, map[string]*county{}, map[string]*Folder{}, newCity(t, "14")}
	for _, city := range []string{"1404", "1405"} {
		for _, last := range []string{"21", "81"} {
			p.county[city+last] = newCounty(t, city+last, "县"+city+last)
		}
		p.city[city] = newCity(t, city, p.county[city+"21"], p.county[city+"81"])
		p.top.trust(t, city, p.city[city].dir)
	}
	return p
}

// says has a county publish, and its city receive it.
func (p *province) says(area, month string, number int, tables ...publication.Figure) {
	p.t.Helper()
	p.city[area[:4]].takes(p.t, p.county[area].file(p.county[area].said(month, number, tables...)))
}

// up has a city publish, and the province receive it.
func (p *province) up(city, month string) *publication.Publication {
	p.t.Helper()
	said, err := p.city[city].Publish(month, "李建国", true, december)
	if err != nil {
		p.t.Fatal(err)
	}
	p.top.takes(p.t, said.Path)
	return said.Publication
}

func TestACityPublishesItsSumsToTheProvince(t *testing.T) {
	p := newProvince(t)
	p.says("140521", "2026-11", 1, visits(whole(t, 20)), figure("grid_visit.visits", "status", "次", table(t, cells{"open": 12, "closed": 8})))
	p.says("140581", "2026-11", 1, visits(whole(t, 9)), figure("grid_visit.visits", "area:9", "次", table(t, cells{"140581105": 9})))
	p.says("140481", "2026-11", 1, visits(whole(t, 5)))
	city := p.up("1405", "2026-11")
	p.up("1404", "2026-11")
	var got []string
	for _, f := range city.Tables {
		got = append(got, fmt.Sprintf("%s%v%v", f.By, f.Lacks, f.Table))
	}
	want := []string{
		"[]{false { 29 29} [] { 29 29}}", "area:6[]{false { 29 29} [{140521 20 20} {140581 9 9}] { 0 0}}",
		"status[140581]{false { 20 20} [{closed 8 8} {open 12 12}] { 0 0}}",
	}
	if !slices.Equal(got, want) || city.Boxes != 76 || city.Of != 82 || city.Number != 1 || city.Lacks != nil {
		t.Errorf("the city publishes\n%s\nwant\n%s\n%+v", strings.Join(got, "\n"), strings.Join(want, "\n"), city)
	}
	r := p.top.reports(t, "2026-11", "grid_visit.visits", "")
	if got, want := r.Rows[0].reads(), ": 34 = 5 29"; got != want {
		t.Errorf("the province reads %s, want %s", got, want)
	}
	if got, want := r.Lacking().En, "140421 of 晋城市"; got != want {
		t.Errorf("the province's sum lacks %q, want %q", got, want)
	}
	if r := p.top.reports(t, "2026-11", "grid_visit.visits", "area:6"); len(r.Rows) != 4 || r.Rows[2].reads() != "140521: 20 = – 20" {
		t.Errorf("the province's counties are %+v", r.Rows)
	}
}

func TestACountysFileIsNotTheProvinces(t *testing.T) {
	p := newProvince(t)
	c := p.county["140521"]
	if _, err := p.top.Receive(c.file(c.said("2026-11", 1)), december); err == nil || !strings.Contains(err.Error(), "of 140521, which lies in 1405, and that publishes to here") {
		t.Errorf("a county's file at the province: %v", err)
	}
}

func TestAnIncompleteMonthIsPublishedOnlyIfThatIsMeant(t *testing.T) {
	p := newProvince(t)
	f := p.city["1405"]
	if _, err := f.Publish("2026-11", "李建国", true, december); err == nil || !strings.Contains(err.Error(), "nothing of 2026-11 was received") {
		t.Errorf("of nothing: %v", err)
	}
	p.says("140521", "2026-11", 1)
	if _, err := f.Publish("2026-11", "李建国", false, december); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "nothing of 2026-11 came from 县140581 140581, and") {
		t.Errorf("of one of two: %v", err)
	}
	if said := p.up("1405", "2026-11"); !slices.Equal(said.Lacks, []string{"140581"}) {
		t.Errorf("it lacks %q", said.Lacks)
	}
	p.says("140581", "2026-11", 1)
	if said, err := f.Publish("2026-11", "李建国", false, december); err != nil || said.Number != 2 || said.Lacks != nil || said.Known {
		t.Errorf("of both: %+v %v", said, err)
	}
}

func TestWhatHasNotChangedIsNotPublishedTwice(t *testing.T) {
	p := newProvince(t)
	p.says("140521", "2026-11", 1)
	first := p.up("1405", "2026-11")
	again, err := p.city["1405"].Publish("2026-11", "another", true, december.AddDate(0, 0, 1))
	if err != nil || !again.Known || again.Number != 1 || again.At != first.At || again.By != "李建国" {
		t.Errorf("again: %+v %v", again, err)
	}
	before, err := os.ReadFile(again.Path)
	if err != nil {
		t.Fatal(err)
	}
	p.says("140521", "2026-11", 2, visits(whole(t, 21)))
	if said := p.up("1405", "2026-11"); said.Number != 2 || said.Tables[0].Table.Total.Value != 21 {
		t.Errorf("restated: %+v", said)
	}
	if after, err := os.ReadFile(again.Path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("what was said first is %d bytes now: %v", len(after), err)
	}
	if r := p.top.reports(t, "2026-11", "grid_visit.visits", ""); r.Rows[0].reads() != ": 21 = – 21" {
		t.Errorf("the province shows %s", r.Rows[0].reads())
	}
}

func TestPersonsCountedOnceGoUpSideBySide(t *testing.T) {
	p := newProvince(t)
	persons := func(n int64) publication.Figure {
		f := figure("grid_visit.persons", "", "人", whole(t, n))
		f.Own = true
		return f
	}
	p.says("140521", "2026-11", 1, persons(7))
	p.says("140581", "2026-11", 1, persons(3)) // withheld
	p.says("140421", "2026-11", 1, persons(5))
	city := p.up("1405", "2026-11")
	if got, want := fmt.Sprint(city.Tables), "[{grid_visit.persons grid_visit.persons area:6 人 0 true true [140581] {false { 0 0} [{140521 7 7}] { 0 0}}}]"; got != want {
		t.Errorf("the city publishes\n%s\nwant\n%s", got, want)
	}
	p.up("1404", "2026-11")
	r := p.top.reports(t, "2026-11", "grid_visit.persons", "area:6")
	var got []string
	for _, row := range r.Rows {
		got = append(got, row.reads())
	}
	if want := []string{": – = – –", "140421: – = 5 –", "140521: – = – 7"}; !slices.Equal(got, want) || !r.Apart || r.Areas[0].State != Apart {
		t.Errorf("the province reads %q, want %q; %+v", got, want, r.Areas)
	}
	nation := p.top
	said, err := nation.Publish("2026-11", "赵", true, december)
	if err != nil || len(said.Tables[0].Table.Rows) != 2 || !slices.Equal(said.Lacks, []string{"140481"}) || !slices.Equal(said.Tables[0].Lacks, []string{"140581"}) {
		t.Errorf("the province publishes %+v: %v", said.Publication, err)
	}
}

// A county whose part of a ratio is withheld is in the whole that its city published. The
// province divides what is of the same counties.
func TestAProvinceDividesWhatIsOfTheSameCounties(t *testing.T) {
	p := newProvince(t)
	rate := func(closed, requests int64) []publication.Figure {
		return []publication.Figure{figure("service_request.closed", "", "件", whole(t, closed)), figure("service_request.requests", "", "件", whole(t, requests))}
	}
	p.says("140521", "2026-11", 1, rate(10, 20)...)
	p.says("140581", "2026-11", 1, rate(2, 500)...)
	p.says("140421", "2026-11", 1, rate(30, 200)...)
	p.says("140481", "2026-11", 1, rate(0, 40)...) // nothing is not withheld
	p.up("1404", "2026-11")
	p.up("1405", "2026-11")
	r := p.top.reports(t, "2026-11", "service_request.closed_rate", "")
	if got, want := r.Rows[0].reads(), ": 15.4 = 12.5 50.0"; got != want { // 40 of 260
		t.Errorf("the rate reads %s, want %s", got, want)
	}
	if got, want := r.Lacking().En, "140581 of 晋城市"; got != want {
		t.Errorf("it lacks %q, want %q", got, want)
	}
}

// A city's month that lacks a county is not held against one that has it.
func TestAProvinceComparesWhatIsOfTheSameCounties(t *testing.T) {
	p := newProvince(t)
	for _, month := range []string{"2026-10", "2026-11"} {
		p.says("140421", month, 1, visits(whole(t, 10)))
		p.says("140481", month, 1, visits(whole(t, 10)))
		p.says("140521", month, 1, visits(whole(t, 10)))
	}
	p.says("140581", "2026-11", 1, visits(whole(t, 900)))
	for _, month := range []string{"2026-10", "2026-11"} {
		p.up("1404", month)
		p.up("1405", month)
	}
	if got, want := p.top.reports(t, "2026-11", "grid_visit.visits", "").Rows[0].reads(), ": 930 (20 0 0 1405) = 20 (20 0 0) 910"; got != want {
		t.Errorf("the row reads %s, want %s", got, want)
	}
}

// TestAProvincesSumIsThatOfTheCountiesInIt: whatever is withheld, added in two steps the
// total is that of the counties which are not lacking, and each figure stands for enough.
func TestAProvincesSumIsThatOfTheCountiesInIt(t *testing.T) {
	chance := rand.New(rand.NewPCG(5, 5))
	for range 8 {
		p := newProvince(t)
		var want int64
		var lacks []string
		for _, area := range []string{"140421", "140481", "140521", "140581"} {
			n := chance.Int64N(12)
			if chance.IntN(5) == 0 {
				lacks = append(lacks, area)
				continue
			}
			p.says(area, "2026-11", 1, visits(whole(t, n)))
			if n > 0 && n < publication.Least {
				lacks = append(lacks, area)
			} else {
				want += n
			}
		}
		for city, f := range p.city {
			if m, err := f.Month("2026-11"); err != nil {
				t.Fatal(err)
			} else if len(m.Said) > 0 {
				p.up(city, "2026-11")
			}
		}
		r := p.top.reports(t, "2026-11", "grid_visit.visits", "")
		var got int64
		if sum := r.Rows[0].Sum; sum != nil {
			got = sum.Value
		}
		if got != want {
			t.Fatalf("the province has %d, its counties %d", got, want)
		}
		for _, area := range lacks {
			if said := r.Lacking().En; !strings.Contains(said, area) && !strings.Contains(said, area[:4]+" (") {
				t.Fatalf("%s is in no sum, and only %q is said to be lacking", area, said)
			}
		}
	}
}

// A city's figures stand for as many persons as the least careful of its counties says.
func TestTheLeastIsTheLeastOfAll(t *testing.T) {
	for _, least := range [][2]int64{{4, 6}, {6, 4}, {6, 5}} {
		p := newProvince(t)
		for i, area := range []string{"140521", "140581"} {
			said := p.county[area].said("2026-11", 1)
			said.Least = least[i]
			p.city["1405"].takes(t, p.county[area].file(said))
		}
		if city := p.up("1405", "2026-11"); city.Least != min(least[0], least[1]) {
			t.Errorf("of %v it is %d", least, city.Least)
		}
	}
}
