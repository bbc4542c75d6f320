package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"wangge/schema"
	"wangge/schema/kindfile"
)

// The make-up of a county's year: 555 tablets with 10 visits each on 250 working days,
// two looks a day at each of 400 elders, and what volunteers and offices add.
const (
	yearVisits      = 1_387_500
	yearChecks      = 292_000
	yearAttendances = 213_890
	yearHomes       = 11_100
	yearVolunteers  = 5_578
	yearCheckins    = 367
	yearOthers      = 13_000 // of all other kinds together
	yearForms       = yearVisits + yearChecks + yearAttendances + yearHomes + yearVolunteers + yearCheckins + yearOthers
	yearTowns       = 11
	yearCommunities = 111
	yearGrids       = 5   // of a community, each with a worker and a tablet
	yearHouseholds  = 180 // of a grid
	elderChecks     = 730 // a year, in the morning and in the evening
)

// countyYear makes up what a county writes down in a year, from a seed: the same seed
// gives the same forms, those of a box whether or not the others are asked for.
type countyYear struct {
	seed    uint64
	year    int
	places  []string // the communities, each with a box
	kinds   *schema.Registry
	samples map[string][]map[string]any
	days    []time.Time    // midnights of working days
	counts  map[string]int // forms of each kind
}

// yearForm is a form as its author saved it.
type yearForm struct {
	kind  string
	form  map[string]any
	saved int64          // ms since 1970; after what it tells of, by minutes or by weeks
	apart map[string]any // what another wrote in it who had not seen it; nil: nobody did
	void  bool           // it was deleted later
	twin  bool           // another's of the same thing, who had not seen the first
}

// newCountyYear makes up so many forms. Every kind that boxes write has at least one.
func newCountyYear(kinds *schema.Registry, seed uint64, year, communities, forms int) (*countyYear, error) {
	y := &countyYear{seed: seed, year: year, kinds: kinds, samples: map[string][]map[string]any{}}
	for i := range communities {
		y.places = append(y.places, fmt.Sprintf("140581%03d%03d", 100+i%yearTowns, 200+i/yearTowns))
	}
	for _, k := range kinds.Kinds() {
		forms, err := kindfile.ShippedSamples(k.Name)
		if err != nil {
			return nil, err
		}
		y.samples[k.Name] = forms
	}
	calendar, err := kindfile.ShippedCalendar()
	if err != nil {
		return nil, err
	}
	for d := y.begin(); d.Year() == year; d = d.AddDate(0, 0, 1) {
		const zone, day = 8 * 3600, 24 * 3600
		if works, _ := calendar.Works((d.Unix() + zone) / day); works {
			y.days = append(y.days, d)
		}
	}
	return y, y.share(forms)
}

// begin is the year's first moment in China.
func (y *countyYear) begin() time.Time {
	return time.Date(y.year, 1, 1, 0, 0, 0, 0, time.FixedZone("+08:00", 8*60*60))
}

// share gives each kind its part of the forms, visits what is left.
func (y *countyYear) share(forms int) error {
	large := map[string]int{"grid_visit": yearVisits, "curtain_check": yearChecks, "volunteer_attendance": yearAttendances,
		"household": yearHomes, "volunteer": yearVolunteers, "newjob_checkin": yearCheckins, "elder_pact": 0}
	names := y.kindNames()
	part := func(n int) int { return max(1, int(float64(n)*float64(forms)/yearForms)) }
	y.counts = map[string]int{}
	for _, name := range names {
		n, is := large[name]
		if !is {
			n = yearOthers / max(1, len(names)-len(large))
		}
		y.counts[name] = y.atMost(name, part(n))
	}
	y.counts["elder_pact"] = y.pacts()
	y.counts["grid_visit"] = 0
	rest := forms
	for _, n := range y.counts {
		rest -= n
	}
	if rest < 1 {
		return misused("%d forms are too few for a form of each of %d kinds: want %d or more", forms, len(names), forms-rest+1)
	}
	y.counts["grid_visit"] = rest
	return nil
}

// kindNames are the kinds that boxes write, in one order.
func (y *countyYear) kindNames() (names []string) {
	for _, k := range y.kinds.Kinds() {
		if !k.Decide {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return names
}

// atMost bounds a kind of which a place has one record.
func (y *countyYear) atMost(name string, n int) int {
	k, _ := y.kinds.Kind(name)
	if len(k.Identity) != 1 {
		return n
	}
	switch f, _ := k.Field(k.Identity[0]); f.Type {
	case schema.TypeCounty, schema.TypeDistrict:
		return 1
	case schema.TypeArea:
		return min(n, len(y.places))
	}
	return n
}

// pacts are as many as the looks at curtains need.
func (y *countyYear) pacts() (n int) {
	for box := range y.places {
		n += y.eldersOf(box)
	}
	return n
}

func (y *countyYear) eldersOf(box int) int {
	_, n := y.part("curtain_check", box)
	return max(1, (n+elderChecks-1)/elderChecks)
}

// part returns which of a kind's forms are a box's. Those of small kinds begin at
// different boxes, or the last would have them all.
func (y *countyYear) part(kind string, box int) (first, n int) {
	if kind == "elder_pact" {
		for before := range box {
			first += y.eldersOf(before)
		}
		return first, y.eldersOf(box)
	}
	boxes := len(y.places)
	at := (box + int(hashed(kind)%uint64(boxes))) % boxes
	first = y.counts[kind] * at / boxes
	return first, y.counts[kind]*(at+1)/boxes - first
}

// box returns all forms of a box in the order in which they were saved.
func (y *countyYear) box(box int) ([]yearForm, error) {
	var all []yearForm
	for _, kind := range y.kindNames() {
		first, n := y.part(kind, box)
		m := &maker{countyYear: y, generator: &generator{Rand: y.source(kind, uint64(box))}, place: y.places[box], box: box, first: first, of: n}
		for i := range n {
			f, err := m.form(kind, i)
			if err != nil {
				return nil, err
			}
			f.kind = kind
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b yearForm) int { return int(a.saved - b.saved) })
	return all, nil
}

// source is what a part of the year is made up from.
func (y *countyYear) source(part string, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(y.seed+n<<32, hashed(part)))
}

func hashed(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// id names the n-th record of a kind, so that others can refer to it.
func (y *countyYear) id(kind string, n int) string {
	return ulid(y.source(kind+" id", uint64(n)), y.begin().UnixMilli()+int64(n)*1000)
}
