package report

import "iter"

// making is rollups of a tally on their way. They are made a little at a time, so that no
// question and no change waits for them: what is not there yet, rows answer meanwhile. A
// change goes into as much as there is, so nothing has to be made up for in the end.
type making struct {
	tally *tally
	left  []grain
	made  []*rollup // the last of them is under way

	row  int     // of one made of rows: that from which on they were not come to
	from *rollup // of one made of a finer one: that
	took taken   // and what was taken of it
}

// taken is what a rollup has of a finer one: whole pages, and parts of the next.
type taken struct {
	pages map[int32]bool
	areas []int32 // the rollup's areas, by those of the finer one
	page  int32   // that is under way
	part  int32   // from which on cells were not taken of it
	parts int32   // into which it falls; 0 where none is under way
}

// has reports whether cells of a key were taken from a page.
func (t *taken) has(page int32, key cellKey) bool {
	return t.pages[page] || page == t.page && t.parts > 0 && key.part(t.parts) < t.part
}

// part returns into which of so many parts of a page a key falls, wherever its cell stands.
func (k cellKey) part(parts int32) int32 {
	return int32((uint32(k.area)*31 + uint32(k.time)*17 + uint32(k.fields)) % uint32(parts))
}

// due reports whether a tally is to be rolled up: it was not, or counts twice as much since.
func (t *tally) due() bool { return t.rolls() && t.count >= 2*t.rolled }

// roll does so many rows of a tally's rollups, or cells of one, and reports whether there is
// more to do.
func (t *tally) roll(rows int) (more bool) {
	if t.making == nil {
		t.making = &making{tally: t, left: t.grains()}
	}
	m := t.making
	switch {
	case m.under() == nil && len(m.left) > 0:
		m.begin()
	case m.under() == nil:
		t.rollups, t.rolled, t.asked, t.making = m.made, t.count, false, nil
		return false
	case m.from != nil:
		m.cells(rows)
	default:
		m.rows(rows)
	}
	return true
}

// under returns the rollup that is under way, nil of none.
func (m *making) under() *rollup {
	if n := len(m.made); n > 0 && m.made[n-1].done != nil {
		return m.made[n-1]
	}
	return nil
}

// begin begins with the next rollup: of a finer one where that is much smaller than the rows.
func (m *making) begin() {
	t := m.tally
	r := &rollup{grain: m.left[0], pages: map[int32]*page{}}
	m.left, m.row, m.from, m.took = m.left[1:], 0, nil, taken{pages: map[int32]bool{}}
	t.facts.areas.level(r.digits)
	r.done = func(row int) bool { return row < m.row }
	if from := smallest(m.made, r.grain); from != nil && t.worth(from.size()) {
		m.from = from
		r.done = func(row int) bool {
			key := from.key(t, row)
			return m.took.has(from.turn(key.time), key)
		}
	}
	m.made = append(m.made, r)
}

// cells takes about so many cells of the finer rollup: of a large page a part. All of it is
// looked at for each part, since cells change their places as records change.
func (m *making) cells(n int) {
	took, fs := &m.took, m.tally.facts
	if took.parts == 0 && !m.turn(n) {
		m.end()
		return
	}
	if len(took.areas) != len(fs.areas.level(m.from.digits).names) {
		took.areas = fs.coarser(m.from.digits, m.under().digits)
	}
	m.under().gather(m.from.pages[took.page], m.from.span, took.areas, func(key cellKey) bool { return key.part(took.parts) == took.part })
	if took.part++; took.part == took.parts {
		took.pages[took.page], took.parts = true, 0
	}
}

// turn goes on to the next page, and reports whether there is one.
func (m *making) turn(n int) bool {
	for number, p := range m.from.pages {
		if !m.took.pages[number] {
			m.took.page, m.took.part, m.took.parts = number, 0, int32(1+len(p.cells)/n)
			return true
		}
	}
	return false
}

// rows goes through some more rows.
func (m *making) rows(n int) {
	r, t := m.under(), m.tally
	for ; n > 0 && m.row < len(t.facts.ids); n-- {
		if t.taken.has(m.row) {
			r.add(t, m.row)
		}
		m.row++
	}
	if m.row == len(t.facts.ids) {
		m.end()
	}
}

// end keeps the rollup under way if it is worth its room.
func (m *making) end() {
	r, t := m.under(), m.tally
	r.done = nil
	if !t.worth(r.size()) {
		m.made = m.made[:len(m.made)-1]
	}
}

// worth reports whether so many cells are few enough. Tests roll up anything.
func (t *tally) worth(cells int) bool {
	return cells <= t.count/cellStandsFor || t.facts.rolledFrom < rolledFrom
}

// coarser returns for each beginning of codes of so many digits the one of fewer.
func (fs *facts) coarser(fine, coarse int) []int32 {
	from, to := fs.areas.level(fine), fs.areas.level(coarse)
	areas := make([]int32, len(from.names))
	for i, name := range from.names {
		areas[i] = to.at[name[:min(len(name), coarse)]]
	}
	return areas
}

// smallest returns the smallest rollup that tells apart what a grain does, nil if none
// does.
func smallest(rollups []*rollup, g grain) (best *rollup) {
	for _, r := range rollups {
		if r.done == nil && r.finer(g) && (best == nil || r.size() < best.size()) {
			best = r
		}
	}
	return best
}

// counted has the rollups know that a row counts.
func (t *tally) counted(row int) {
	for r := range t.rollupsOf(row) {
		r.add(t, row)
	}
}

// uncounted has the rollups know that a row counts no more.
func (t *tally) uncounted(row int) {
	for r := range t.rollupsOf(row) {
		r.remove(t, row)
	}
}

// rollupsOf returns the rollups into which a row that counts was put, of those that are being
// made too.
func (t *tally) rollupsOf(row int) iter.Seq[*rollup] {
	return func(yield func(*rollup) bool) {
		for _, r := range t.rollups {
			if !yield(r) {
				return
			}
		}
		if t.making == nil {
			return
		}
		for _, r := range t.making.made {
			if r.reached(row) && !yield(r) {
				return
			}
		}
	}
}
