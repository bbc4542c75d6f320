package crdt

// piece is a run of characters, numbered one after the other, that have had the
// same fate so far. It is a node of a sequence's tree.
type piece struct {
	up, left, right int32 // 0 is nobody
	first, n        int32 // the number of the first character, and how many
	fate            int32 // in the version at hand: unwritten, written, or more: deleted so many times less one
	gone            bool  // deleted in any version at all
	sum             extent
}

// The fates of characters. A fate above written counts who deleted them.
const (
	unwritten = 0
	written   = 1
)

// extent counts characters: all, those that the version at hand knows, and
// those that it shows.
type extent struct{ all, known, shown int32 }

func (a extent) plus(b extent) extent {
	return extent{a.all + b.all, a.known + b.known, a.shown + b.shown}
}

func (p *piece) extent() extent {
	switch p.fate {
	case unwritten:
		return extent{all: p.n}
	case written:
		return extent{p.n, p.n, p.n}
	}
	return extent{all: p.n, known: p.n}
}

// sequence keeps pieces in the order of the text, as a splay tree: what was
// touched last is near the root, and people write near to where they wrote.
// Piece 0 is nobody.
//
// Source: Sleator and Tarjan, "Self-Adjusting Binary Search Trees", 1985.
type sequence struct {
	pieces []piece
	root   int32
}

// newSequence makes room for about so many pieces.
func newSequence(size int) sequence { return sequence{pieces: make([]piece, 1, 1+size)} }

func (s *sequence) extent() extent { return s.pieces[s.root].sum }

// add makes a piece that stands nowhere yet.
func (s *sequence) add(first, n, fate int32) int32 {
	s.pieces = append(s.pieces, piece{first: first, n: n, fate: fate})
	return int32(len(s.pieces) - 1)
}

func (s *sequence) count(x int32) {
	p := &s.pieces[x]
	p.sum = s.pieces[p.left].sum.plus(p.extent()).plus(s.pieces[p.right].sum)
}

// attach puts child under up, on the left or the right.
func (s *sequence) attach(up, child int32, left bool) {
	if child != 0 {
		s.pieces[child].up = up
	}
	switch {
	case up == 0:
		s.root = child
	case left:
		s.pieces[up].left = child
	default:
		s.pieces[up].right = child
	}
}

func (s *sequence) isLeft(x int32) bool { return s.pieces[s.pieces[x].up].left == x }

// rotate lifts x above the piece over it.
func (s *sequence) rotate(x int32) {
	up, left := s.pieces[x].up, s.isLeft(x)
	over, overLeft := s.pieces[up].up, s.isLeft(up)
	if left {
		s.attach(up, s.pieces[x].right, true)
	} else {
		s.attach(up, s.pieces[x].left, false)
	}
	s.attach(x, up, !left)
	s.attach(over, x, overLeft)
	s.count(up)
}

// lift makes x the root.
func (s *sequence) lift(x int32) {
	for up := s.pieces[x].up; up != 0; up = s.pieces[x].up {
		if s.pieces[up].up != 0 {
			if s.isLeft(x) == s.isLeft(up) {
				s.rotate(up)
			} else {
				s.rotate(x)
			}
		}
		s.rotate(x)
	}
	s.count(x)
}

// insertAfter puts the new piece y behind x, or in front of all if x is nobody.
func (s *sequence) insertAfter(x, y int32) {
	rest := s.root
	if x != 0 {
		s.lift(x)
		rest = s.pieces[x].right
		s.attach(x, 0, false)
		s.count(x)
	}
	s.attach(y, x, true)
	s.attach(y, rest, false)
	s.attach(0, y, false)
	s.count(y)
}

// before returns the piece in front of x, or nobody.
func (s *sequence) before(x int32) int32 {
	s.lift(x)
	y := s.pieces[x].left
	for y != 0 && s.pieces[y].right != 0 {
		y = s.pieces[y].right
	}
	return y
}

// cut leaves x its first n characters and returns a new piece, behind it, with
// the rest.
func (s *sequence) cut(x, n int32) int32 {
	p := &s.pieces[x]
	first, rest, fate, gone := p.first+n, p.n-n, p.fate, p.gone
	p.n = n
	y := s.add(first, rest, fate)
	s.pieces[y].gone = gone
	s.insertAfter(x, y)
	return y
}

// turn gives a piece another fate.
func (s *sequence) turn(x, by int32) {
	s.lift(x)
	p := &s.pieces[x]
	p.fate += by
	s.count(x)
}

// find returns the piece that holds the character before which at characters
// that count stand, and its place in the piece; there must be one.
func (s *sequence) find(at int32, counts func(extent) int32) (x, offset int32) {
	for x = s.root; x != 0; {
		p := &s.pieces[x]
		before := counts(s.pieces[p.left].sum)
		own := counts(p.extent())
		switch {
		case at < before:
			x = p.left
		case at < before+own:
			s.lift(x)
			return x, at - before
		default:
			at -= before + own
			x = p.right
		}
	}
	panic("crdt: a text has fewer characters than it counted")
}

// rank returns how much stands in front of x.
func (s *sequence) rank(x int32) extent {
	s.lift(x)
	return s.pieces[s.pieces[x].left].sum
}

// each calls do with the pieces in order.
func (s *sequence) each(do func(p piece)) {
	var path []int32
	for x := s.root; x != 0 || len(path) > 0; {
		for ; x != 0; x = s.pieces[x].left {
			path = append(path, x)
		}
		x = path[len(path)-1]
		path = path[:len(path)-1]
		do(s.pieces[x])
		x = s.pieces[x].right
	}
}

func shown(e extent) int32 { return e.shown }
func known(e extent) int32 { return e.known }
