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
	// Hidden are the rows that are withheld for the sake of other tables, and Withheld says that
	// all of it is so.
	Hidden   []string `json:"hidden,omitempty"`
	Withheld bool     `json:"withheld,omitempty"`
	// Measure says what is counted, of which kind: what two tables of one measure count can be
	// added and subtracted. It is "" of what is told of whole areas. Persons returns who stand behind some pieces of it together.
	Measure string                     `json:"-"`
	Persons func(pieces []int32) int64 `json:"-"`

	tally *tally
}

// Behind is a figure and for how many persons it stands, or records where nobody is behind
// those.
type Behind struct {
	Key     string `json:"key"`   // an area's code or an option, "" where a record says none
	Value   int64  `json:"value"` // in units of the last decimal place
	Persons int64  `json:"persons"`
	// Pieces are the finest parts that tables of its measure have whole, in order. A piece is
	// records, or of a distinct count members.
	Pieces []int32 `json:"-"`

	rows *roaring.Bitmap
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
	cutPieces(all, f.twins.apart)
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
		t := f.tally(asked)
		behind, together := t.behindEach(asked, p.adds)
		u := p.table(q, r)
		u.tally, u.Total = t, t.behindThese("", p.of(total), together, f.twins.apart)
		sum := int64(0)
		for _, row := range rows {
			if len(q.By) > 0 && behind[row.keys[0]] != nil {
				u.Rows = append(u.Rows, t.behindThese(row.keys[0], p.of(row.value), behind[row.keys[0]], f.twins.apart))
				sum += p.of(row.value)
			}
		}
		if len(q.By) > 0 && !u.Own {
			u.Total.Value = sum // each row is rounded, and a city adds up rows
		}
		if asked.kind.Wholes() {
			if together.IsEmpty() {
				continue
			}
			u.Total.Persons, u.Measure = p.whole(u.Total), ""
		}
		all = append(all, u)
	}
	return all, nil
}

// behindEach returns the rows behind each row of a question that groups by one thing, by its
// key, and behind all.
func (t *tally) behindEach(q *question, adds func(*tally, int) bool) (rows map[string]*roaring.Bitmap, all *roaring.Bitmap) {
	codes, values := q.areaPlaces(t.facts.areas.names), q.fieldPlaces(t.fields)
	groups := map[[2]int32]*roaring.Bitmap{}
	rows, all = map[string]*roaring.Bitmap{}, roaring.New()
	for row := range t.taken.all {
		area, fields := codes[t.facts.areas.of[row]], values[t.fields.of[row]]
		if area == out || fields == out || !t.dated(q, row) || !adds(t, row) {
			continue
		}
		all.Add(uint32(row))
		if len(q.by) == 0 {
			continue
		}
		place := [2]int32{area, fields}
		if groups[place] == nil {
			groups[place] = roaring.New()
		}
		groups[place].Add(uint32(row))
	}
	for place, of := range groups {
		key := q.keys(&group{areas: place[0], fields: place[1]})[0]
		if rows[key] == nil {
			rows[key] = roaring.New()
		}
		rows[key].Or(of)
	}
	return rows, all
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
