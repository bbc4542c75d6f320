package report

import (
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"

	"wangge/schema"
)

// rollup is a report counted beforehand: a cell for each key that occurs, on a page for
// each longer span of time.
type rollup struct {
	grain
	pages map[int32]*page
	done  func(row int) bool // whether a row was come to, while it is being made; nil: all were
}

// grain is what a rollup tells apart: areas by so many digits, spans of time and, unless
// it takes them together, combinations of fields.
type grain struct {
	digits   int
	span     span
	together bool
}

// finer reports whether all that another grain tells apart is told apart by this one.
func (g grain) finer(other grain) bool {
	return g.digits >= other.digits && g.span <= other.span && (!g.together || other.together)
}

// page is the cells of one longer span.
type page struct {
	at    map[cellKey]int32
	cells []cell
}

type cellKey struct{ area, time, fields int32 }

// cell is what the rows of one key come to.
type cell struct {
	cellKey
	records int64
	filled  int64
	sum     int64
	members *roaring.Bitmap // of a distinct count
}

// rolledFrom is how many rows a report must count before rollups are quicker than
// looking at the rows.
const rolledFrom = 100_000

// grains returns what the rollups of a tally may tell apart, the finest first: grid,
// community, township and county. Each change costs as many steps as there are, so there
// is one only where an answer would take too long without it.
func (t *tally) grains() []grain {
	if t.day == nil {
		return []grain{{areaMax, years, false}, {schema.Community, years, false}, {schema.Township, years, false}}
	}
	all := []grain{
		{areaMax, days, true}, {areaMax, months, true}, {areaMax, years, false},
		{schema.Community, days, true}, {schema.Community, months, false}, {schema.Community, years, false},
		{schema.Township, days, false}, {schema.Township, days, true}, {schema.Township, months, false},
		{schema.County, days, false},
	}
	if t.members != nil { // sets are dear to put together
		all = append(all[1:], grain{schema.Community, months, true}, grain{schema.Township, months, true},
			grain{schema.County, days, true}, grain{schema.County, months, false})
	}
	return all
}

// cellStandsFor is how many rows a cell must stand for.
const cellStandsFor = 4

func (r *rollup) size() (cells int) {
	for _, p := range r.pages {
		cells += len(p.cells)
	}
	return cells
}

// gather takes cells of a page of a finer rollup.
func (r *rollup) gather(p *page, span span, areas []int32, takes func(cellKey) bool) {
	for i := range p.cells {
		c := &p.cells[i]
		if !takes(c.cellKey) {
			continue
		}
		key := cellKey{areas[c.area], r.span.of(span.first(c.time)), c.fields}
		if r.together {
			key.fields = 0
		}
		to := r.page(key.time).cell(key)
		to.records += c.records
		to.filled += c.filled
		to.sum += c.sum
		if c.members == nil {
			continue
		}
		if to.members == nil {
			to.members = roaring.New()
		}
		to.members.Or(c.members)
	}
}

// page returns the page of a time.
func (r *rollup) page(time int32) *page {
	n := r.turn(time)
	if r.pages[n] == nil {
		r.pages[n] = &page{at: map[cellKey]int32{}}
	}
	return r.pages[n]
}

// turn returns the number of the page of a time: of a day its month, of a month its year.
func (r *rollup) turn(time int32) int32 {
	if r.span == years {
		return 0
	}
	return (r.span + 1).of(r.span.first(time))
}

func (p *page) cell(key cellKey) *cell {
	n, ok := p.at[key]
	if !ok {
		n = int32(len(p.cells))
		p.at[key], p.cells = n, append(p.cells, cell{cellKey: key})
	}
	return &p.cells[n]
}

// all yields the rows of the set.
func (s rowSet) all(yield func(row int) bool) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			if !yield(i<<6 + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}

func (r *rollup) key(t *tally, row int) cellKey {
	areas, fields := &t.facts.areas, t.fields.of[row]
	if r.together {
		fields = 0
	}
	return cellKey{areas.levels[r.digits].of[areas.of[row]], r.span.of(t.dayOf(row)), fields}
}

// add counts a row. It does not matter here whether the row was come to.
func (r *rollup) add(t *tally, row int) {
	key := r.key(t, row)
	c := r.page(key.time).cell(key)
	c.records++
	if t.addends != nil && t.addends.filled.has(row) {
		c.sum += t.addends.of[row]
		c.filled++
	}
	if t.members == nil || t.members.of[row] == none {
		return
	}
	if c.members == nil {
		c.members = roaring.New()
	}
	c.members.Add(uint32(t.members.of[row]))
}

// remove takes a row out of its cell. The row is not among the taken any more, but its
// columns still say what they said.
func (r *rollup) remove(t *tally, row int) {
	key := r.key(t, row)
	page := r.page(key.time)
	c := page.cell(key)
	c.records--
	if t.addends != nil && t.addends.filled.has(row) {
		c.sum -= t.addends.of[row]
		c.filled--
	}
	if t.members != nil && t.members.of[row] != none && !r.named(t, row, key) {
		c.members.Remove(uint32(t.members.of[row]))
	}
	if c.records == 0 {
		page.drop(key)
	}
}

// reached reports whether a row that counts is counted in a rollup: one that is being made may
// not have come to it.
func (r *rollup) reached(row int) bool { return r.done == nil || r.done(row) }

// named reports whether another row of the same cell names the same as a row.
func (r *rollup) named(t *tally, row int, key cellKey) (found bool) {
	t.members.rows(t.members.of[row], func(other int) bool {
		found = other != row && t.taken.has(other) && r.reached(other) && r.key(t, other) == key
		return !found
	})
	return found
}

// drop takes an empty cell away; the last one takes its place.
func (p *page) drop(key cellKey) {
	n, last := p.at[key], int32(len(p.cells)-1)
	delete(p.at, key)
	if n != last {
		p.cells[n] = p.cells[last]
		p.at[p.cells[n].cellKey] = n
	}
	p.cells[last] = cell{}
	p.cells = p.cells[:last]
}
