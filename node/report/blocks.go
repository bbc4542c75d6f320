package report

// blocks is where the rows of a community and a day are, so that a question about
// few of them does not look at all, nor at the days of those.
type blocks struct {
	day   *[]int32
	at    map[blockKey]int32
	keys  []blockKey // apart from the rows, since each question goes through all of them
	rows  [][]int32  // of each key
	of    []int32    // of each row its block
	place []int32    // and where it stands there
}

type blockKey struct{ area, day int32 }

// blockDigits are those of a community.
const blockDigits = 12

// block returns the blocks by a date, made if they are not there yet: row after row, so that
// the rows of a block that are neighbours in memory are read as such.
func (fs *facts) block(day *[]int32) *blocks {
	if b := fs.blocks[day]; b != nil {
		return b
	}
	b := &blocks{day: day, at: map[blockKey]int32{}}
	fs.areas.level(blockDigits)
	var gone rowSet
	for _, row := range fs.free {
		gone.put(int(row), true)
	}
	for row := range fs.ids {
		if !gone.has(row) {
			b.add(fs, int32(row))
		}
	}
	fs.blocks[day] = b
	return b
}

func (b *blocks) add(fs *facts, row int32) {
	key := blockKey{fs.areas.levels[blockDigits].of[fs.areas.of[row]], (*b.day)[row]}
	n, ok := b.at[key]
	if !ok {
		n = int32(len(b.keys))
		b.at[key], b.keys, b.rows = n, append(b.keys, key), append(b.rows, nil)
	}
	b.of, b.place = sized(b.of, int(row)), sized(b.place, int(row))
	b.of[row], b.place[row] = n, int32(len(b.rows[n]))
	b.rows[n] = append(b.rows[n], row)
}

// remove takes a row out; the last of its block takes its place.
func (b *blocks) remove(row int32) {
	rows := &b.rows[b.of[row]]
	at, last := b.place[row], (*rows)[len(*rows)-1]
	(*rows)[at], b.place[last] = last, at
	*rows = (*rows)[:len(*rows)-1]
}
