package report

import (
	"github.com/RoaringBitmap/roaring/v2"

	"wangge/schema"
)

// behindThese returns a figure and the persons behind the rows that it counts.
func (t *tally) behindThese(key string, value int64, rows *roaring.Bitmap, apart map[*members]*alias) Behind {
	c := newCrowd(t)
	for it := rows.Iterator(); it.HasNext(); {
		c.add(t, int(it.Next()))
	}
	return Behind{Key: key, Value: value, Persons: c.count(t, apart), rows: rows}
}

// measureOf says what a report's part counts: records, the members of a field, or what a
// field adds up to.
func measureOf(report string, r *schema.Report, part string) string {
	switch {
	case r.Count == schema.Distinct:
		return report + " distinct " + r.Of
	case r.Count == schema.Sum, part == schema.PartSum:
		return report + " sum " + r.Of
	}
	return report + " records"
}

// cutPieces finds the pieces of all tables, measure by measure.
func cutPieces(all []Upward, apart map[*members]*alias) {
	of := map[string][]*Upward{}
	for i := range all {
		if all[i].Measure == "" {
			continue
		}
		of[all[i].Measure] = append(of[all[i].Measure], &all[i])
	}
	for _, tables := range of {
		newCutting(tables).write(tables, apart)
	}
}

// cutting is the pieces of one measure's tables: each cell parts those units that it counts
// from those that it does not.
type cutting struct {
	piece  map[uint32]int32 // of each unit: a record's row, or a member
	pieces int32
}

func newCutting(tables []*Upward) *cutting {
	c := &cutting{piece: map[uint32]int32{}}
	for _, u := range tables {
		c.part(u.units(&u.Total))
		for i := range u.Rows {
			c.part(u.units(&u.Rows[i]))
		}
	}
	return c
}

// units returns what a cell counts.
func (u *Upward) units(b *Behind) *roaring.Bitmap {
	if !u.Own {
		return b.rows
	}
	members := roaring.New()
	for it := b.rows.Iterator(); it.HasNext(); {
		members.Add(uint32(u.tally.members.of[it.Next()]))
	}
	return members
}

// part gives what a cell counts of each piece a piece of its own.
func (c *cutting) part(units *roaring.Bitmap) {
	fresh := map[int32]int32{} // by what the piece was; 0 is that of no cell yet
	for it := units.Iterator(); it.HasNext(); {
		unit := it.Next()
		was := c.piece[unit]
		if fresh[was] == 0 {
			c.pieces++
			fresh[was] = c.pieces
		}
		c.piece[unit] = fresh[was]
	}
}

// write tells each cell its pieces, and each table who stand behind them.
func (c *cutting) write(tables []*Upward, apart map[*members]*alias) {
	crowds := map[int32]*crowd{}
	noted := roaring.New()
	t := tables[0].tally
	for _, u := range tables {
		for it := roaring.AndNot(u.Total.rows, noted).Iterator(); it.HasNext(); {
			row := it.Next()
			unit := row
			if u.Own {
				unit = uint32(u.tally.members.of[row])
			}
			piece := c.piece[unit]
			if crowds[piece] == nil {
				crowds[piece] = newCrowd(t)
			}
			crowds[piece].add(t, int(row))
		}
		noted.Or(u.Total.rows)
	}
	persons := func(pieces []int32) int64 {
		all := newCrowd(t)
		for _, p := range pieces {
			all.join(crowds[p])
		}
		return all.count(t, apart)
	}
	for _, u := range tables {
		u.Persons = persons
		u.Total.Pieces = c.of(u.units(&u.Total))
		for i := range u.Rows {
			u.Rows[i].Pieces = c.of(u.units(&u.Rows[i]))
		}
	}
}

// of returns the pieces of which some units are.
func (c *cutting) of(units *roaring.Bitmap) []int32 {
	found := roaring.New()
	for it := units.Iterator(); it.HasNext(); {
		found.Add(uint32(c.piece[it.Next()]))
	}
	pieces := make([]int32, 0, found.GetCardinality())
	for it := found.Iterator(); it.HasNext(); {
		pieces = append(pieces, int32(it.Next()))
	}
	return pieces
}

// join adds the persons of other rows.
func (c *crowd) join(other *crowd) {
	c.rows += other.rows
	for i := range c.named {
		c.named[i].Or(other.named[i])
		c.nobody[i] += other.nobody[i]
	}
}
