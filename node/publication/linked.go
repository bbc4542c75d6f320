package publication

import (
	"encoding/binary"
	"maps"
	"slices"
)

// Linked are tables that count the same things of one kind, such as all matters and those of
// them that are settled: what one withholds may be worked out from another. What they count
// is cut into pieces, the finest parts that any of their cells has whole.
//
// The rule is that of linked tables in the literature: a cell that stands for too few is
// withheld in all of them, and so many others as it takes until no sum and difference of what
// is published comes to it (Hundepool et al., Handbook on Statistical Disclosure Control,
// chapter 4, "Magnitude tabular data"; Willenborg and de Waal, Elements of Statistical
// Disclosure Control, 2001). That is found out exactly, by elimination.
type Linked struct {
	Tables  []Open
	Persons func(pieces []int32) int64 // behind some pieces together, in their order
}

// Open is a table before anything of it is withheld.
type Open struct {
	By     string
	Total  Counted
	Rows   []Counted
	Hidden []string // keys that have no row, since another publication withheld them
	All    bool     // so of all of it
}

// Counted is a cell and the pieces of which it is made, in their order.
type Counted struct {
	Cell
	Pieces []int32
}

// Hidden is what a table has to withhold beside what stands for too few in it.
type Hidden struct {
	All  bool
	Keys []string // in their order
}

// Withhold finds out what the tables have to withhold so that nothing for fewer than least
// can be worked out from all of them.
func (l Linked) Withhold(least int64) ([]Hidden, error) {
	w := &withholding{Linked: l, least: least, hidden: make([]map[string]bool, len(l.Tables)), all: make([]bool, len(l.Tables)), single: map[int32]int64{}}
	for i, t := range l.Tables {
		w.hidden[i] = map[string]bool{}
		w.all[i] = t.All
		for _, key := range t.Hidden {
			w.hidden[i][key] = true
		}
	}
	targets := w.targets()
	for {
		said, err := w.published()
		if err != nil {
			return nil, err
		}
		found := newSpan(said).first(slices.Concat(targets, w.between(said)))
		if found == nil {
			break
		}
		w.hide(said, found)
	}
	result := make([]Hidden, len(l.Tables))
	for i := range result {
		result[i] = Hidden{w.all[i], sortedKeys(w.hidden[i])}
	}
	return result, nil
}

// withholding is what is withheld so far.
type withholding struct {
	Linked
	least  int64
	hidden []map[string]bool
	all    []bool
	single map[int32]int64 // who stand behind one piece
}

// told is a figure that is published: a row by its key, the rest, or the total.
type told struct {
	table  int
	key    string // "" of the rest and the total
	total  bool
	keys   []string // of the rest: what is in it
	pieces []int32  // one that two of the rest's cells have stands there twice
}

// published returns what the tables would say.
func (w *withholding) published() (all []told, err error) {
	for i, t := range w.Tables {
		if w.all[i] {
			continue
		}
		var cells []Cell
		for _, c := range t.Rows {
			cells = append(cells, c.Cell)
		}
		made, err := Suppress(cells, t.Total.Cell, w.least, sortedKeys(w.hidden[i])...)
		if err != nil {
			return nil, err
		}
		if made.Withheld {
			continue
		}
		rest := told{table: i}
		for _, c := range t.Rows {
			if slices.ContainsFunc(made.Rows, func(row Cell) bool { return row.Key == c.Key }) {
				all = append(all, told{table: i, key: c.Key, pieces: c.Pieces})
			} else {
				rest.keys, rest.pieces = append(rest.keys, c.Key), append(rest.pieces, c.Pieces...)
			}
		}
		all = append(all, rest, told{table: i, total: true, pieces: t.Total.Pieces})
	}
	return all, nil
}

// hide withholds something of what a small figure is worked out from: a row, of the last table
// that has one in it the first; or one more row of a rest; or, of totals, the table of the fewest.
func (w *withholding) hide(said []told, from []int) {
	var row, more *told
	fewest := said[from[0]].table
	for _, i := range from {
		t := &said[i]
		if t.key != "" && (row == nil || row.table != t.table) {
			row = t
		}
		if first := slices.IndexFunc(said, func(other told) bool { return other.table == t.table && other.key != "" }); t.key == "" && !t.total && first >= 0 {
			more = &said[first]
		}
		if w.Tables[t.table].Total.Persons < w.Tables[fewest].Total.Persons {
			fewest = t.table
		}
	}
	switch {
	case row != nil:
		w.hidden[row.table][row.key] = true
	case more != nil:
		w.hidden[more.table][more.key] = true
	default:
		w.all[fewest] = true
	}
}

// targets returns what nobody may work out: every cell that stands for too few, and what too few
// are left of a cell when one or two others that are apart are taken from it, or all those of its
// own group in other tables.
func (w *withholding) targets() (all [][]int32) {
	seen := map[string]bool{}
	add := func(pieces []int32) {
		if name := nameOf(pieces); len(pieces) > 0 && !seen[name] {
			seen[name] = true
			if w.few(pieces) {
				all = append(all, pieces)
			}
		}
	}
	cells := w.cells()
	for _, x := range cells {
		if x.Persons > 0 && x.Persons < w.least {
			all = append(all, x.Pieces)
		}
		add(x.Pieces)
		var parts, alike [][]int32
		for _, y := range cells {
			left, within := less(x.Pieces, y.Pieces)
			if !within || len(left) == 0 {
				continue
			}
			add(left)
			if y.table == x.table {
				continue
			}
			if parts = append(parts, y.Pieces); x.by == y.by && x.Key == y.Key {
				alike = append(alike, y.Pieces)
			}
		}
		apart(x.Pieces, parts, 2, add)
		apart(x.Pieces, alike[:min(len(alike), alikeMost)], alikeMost, add)
	}
	return all
}

// between returns what too few are left when of a rest what another table has of its keys is
// taken, or it of that: rows that are withheld for the sake of one of them are so for each by
// itself, and must not be for all of them together.
func (w *withholding) between(said []told) (all [][]int32) {
	for _, rest := range said {
		if len(rest.keys) == 0 {
			continue
		}
		own := set(rest.pieces)
		for i, t := range w.Tables {
			if i == rest.table || t.By != w.Tables[rest.table].By {
				continue
			}
			var others []int32
			for _, c := range t.Rows {
				if slices.Contains(rest.keys, c.Key) {
					others = append(others, c.Pieces...)
				}
			}
			others = set(others)
			for _, pair := range [][2][]int32{{own, others}, {others, own}} {
				if left, within := less(pair[0], pair[1]); within && len(left) > 0 && w.few(left) {
					all = append(all, left)
				}
			}
		}
	}
	return all
}

// set returns some pieces in their order, each once.
func set(pieces []int32) []int32 {
	pieces = slices.Clone(pieces)
	slices.Sort(pieces)
	return slices.Compact(pieces)
}

// placed is a cell and where it stands.
type placed struct {
	table int
	by    string
	Counted
}

func (w *withholding) cells() (all []placed) {
	for i, t := range w.Tables {
		all = append(all, placed{i, "", t.Total})
		for _, c := range t.Rows {
			all = append(all, placed{i, t.By, c})
		}
		for j, part := range w.Tables {
			if i != j && t.By == part.By {
				all = append(all, left(t, part, -1-len(all))...)
			}
		}
	}
	return all
}

// left returns the cells of a table that nobody publishes: what is left of one when a part of
// it is taken, such as what is not settled; none if it is no part of it.
func left(t, part Open, table int) (cells []placed) {
	pieces, within := less(t.Total.Pieces, part.Total.Pieces)
	if !within || len(pieces) == 0 {
		return nil
	}
	cells = append(cells, placed{table, "", Counted{Pieces: pieces}})
	for _, c := range t.Rows {
		own := slices.IndexFunc(part.Rows, func(other Counted) bool { return other.Key == c.Key })
		if own < 0 {
			cells = append(cells, placed{table, t.By, Counted{Cell{Key: c.Key}, c.Pieces}})
		} else if pieces, within := less(c.Pieces, part.Rows[own].Pieces); within && len(pieces) > 0 {
			cells = append(cells, placed{table, t.By, Counted{Cell{Key: c.Key}, pieces}})
		}
	}
	return cells
}

// alikeMost is of how many parts of a cell, in tables of one grouping, all that are apart are
// taken from it.
const alikeMost = 8

// apart takes all sets of so many parts that have nothing in common from a whole.
func apart(whole []int32, parts [][]int32, most int, add func([]int32)) {
	if most == 0 {
		return
	}
	for i, part := range parts {
		if left, within := less(whole, part); within {
			add(left)
			apart(left, parts[i+1:], most-1, add)
		}
	}
}

// few reports whether too few stand behind some pieces. Who stand behind one stand behind all.
func (w *withholding) few(pieces []int32) bool {
	for _, p := range pieces {
		n, known := w.single[p]
		if !known {
			n = w.Persons([]int32{p})
			w.single[p] = n
		}
		if n >= w.least {
			return false
		}
	}
	n := w.Persons(pieces)
	return n > 0 && n < w.least
}

// less returns the pieces of one that another has not; false if the other is no part of it.
func less(whole, part []int32) (left []int32, within bool) {
	for _, p := range whole {
		if len(part) > 0 && part[0] == p {
			part = part[1:]
		} else {
			left = append(left, p)
		}
	}
	return left, len(part) == 0
}

func nameOf(pieces []int32) string {
	var name []byte
	for _, p := range pieces {
		name = binary.AppendUvarint(name, uint64(p))
	}
	return string(name)
}

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
