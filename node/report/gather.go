package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"wangge/schema"
)

// levels are the digits of areas to which reports are rolled up: county, township,
// community and grid.
var levels = [...]int{schema.County, schema.Township, schema.Community, areaMax}

// group gathers what falls into one row of an answer.
type group struct {
	areas, time, fields int32 // its places
	records             int64
	filled              int64
	sum                 int64
	parts               []*roaring.Bitmap // members, of cells
	found               []uint32          // members, of rows
	distinct            int64             // once all is gathered
}

// gathering is a question of one tally under way.
type gathering struct {
	*question
	tally   *tally
	codes   []int32 // the places of areas
	values  []int32 // the places of combinations
	groups  []*group
	room    []group   // for the next groups
	at      [][]int32 // by the time's place, of each area and field the group's number and one
	crowded map[[3]int32]*group
}

// crowdedFrom is how many areas and fields together are too many for a list of all.
const crowdedFrom = 1 << 16

// rolls reports whether rollups are worth their room.
func (t *tally) rolls() bool { return t.count >= t.facts.rolledFrom && !t.report.Standing() }

// blocked reports whether the rows of some days are worth finding by community and month.
func (t *tally) blocked() bool { return t.rolls() && t.day != nil }

// rowsMax is how many rows an answer has at most: what nobody reads need not be counted.
const rowsMax = 100_000

// gather counts a tally for a question.
func (t *tally) gather(q *question, apart *alias) ([]*group, error) {
	g := &gathering{question: q, tally: t, crowded: map[[3]int32]*group{}}
	g.codes, g.values = q.areaPlaces(t.facts.areas.names), q.fieldPlaces(t.fields)
	switch {
	case t.report.Standing():
		g.standing()
	case t.rolls() && q.whole == 0:
		g.rolled()
	default:
		g.rows(q.from, q.to)
	}
	if len(g.groups) > rowsMax {
		return nil, wrong("by", "结果超过 %s 行，请缩小范围或减少分组", "this has more than %s rows: narrow it, or group by less", strconv.Itoa(rowsMax))
	}
	for _, group := range g.groups {
		group.count(t, apart)
	}
	return slices.DeleteFunc(g.groups, func(g *group) bool { return g.records == 0 || t.members != nil && g.distinct == 0 }), nil
}

// rolled takes what it can from rollups, and the rest from rows.
func (g *gathering) rolled() {
	g.tally.asked = g.tally.asked || g.tally.due()
	grain := grain{digits: g.digits(), together: !g.byFields()}
	for _, s := range stretches(g.from, g.to, coarsest(g.period())) {
		grain.span = s.span
		if r := smallest(g.tally.rollups, grain); r != nil {
			g.cells(r, r.span.of(s.first()), r.span.of(s.last()))
		} else {
			g.blocks(s.first(), s.last())
		}
	}
}

// cells gathers some spans of a rollup.
func (g *gathering) cells(r *rollup, from, to int32) {
	areas := g.areaPlaces(g.tally.facts.areas.level(r.digits).names)
	times := g.timePlaces(r.span, from)
	first, last := r.turn(from), r.turn(to)
	for n, page := range r.pages {
		if n < first || n > last {
			continue
		}
		for i := range page.cells {
			c := &page.cells[i]
			area, fields := areas[c.area], int32(0)
			if !r.together {
				fields = g.values[c.fields]
			}
			if area != out && fields != out && c.time >= from && c.time <= to {
				g.group(area, times.at(c.time), fields).take(c)
			}
		}
	}
}

// take adds what a cell counts.
func (g *group) take(c *cell) {
	g.records += c.records
	g.filled += c.filled
	g.sum += c.sum
	if c.members != nil {
		g.parts = append(g.parts, c.members)
	}
}

// rows gathers the rows of some days.
func (g *gathering) rows(from, to int32) {
	times := g.timePlaces(days, from)
	for row := range g.tally.taken.all {
		if day := g.tally.dayOf(row); day >= from && day <= to {
			g.row(row, times.at(day))
		}
	}
}

// blocks gathers the rows of some days where there are many others.
func (g *gathering) blocks(from, to int32) {
	if g.tally.day == nil {
		g.rows(from, to)
		return
	}
	b := g.tally.facts.block(g.tally.day)
	inside := g.overlaps(g.tally.facts.areas.level(blockDigits).names)
	times := g.timePlaces(days, from)
	for n, key := range b.keys {
		if key.day < from || key.day > to || !inside[key.area] {
			continue
		}
		time := times.at(key.day)
		for _, row := range b.rows[n] {
			if g.tally.taken.has(int(row)) {
				g.row(int(row), time)
			}
		}
	}
}

// overlaps reports of each of some areas whether a part of it is in the one that is asked for.
func (q *question) overlaps(areas []string) []bool {
	overlap := make([]bool, len(areas))
	for i, area := range areas {
		overlap[i] = strings.HasPrefix(area, q.area[:min(len(q.area), len(area))])
	}
	return overlap
}

// row gathers a row of a day that is asked for.
func (g *gathering) row(row int, time int32) {
	area, fields := g.codes[g.tally.facts.areas.of[row]], g.values[g.tally.fields.of[row]]
	if area != out && fields != out {
		g.add(row, g.group(area, time, fields))
	}
}

// standing gathers the rows of what stands at the end of a day, or of each period that
// is asked for.
func (g *gathering) standing() {
	ends := []int32{g.asOf}
	if period := g.period(); period != "" {
		ends = nil
		for day := g.from; day <= g.to && len(ends) < periodsMax; {
			_, last := periodDays(period, day)
			ends = append(ends, min(last, g.to))
			day = last + 1
		}
	}
	for _, end := range ends {
		time := int32(0)
		if g.timed {
			time = g.timePlace(end)
		}
		for row := range g.tally.taken.all {
			area, fields := g.codes[g.tally.facts.areas.of[row]], g.values[g.tally.fields.of[row]]
			if area != out && fields != out && g.tally.stands(row, end) {
				g.add(row, g.group(area, time, fields))
			}
		}
	}
}

// periodsMax is of how many periods a figure that stands is given at once.
const periodsMax = 400

func (g *gathering) add(row int, to *group) {
	t := g.tally
	to.records++
	if t.addends != nil && t.addends.filled.has(row) {
		to.sum += t.addends.of[row]
		to.filled++
	}
	if t.members != nil && t.members.of[row] != none {
		to.found = append(to.found, uint32(t.members.of[row]))
	}
}

// group returns the group of some places.
func (g *gathering) group(area, time, fields int32) *group {
	width := len(g.areas.names) * len(g.fields.names)
	if width > crowdedFrom {
		key := [3]int32{area, time, fields}
		if g.crowded[key] == nil {
			g.crowded[key] = g.newGroup(area, time, fields)
		}
		return g.crowded[key]
	}
	for len(g.at) <= int(time) {
		g.at = append(g.at, nil)
	}
	if g.at[time] == nil {
		g.at[time] = make([]int32, width)
	}
	n := &g.at[time][int(area)*len(g.fields.names)+int(fields)]
	if *n == 0 {
		g.newGroup(area, time, fields)
		*n = int32(len(g.groups))
	}
	return g.groups[*n-1]
}

// groupsAtOnce is for how many groups room is made at once, at most: each by itself would be
// a piece of memory of its own.
const groupsAtOnce = 256

func (g *gathering) newGroup(area, time, fields int32) *group {
	if len(g.room) == 0 {
		g.room = make([]group, min(len(g.groups)+1, groupsAtOnce))
	}
	fresh := &g.room[0]
	g.room = g.room[1:]
	fresh.areas, fresh.time, fresh.fields = area, time, fields
	if len(g.groups) <= rowsMax {
		g.groups = append(g.groups, fresh)
	}
	return fresh
}

// bitsFrom is of how many members on a set is kept as bits, which are quick to put together;
// smaller ones are lists, which are not.
const bitsFrom = 4097

// count finds out how many different members a group has.
func (g *group) count(t *tally, apart *alias) {
	if t.members == nil {
		return
	}
	large := slices.IndexFunc(g.parts, func(set *roaring.Bitmap) bool { return set.GetCardinality() >= bitsFrom })
	switch {
	case len(g.parts) == 1 && len(g.found) == 0:
		g.distinct = apart.distinct(g.parts[0])
	case large < 0:
		g.distinct = t.members.distinct(g.parts, g.found, apart)
	default:
		g.parts[0], g.parts[large] = g.parts[large], g.parts[0] // what the others are put into
		g.distinct = apart.distinct(roaring.FastOr(append(g.parts, roaring.BitmapOf(g.found...))...))
	}
	g.parts, g.found = nil, nil
}

// keys returns what a group's columns say.
func (q *question) keys(g *group) []string {
	keys := make([]string, len(q.by))
	var areas, times, fields int
	for i, by := range q.by {
		switch {
		case by.base == schema.ByArea:
			keys[i] = q.areas.names[g.areas][areas]
			areas++
		case schema.IsPeriod(by.base):
			keys[i] = q.times.names[g.time][times]
			times++
		default:
			keys[i] = q.fields.names[g.fields][fields]
			fields++
		}
	}
	return keys
}
