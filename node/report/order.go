package report

import (
	"cmp"
	"slices"

	"wangge/crdt"
)

// order gives the rows new numbers, by community and day, so that what a question is
// about lies together in memory; and the members likewise, so that sets of those of one
// place are small. Rows that come later stand behind, until the records are counted anew.
func (fs *facts) order(day *[]int32) {
	old := make([]int32, 0, len(fs.rows))
	for _, row := range fs.rows {
		old = append(old, row)
	}
	communities := fs.areas.level(blockDigits)
	slices.SortFunc(old, func(a, b int32) int {
		x, y := communities.of[fs.areas.of[a]], communities.of[fs.areas.of[b]]
		return cmp.Or(cmp.Compare(x, y), cmp.Compare((*day)[a], (*day)[b]), cmp.Compare(fs.areas.of[a], fs.areas.of[b]), cmp.Compare(a, b))
	})
	fs.ids, fs.areas.of, fs.free = permuted(fs.ids, old), permuted(fs.areas.of, old), nil
	for row, id := range fs.ids {
		fs.rows[id] = int32(row)
	}
	for _, d := range fs.dates {
		*d.of = permuted(*d.of, old)
	}
	for _, c := range fs.combinations {
		c.of = permuted(c.of, old)
	}
	for _, a := range fs.addends {
		a.of, a.filled = permuted(a.of, old), a.filled.permuted(old)
	}
	for _, m := range fs.members {
		m.permute(old)
	}
	for _, t := range fs.tallies {
		t.own, t.hidden, t.taken = t.own.permuted(old), t.hidden.permuted(old), t.taken.permuted(old)
		t.rollups, t.rolled, t.making = nil, 0, nil
	}
	clear(fs.blocks)
}

// permuted returns a column in a new order, which lists the old numbers.
func permuted[T any](column []T, old []int32) []T {
	ordered := make([]T, len(old))
	for row, was := range old {
		ordered[row] = column[was]
	}
	return ordered
}

func (s rowSet) permuted(old []int32) (ordered rowSet) {
	for row, was := range old {
		if s.has(int(was)) {
			ordered.put(row, true)
		}
	}
	return ordered
}

func (m *members) permute(old []int32) {
	was := *m
	*m = members{name: was.name, field: was.field, digits: was.digits, at: make(map[crdt.Value]int32, len(was.at))}
	for row, before := range old {
		var value crdt.Value
		if n := was.of[before]; n != none {
			value = was.values[n]
		}
		m.set(row, value)
	}
}
