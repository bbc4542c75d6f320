package schema

import (
	"cmp"
	"slices"
	"strings"

	"wangge/crdt"
)

// Place is an area by name.
type Place struct {
	Code string `json:"code"`
	Name string `json:"name"`
	From string `json:"from,omitempty"` // the first day on which the code stood for it
	To   string `json:"to,omitempty"`   // the last
	Next string `json:"next,omitempty"` // the code by which it goes on
}

// placesMax bounds how many records name areas: what comes beyond it names none, and pages
// go on with codes.
const placesMax = 20_000

// Places knows the names of areas, as records that give them come and change. It may not
// be used from two goroutines at a time.
type Places struct {
	registry *Registry
	said     map[crdt.RecordID]Place
}

// NewPlaces returns the names that no record gives.
func NewPlaces(r *Registry) *Places { return &Places{r, map[crdt.RecordID]Place{}} }

// Change puts a record as it is now in place of what it was, and reports whether a name
// may be another now.
func (p *Places) Change(id crdt.RecordID, after crdt.Record) bool {
	k, ok := p.registry.Kind(after.Kind)
	if !ok || k.Names == nil {
		return false
	}
	was, had := p.said[id]
	now, has := k.place(after)
	switch {
	case !has:
		delete(p.said, id)
	case had || len(p.said) < placesMax:
		p.said[id] = now
	}
	return had != has || has && was != now
}

// place reads what a record says of an area's name.
func (k *Kind) place(rec crdt.Record) (Place, bool) {
	read := func(name string) string {
		f, ok := k.Field(name)
		if !ok {
			return ""
		}
		text, _ := f.Winner(rec.Cells[f.ID]).Text()
		return strings.Clone(text) // which is a part of the record
	}
	n := k.Names
	p := Place{read(n.Code), read(n.Title), read(n.From), read(n.To), read(n.Next)}
	return p, rec.Fate() != crdt.Dead && p.Name != "" && crdt.IsArea(p.Code)
}

// On returns the names that hold on a day, such as 2026-11-26, by their codes: of a code
// that stands for nothing then the last that it stood for, so that what was written under
// it can still be read. Two that say different names of one day hold by their first days,
// the later one before, and then by their names.
func (p *Places) On(day string) []Place {
	all := make([]Place, 0, len(p.said))
	for _, one := range p.said {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), better(a, b, day), cmp.Compare(b.From, a.From), cmp.Compare(a.Name, b.Name), cmp.Compare(a.To, b.To), cmp.Compare(a.Next, b.Next))
	})
	return slices.CompactFunc(all, func(a, b Place) bool { return a.Code == b.Code })
}

// better orders two names of one code: what holds on the day before what held, and that
// before what is to come.
func better(a, b Place, day string) int {
	rank := func(p Place) int {
		switch {
		case p.From > day:
			return 2
		case p.To != "" && p.To < day:
			return 1
		}
		return 0
	}
	return cmp.Compare(rank(a), rank(b))
}

// Called returns what an area is called by names that are sorted by their codes, or "": a
// grid without one of its own by its community's, with the digits behind.
func Called(places []Place, code string) string {
	for _, digits := range []int{len(code), Community} {
		if len(code) < digits {
			continue
		}
		i, found := slices.BinarySearchFunc(places, code[:digits], func(p Place, code string) int { return cmp.Compare(p.Code, code) })
		if found && digits == len(code) {
			return places[i].Name
		}
		if found {
			return places[i].Name + " " + code[digits:]
		}
	}
	return ""
}
