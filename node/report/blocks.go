package report

// blocks is where the rows of a community and a month are, so that a question about
// few of them does not look at all.
type blocks struct {
	day   *[]int32
	at    map[blockKey]int32
	lists []block
	of    []int32 // of each row its block
	place []int32 // and where it stands there
}

type blockKey struct{ area, month int32 }

type block struct {
	blockKey
	rows []int32
}

// blockDigits are those of a community.
const blockDigits = 12

// block returns the blocks by a date, made if they are not there yet.
func (fs *facts) block(day *[]int32) *blocks {
	if b := fs.blocks[day]; b != nil {
		return b
	}
	b := &blocks{day: day, at: map[blockKey]int32{}}
	fs.areas.level(blockDigits)
	for _, row := range fs.rows {
		b.add(fs, row)
	}
	fs.blocks[day] = b
	return b
}

func (b *blocks) add(fs *facts, row int32) {
	key := blockKey{fs.areas.levels[blockDigits].of[fs.areas.of[row]], months.of((*b.day)[row])}
	n, ok := b.at[key]
	if !ok {
		n = int32(len(b.lists))
		b.at[key], b.lists = n, append(b.lists, block{blockKey: key})
	}
	list := &b.lists[n]
	b.of, b.place = sized(b.of, int(row)), sized(b.place, int(row))
	b.of[row], b.place[row] = n, int32(len(list.rows))
	list.rows = append(list.rows, row)
}

// remove takes a row out; the last of its block takes its place.
func (b *blocks) remove(row int32) {
	list := &b.lists[b.of[row]]
	at, last := b.place[row], list.rows[len(list.rows)-1]
	list.rows[at], b.place[last] = last, at
	list.rows = list.rows[:len(list.rows)-1]
}
