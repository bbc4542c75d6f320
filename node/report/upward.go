package report

import (
	"fmt"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"wangge/schema"
)

// Upward is one table of a month that the county may publish, before anything of it is
// withheld.
type Upward struct {
	Report   string   `json:"report"`
	Title    string   `json:"title"`
	By       string   `json:"by"` // area:9 or a field, "" for the total alone
	Unit     string   `json:"unit"`
	Decimals int      `json:"decimals,omitempty"`
	Own      bool     `json:"own,omitempty"` // a distinct count, whose rows need not add up
	Total    Behind   `json:"total"`
	Rows     []Behind `json:"rows"`
}

// Behind is a figure and for how many persons it stands, or records where nobody is behind
// those.
type Behind struct {
	Key     string `json:"key"`   // an area's code or an option, "" where a record says none
	Value   int64  `json:"value"` // in units of the last decimal place
	Persons int64  `json:"persons"`
}

// upward counts what may go up of a month, in the order of kinds and their reports.
func (f *Figures) upward(month string) []Upward {
	all := []Upward{}
	kinds := f.registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		for j := range k.Reports {
			r := &k.Reports[j]
			q := Query{Report: k.Name + "." + r.Name}.InMonth(month)
			for _, publish := range r.Publish {
				if q.By = nil; publish != schema.PublishTotal {
					q.By = []string{publishedBy(publish)}
				}
				if tables, err := f.published(q, r); err == nil { // else it has too many rows
					all = append(all, tables...)
				}
			}
		}
	}
	return all
}

// publishedBy returns how a question says a grouping by which a report goes up.
func publishedBy(publish string) string {
	if publish == schema.PublishTownship {
		return fmt.Sprintf("%s:%d", schema.ByArea, schema.Township)
	}
	return publish
}

// PublishOf returns the grouping by which a report goes up that an Upward's By says.
func PublishOf(by string) string {
	switch by {
	case "":
		return schema.PublishTotal
	case publishedBy(schema.PublishTownship):
		return schema.PublishTownship
	}
	return by
}

// published counts the tables of one grouping, and the persons behind them: none where
// nobody has written down what is told of whole areas.
func (f *Figures) published(q Query, r *schema.Report) ([]Upward, error) {
	asked, err := f.question(q)
	if err != nil {
		return nil, err
	}
	rows, total, err := f.work(asked, q)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b figure) int { return slices.Compare(a.keys, b.keys) })
	var all []Upward
	for _, p := range partsOf(asked.kind, r) {
		persons, together := f.tally(asked).behindEach(asked, p.adds, f.twins.apart)
		u := p.table(q, r)
		u.Total = Behind{Value: p.of(total), Persons: together}
		sum := int64(0)
		for _, row := range rows {
			if n := p.of(row.value); len(q.By) > 0 && persons[row.keys[0]] > 0 {
				u.Rows = append(u.Rows, Behind{row.keys[0], n, persons[row.keys[0]]})
				sum += n
			}
		}
		if len(q.By) > 0 && !u.Own {
			u.Total.Value = sum // each row is rounded, and a city adds up rows
		}
		if asked.kind.Wholes() {
			if together == 0 {
				continue
			}
			u.Total.Persons = p.whole(u.Total)
		}
		all = append(all, u)
	}
	return all, nil
}

// behindEach counts the persons behind each row of a question that groups by one thing, by
// its key, and behind all.
func (t *tally) behindEach(q *question, adds func(*tally, int) bool, apart map[*members]*alias) (rows map[string]int64, together int64) {
	codes, values := q.areaPlaces(t.facts.areas.names), q.fieldPlaces(t.fields)
	groups, all := map[string]*crowd{}, newCrowd(t)
	for row := range t.taken.all {
		area, fields := codes[t.facts.areas.of[row]], values[t.fields.of[row]]
		if area == out || fields == out || !t.dated(q, row) || !adds(t, row) {
			continue
		}
		all.add(t, row)
		if len(q.by) == 0 {
			continue
		}
		key := q.keys(&group{areas: area, fields: fields})[0]
		if groups[key] == nil {
			groups[key] = newCrowd(t)
		}
		groups[key].add(t, row)
	}
	rows = map[string]int64{}
	for key, c := range groups {
		rows[key] = c.count(t, apart)
	}
	return rows, all.count(t, apart)
}

// adds reports whether a row changes the figure: one that adds nothing to a sum does not.
func (t *tally) adds(row int) bool {
	switch {
	case t.members != nil:
		return t.members.of[row] != none
	case t.addends != nil:
		return t.addends.filled.has(row) && t.addends.of[row] != 0
	}
	return true
}

// crowd is the persons of some rows: for each field that says of whom a record is, those
// whom it names, and how many rows name nobody.
type crowd struct {
	rows   int64
	named  []*roaring.Bitmap
	nobody []int64
}

func newCrowd(t *tally) *crowd {
	c := &crowd{named: make([]*roaring.Bitmap, len(t.persons)), nobody: make([]int64, len(t.persons))}
	for i := range c.named {
		c.named[i] = roaring.New()
	}
	return c
}

func (c *crowd) add(t *tally, row int) {
	c.rows++
	for i, m := range t.persons {
		if member := m.of[row]; member != none {
			c.named[i].Add(uint32(member))
		} else {
			c.nobody[i]++
		}
	}
}

// count returns how many persons those are at the fewest: by the field that tells the
// fewest apart, for somebody may have two mobiles, or two people one name.
func (c *crowd) count(t *tally, apart map[*members]*alias) int64 {
	least := c.rows
	for i, m := range t.persons {
		least = min(least, apart[m].distinct(c.named[i])+c.nobody[i])
	}
	return least
}
