package report

import "github.com/RoaringBitmap/roaring/v2"

// marks is when each member of a column was last counted. With them the members of many
// small sets are counted once each, and no set is made of them all.
type marks struct {
	turn uint32
	of   []uint32 // of each member the last turn
	list []uint32 // of the set that is being read
}

// begin begins a turn, in which none of so many members was counted yet.
func (m *marks) begin(members int) {
	if m.turn++; m.turn == 0 { // they have gone round
		clear(m.of)
		m.turn = 1
	}
	m.of = sized(m.of, members)
}

// read returns the members of a set, until the next is read.
func (m *marks) read(set *roaring.Bitmap) []uint32 {
	n := int(set.GetCardinality())
	if n > cap(m.list) {
		m.list = make([]uint32, 2*n)
	}
	list := m.list[:n]
	return *set.ToExistingArray(&list)
}

// note marks members, and returns how many of them were not counted in this turn yet.
func (m *marks) note(members []uint32) (fresh int64) {
	of, turn := m.of, m.turn
	for _, member := range members {
		was := of[member]
		of[member] = turn
		if was != turn {
			fresh++
		}
	}
	return fresh
}
