package pieces

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"wangge/sync/wire"
)

// photo is a file of a world, and what it is made of.
type photo struct {
	root   wire.Hash
	size   int64
	list   []wire.Hash
	pieces [][]byte
}

func newPhoto(r *rand.Rand, size int) photo {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return photoOf(b)
}

func photoOf(b []byte) photo {
	p := photo{size: int64(len(b))}
	for piece := range slices.Chunk(b, wire.PieceSize) {
		p.pieces, p.list = append(p.pieces, piece), append(p.list, wire.PieceHash(piece))
	}
	p.root = wire.FileRoot(p.size, p.list)
	return p
}

// album is a machine's files in memory: the dumb twin of a disk.
type album struct {
	parts map[wire.Hash]*sheet
	lies  map[wire.Hash]bool // of these it gives out something else
	full  bool               // its disk takes nothing
	ill   map[wire.Hash]bool // of these it reads nothing, and takes nothing
	puts  int
	shut  []wire.Decline // what it was told that was not taken
	from  []uint32       // of whom
}

func (a *album) Declined(device uint32, d wire.Decline) {
	a.shut, a.from = append(a.shut, d), append(a.from, device)
}

type sheet struct {
	size   int64
	list   []wire.Hash
	pieces [][]byte
}

var errFull = errors.New("the disk is full")

func newAlbum() *album { return &album{parts: map[wire.Hash]*sheet{}, lies: map[wire.Hash]bool{}} }

// hold puts pieces of a photo into an album.
func (a *album) hold(p photo, which func(n int) bool) {
	s := &sheet{p.size, p.list, make([][]byte, len(p.pieces))}
	for n := range p.pieces {
		if which(n) {
			s.pieces[n] = p.pieces[n]
		}
	}
	a.parts[p.root] = s
}

func (a *album) Has(root wire.Hash, size int64) bool {
	s := a.parts[root]
	return s != nil && s.size == size && !slices.ContainsFunc(s.pieces, func(p []byte) bool { return p == nil })
}

func (a *album) Sound(root wire.Hash, size int64) bool { return a.Has(root, size) }

func (a *album) Pieces(root wire.Hash) (held []bool, err error) {
	if a.ill[root] {
		return nil, errFull
	}
	if s := a.parts[root]; s != nil {
		for _, p := range s.pieces {
			held = append(held, p != nil)
		}
	}
	return held, nil
}

func (a *album) Begin(root wire.Hash, size int64, list []wire.Hash) error {
	if wire.FileRoot(size, list) != root {
		return errors.New("a false list")
	}
	if a.full || a.ill[root] {
		return errFull
	}
	if a.parts[root] == nil {
		a.parts[root] = &sheet{size, list, make([][]byte, len(list))}
	}
	return nil
}

func (a *album) Put(root wire.Hash, n int, piece []byte) (fits, whole bool, err error) {
	s := a.parts[root]
	if a.full || s == nil {
		return false, false, errFull
	}
	if wire.PieceHash(piece) != s.list[n] {
		return false, false, nil
	}
	a.puts++
	s.pieces[n] = bytes.Clone(piece)
	return true, a.Has(root, s.size), nil
}

func (a *album) List(root wire.Hash) ([]wire.Hash, error) {
	s := a.parts[root]
	if s == nil {
		return nil, errors.New("not here")
	}
	if a.lies[root] && root[1]%2 == 0 {
		return slices.Repeat([]wire.Hash{{1}}, len(s.list)), nil
	}
	return s.list, nil
}

func (a *album) Piece(root wire.Hash, n int) ([]byte, error) {
	s := a.parts[root]
	if s == nil || s.pieces[n] == nil {
		return nil, errors.New("not here")
	}
	if a.lies[root] {
		return append([]byte{^s.pieces[n][0]}, s.pieces[n][1:]...), nil
	}
	return s.pieces[n], nil
}

// world is machines that ask each other, with everything in it chosen by a seed.
type world struct {
	t      testing.TB
	r      *rand.Rand
	now    uint64
	albums []*album
	seeks  []*Seeker
	photos []photo
	mays   []map[wire.Hash]bool // what each machine may have
	lines  [][]*line            // who asks, whom
}

// line is one exchange: what is on its way in both directions.
type line struct {
	giver    *Giver
	to, from [][]byte
}

func newWorld(t testing.TB, seed uint64, machines, photos int) *world {
	w := &world{t: t, r: rand.New(rand.NewPCG(seed, 7))}
	sizes := []int{1, 900, wire.PieceSize, wire.PieceSize + 1, 3 * wire.PieceSize, 7*wire.PieceSize - 9}
	for range photos {
		w.photos = append(w.photos, newPhoto(w.r, sizes[w.r.IntN(len(sizes))]))
	}
	for range machines {
		a := newAlbum()
		w.albums, w.seeks = append(w.albums, a), append(w.seeks, NewSeeker(a))
		w.lines, w.mays = append(w.lines, make([]*line, machines)), append(w.mays, map[wire.Hash]bool{})
		for _, p := range w.photos {
			share := w.r.IntN(4) // nothing, some, some, all
			a.hold(p, func(int) bool { return share == 3 || share > 0 && w.r.IntN(3) == 0 })
			if share == 0 {
				delete(a.parts, p.root)
			}
			a.lies[p.root] = w.r.IntN(8) == 0
			w.mays[len(w.mays)-1][p.root] = w.r.IntN(10) > 0
		}
	}
	return w
}

func (w *world) seek(m int) {
	var wishes []Wish
	for _, p := range w.photos {
		if w.mays[m][p.root] && !w.albums[m].Has(p.root, p.size) {
			wishes = append(wishes, Wish{p.root, p.size, func(d uint32) bool { return w.mays[d][p.root] }})
		}
	}
	w.say(m, w.seeks[m].Seek(wishes, w.now))
}

// say puts words on their lines.
func (w *world) say(m int, words []Word) {
	for _, word := range words {
		if l := w.lines[m][word.To]; l != nil {
			l.to = append(l.to, wire.EncodeFileWord(word.Say))
		}
	}
}

func (w *world) join(m, peer int) {
	if m == peer || w.lines[m][peer] != nil {
		return
	}
	w.lines[m][peer] = &line{giver: NewGiver(w.albums[peer], func(root wire.Hash) bool { return w.mays[m][root] && w.mays[peer][root] })}
	w.say(m, w.seeks[m].Join(uint32(peer), w.now))
}

// cut loses all that is on its way.
func (w *world) cut(m, peer int) {
	if w.lines[m][peer] == nil {
		return
	}
	w.lines[m][peer] = nil
	w.say(m, w.seeks[m].Leave(uint32(peer), w.now))
}

// move lets one word travel, or be said, and reports whether there was one.
func (w *world) move(m, peer int) bool {
	l := w.lines[m][peer]
	if l == nil {
		return false
	}
	if len(l.to) > 0 {
		b := l.to[0]
		l.to = l.to[1:]
		word, err := wire.DecodeFileWord(b)
		if err == nil {
			err = l.giver.Step(word)
		}
		if err != nil {
			w.t.Fatalf("%d cannot answer %d: %v", peer, m, err)
		}
		return true
	}
	if len(l.from) < 5 {
		if word, ok := l.giver.Next(); ok {
			l.from = append(l.from, wire.EncodeFileWord(word))
			return true
		}
	}
	if len(l.from) == 0 {
		return false
	}
	b := l.from[0]
	l.from = l.from[1:]
	word, err := wire.DecodeFileWord(b)
	if err != nil {
		w.t.Fatal(err)
	}
	words, err := w.seeks[m].Step(uint32(peer), word, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.say(m, words)
	w.bounded(m)
	return true
}

// bounded checks what holds at any moment.
func (w *world) bounded(m int) {
	s := w.seeks[m]
	for _, p := range s.sources {
		if len(p.flying) > p.window || p.window > windowMax {
			w.t.Fatalf("%d pieces are under way in a window of %d", len(p.flying), p.window)
		}
	}
	for _, f := range s.files {
		for n, devices := range f.asked {
			if len(devices) > 2 || len(devices) == 2 && devices[0] == devices[1] {
				w.t.Fatalf("piece %d is asked of %v", n, devices)
			}
		}
		for d := range f.liars {
			for n, devices := range f.asked {
				if slices.Contains(devices, d) {
					w.t.Fatalf("device %d is asked for piece %d of what it was false about", d, n)
				}
			}
		}
	}
}

func (w *world) chaos() {
	n := len(w.albums)
	for m := range n {
		w.seek(m)
	}
	for range 600 {
		m, peer := w.r.IntN(n), w.r.IntN(n)
		w.now += uint64(w.r.IntN(900))
		switch w.r.IntN(40) {
		case 0:
			w.cut(m, peer)
		case 1:
			w.albums[m].full = !w.albums[m].full
		case 2: // the machine is killed: its seeker forgets all, its disk nothing
			for p := range n {
				w.cut(m, p)
			}
			w.seeks[m] = NewSeeker(w.albums[m])
			w.seek(m)
		case 3, 4, 5:
			w.join(m, peer)
		case 6: // a machine lets go of a file, as when it makes room
			delete(w.albums[m].parts, w.photos[w.r.IntN(len(w.photos))].root)
			w.seek(m)
		default:
			w.move(m, peer)
		}
	}
}

// heal joins all and lets everything come that can.
func (w *world) heal() {
	n := len(w.albums)
	for m := range n {
		w.albums[m].full = false
		for p := range n {
			w.cut(m, p)
		}
		w.seek(m)
	}
	for moved, idle := true, 0; idle < 4; {
		for m := range n {
			for p := range n {
				w.join(m, p)
			}
		}
		moved = false
		for m := range n {
			for p := range n {
				for w.move(m, p) {
					moved = true
				}
			}
		}
		if idle++; moved {
			idle = 0
		}
		w.now += restTime
		for m := range n {
			for p := range n {
				if l := w.lines[m][p]; l != nil {
					l.giver.Look()
				}
			}
			w.say(m, w.seeks[m].Again(w.now))
		}
	}
}

// obtainable is the dumb twin: whether all pieces of a photo are with machines that
// may have it and do not lie, or with the one that seeks.
func (w *world) obtainable(m int, p photo) bool {
	for n := range p.pieces {
		here := func(d int) bool {
			s := w.albums[d].parts[p.root]
			return s != nil && s.pieces[n] != nil && w.mays[d][p.root] && (d == m || !w.albums[d].lies[p.root])
		}
		found := false
		for d := range w.albums {
			found = found || here(d)
		}
		if !found {
			return false
		}
	}
	return w.mays[m][p.root]
}

func TestWhateverBefallsEachMachineGetsWhatCanBeHad(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed, 4, 5)
			w.chaos()
			w.heal()
			for m, a := range w.albums {
				for i, p := range w.photos {
					had := a.Has(p.root, p.size)
					if w.mays[m][p.root] && had != w.obtainable(m, p) {
						t.Errorf("machine %d has photo %d: %t, though obtainable: %t", m, i, had, !had)
					}
					for n, piece := range p.pieces {
						if s := a.parts[p.root]; s != nil && s.pieces[n] != nil && !bytes.Equal(s.pieces[n], piece) {
							t.Errorf("machine %d holds another piece %d of photo %d", m, n, i)
						}
					}
				}
			}
		})
	}
}
