package freight

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/wire"
)

// A letter is what one machine says to another by courier (sync/bundle), in one go. Of
// files it says first what it lacks, what it wants the county's receipt for, what the
// county has, and what of the other's it did not take; then come pieces, as far as the
// addressee is not known to hold them. Nothing is waited for: whoever reads it takes what
// its own records name, and what it lacks still its next letter says.

// Letter is what this machine is to say of files in a letter.
type Letter struct {
	To     policy.Device
	Known  []wire.FileWord // what the addressee's latest letter said of files
	Beside []store.Wanted  // what the letter's records refer to
	Only   bool            // nothing goes but that
	All    bool            // also what the addressee is known to hold
	Spares []store.Spare   // what this machine would let go of
	Has    []wire.Ask      // pieces that are in the bundle already
	// Most returns of which files most of the hub's replicas have read their copy; nil
	// where nobody can say.
	Most func(files []store.Spare) map[wire.Hash]bool
}

const (
	// letterWords and letterBytes bound what a letter says of files beside pieces: the
	// rest is for the next one.
	letterWords = 1 << 16
	letterBytes = 4 << 20
	// letterSpares bounds the files that one letter asks about because they would go.
	letterSpares = 4096
)

// Words returns what is said of files before any piece.
func (f *Freight) Words(l Letter) (words []wire.FileWord, err error) {
	if err := f.rescan(); err != nil {
		return nil, err
	}
	words = f.declinedOf(l.To.Index)
	if f.host.hub() {
		words = append(words, f.receiptsFor(l)...)
	} else if l.To.Role == policy.Hub {
		asks, err := f.asksOf(l)
		if err != nil {
			return nil, err
		}
		words = append(words, asks...)
	}
	return bounded(append(words, f.lackedOf(l.To)...)), nil
}

// declinedOf returns what a device brought and this machine did not take.
func (f *Freight) declinedOf(device uint32) (words []wire.FileWord) {
	for _, d := range f.Declines() {
		if d.Way == Brought && d.Device == device && d.Root != (wire.Hash{}) {
			reason := d.Reason
			if d.Why == wire.WhyRoom { // what the disk here is called is not its business
				reason = roomTold
			}
			words = append(words, wire.Decline{Root: d.Root, Why: d.Why, Reason: reason})
		}
	}
	return words
}

const roomTold = "its disk has no room, or fails"

// receiptsFor answers at the hub what a box wants the county's receipt for. Of what most
// replicas do not have yet, and this one has, it says so: it need not be brought again.
func (f *Freight) receiptsFor(l Letter) (words []wire.FileWord) {
	var files []store.Spare
	for _, m := range l.Known {
		if ask, ok := m.(wire.Ask); ok && ask.Most {
			files = append(files, store.Spare{Root: ask.Root, Size: ask.Size})
		}
	}
	var most map[wire.Hash]bool
	if l.Most != nil && len(files) > 0 {
		most = l.Most(files)
	}
	for _, file := range files {
		s := wire.Stock{Root: file.Root, Size: file.Size}
		_, named := f.named(fileName{file.Root, file.Size})
		switch here := f.host.Store.Files().Has(file.Root, file.Size); {
		case here && most[file.Root]:
			s.Whole = true
		case !named:
			s.Nameless = true
		case here && f.entitled(l.To, file.Root):
			s.Pieces = slices.Repeat([]bool{true}, wire.Pieces(file.Size))
		default:
			continue
		}
		words = append(words, s)
	}
	return words
}

// asksOf returns what a box wants the county's receipt for: what it owes, what it has of
// others and was never told of, and what it would let go of.
func (f *Freight) asksOf(l Letter) (words []wire.FileWord, err error) {
	owed, err := f.host.Store.Owed()
	if err != nil {
		return nil, err
	}
	more, err := f.host.Store.Unasked(unaskedMax)
	asked := map[fileName]bool{}
	ask := func(root wire.Hash, size int64) {
		if of := (fileName{root, size}); !asked[of] {
			asked[of] = true
			words = append(words, wire.Ask{Root: root, Size: size, Most: true})
		}
	}
	for _, o := range owed {
		ask(o.Root, o.Size)
	}
	for _, w := range more {
		ask(w.Root, w.Size)
	}
	for _, s := range l.Spares[:min(len(l.Spares), letterSpares)] {
		ask(s.Root, s.Size)
	}
	return words, err
}

// lackedOf returns what is to come here that a device may have, with the pieces that are
// here already: the most urgent first.
func (f *Freight) lackedOf(peer policy.Device) (words []wire.FileWord) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.wishes() {
		if !f.mayTrade(peer, f.lacks[fileName{w.Root, w.Size}]) {
			continue
		}
		s := wire.Stock{Root: w.Root, Size: w.Size}
		if held, err := f.keep.Pieces(w.Root); err == nil && len(held) == wire.Pieces(w.Size) && slices.Contains(held, true) {
			s.Pieces = held
		}
		words = append(words, s)
	}
	return words
}

// bounded returns what a letter has room for, of each file one Stock.
func bounded(words []wire.FileWord) (kept []wire.FileWord) {
	said, size := map[fileName]bool{}, 0
	for _, m := range words {
		if s, ok := m.(wire.Stock); ok {
			of := fileName{s.Root, s.Size}
			if said[of] {
				continue
			}
			said[of] = true
		}
		if size += len(wire.EncodeFileWord(m)); size > letterBytes || len(kept) == letterWords {
			break
		}
		kept = append(kept, m)
	}
	return kept
}

// named returns a reference of a record here to a file.
func (f *Freight) named(of fileName) (w store.Wanted, named bool) {
	err := f.host.Store.Referring(of.root, func(found store.Wanted) bool {
		if found.Size == of.size {
			w, named = found, true
		}
		return !named
	})
	return w, named && err == nil
}

// Parcel is what of files goes with a letter, the most urgent first.
type Parcel struct {
	freight *Freight
	goods   []good
	Files   int
	Bytes   int64 // of the pieces that go
}

// good is a file of which pieces go.
type good struct {
	fileName
	preview bool
	last    bool   // no record of the county names it, by its latest word: others go first
	begun   bool   // the addressee has some of it, and so the list of its pieces
	goes    []bool // by pieces
}

// Pack finds out what goes: what the addressee said it lacks, what is owed to the county,
// and to a box the previews of what the letter's records name.
func (f *Freight) Pack(l Letter) (*Parcel, error) {
	stocks := map[fileName]wire.Stock{}
	for _, m := range l.Known {
		if s, ok := m.(wire.Stock); ok {
			stocks[fileName{s.Root, s.Size}] = s
		}
	}
	files, err := f.toSend(l, stocks)
	if err != nil {
		return nil, err
	}
	packed := packedOf(l.Has)
	p, may := &Parcel{freight: f}, f.mayHave(l.To)
	for of, preview := range files {
		if g := f.goodOf(of, stocks[of], packed[of], l.All); slices.Contains(g.goes, true) && may(of.root) {
			g.preview = preview
			p.add(g)
		}
	}
	slices.SortFunc(p.goods, func(a, b good) int {
		return cmp.Or(before(b.last, a.last), before(a.preview, b.preview), cmp.Compare(a.size, b.size), bytes.Compare(a.root[:], b.root[:]))
	})
	return p, nil
}

// before has what is so stand before what is not.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// toSend returns the files of which something may have to go, and whether they are previews.
func (f *Freight) toSend(l Letter, stocks map[fileName]wire.Stock) (files map[fileName]bool, err error) {
	files = map[fileName]bool{}
	hub := l.To.Role == policy.Hub
	add := func(w store.Wanted) {
		if of := (fileName{w.Root, w.Size}); hub || w.Preview || stocks[of].Root == w.Root {
			files[of] = files[of] || w.Preview
		}
	}
	for _, w := range l.Beside {
		if !hub || l.Only && (l.All || !f.host.Store.Confirmed(w.Root, w.Size)) {
			add(w)
		}
	}
	if l.Only {
		return files, nil
	}
	if l.All {
		shares := f.shares(l.To)
		err = f.host.Store.Attached(func(w store.Wanted) bool {
			if shares(w.Space) {
				add(w)
			}
			return true
		})
	}
	for of := range stocks {
		if w, named := f.named(of); named {
			add(w)
		}
	}
	if hub {
		owed, failed := f.host.Store.Owed()
		for _, o := range owed {
			add(o.Wanted)
		}
		err = errors.Join(err, failed)
	}
	return files, err
}

// packedOf returns which pieces of files are packed already.
func packedOf(asks []wire.Ask) map[fileName][]bool {
	packed := map[fileName][]bool{}
	for _, a := range asks {
		of := fileName{a.Root, a.Size}
		if packed[of] == nil {
			packed[of] = make([]bool, wire.Pieces(a.Size))
		}
		for _, n := range a.Pieces {
			packed[of][n] = true
		}
	}
	return packed
}

// goodOf returns what of a file goes to who has some of it, and of which some is packed.
func (f *Freight) goodOf(of fileName, s wire.Stock, packed []bool, all bool) good {
	g := good{fileName: of, last: s.Nameless, begun: s.Pieces != nil && !all}
	if s.Whole && !all {
		return g
	}
	held, err := f.host.Store.Files().Pieces(of.root)
	if err != nil || len(held) != wire.Pieces(of.size) {
		return g
	}
	g.goes = make([]bool, len(held))
	for n := range held {
		has := !all && n < len(s.Pieces) && s.Pieces[n] || n < len(packed) && packed[n]
		g.goes[n] = held[n] && !has
	}
	return g
}

func (p *Parcel) add(g good) {
	p.goods = append(p.goods, g)
	p.Files++
	for n, goes := range g.goes {
		if goes {
			p.Bytes += int64(wire.PieceLength(g.size, n))
		}
	}
}

// Send sends the pieces, in front of those of a file of which the addressee has nothing the
// list of them. A file that the disk does not read is left out, and told of here.
func (p *Parcel) Send(send func(wire.FileWord) error) error {
	for _, g := range p.goods {
		if err := p.sendOne(g, send); err != nil {
			return err
		}
	}
	return nil
}

func (p *Parcel) sendOne(g good, send func(wire.FileWord) error) error {
	source, done, err := p.source(g)
	if err != nil {
		return nil
	}
	defer done()
	if !g.begun && len(g.goes) > 1 {
		list, err := p.freight.host.Store.Files().List(g.root)
		if err != nil || wire.FileRoot(g.size, list) != g.root {
			return nil
		}
		for part := range wire.ListParts(g.size) {
			if err := send(wire.PartOf(g.root, g.size, list, part)); err != nil {
				return err
			}
		}
	}
	for n, goes := range g.goes {
		if !goes {
			continue
		}
		b, err := source(n)
		if err != nil {
			return nil
		}
		if err := send(wire.Piece{Root: g.root, Size: g.size, Number: n, Bytes: b}); err != nil {
			return err
		}
	}
	return nil
}

// source returns what reads the pieces of a file: one that is whole is opened once.
func (p *Parcel) source(g good) (piece func(n int) ([]byte, error), done func(), err error) {
	files := p.freight.host.Store.Files()
	if !files.Has(g.root, g.size) {
		return func(n int) ([]byte, error) { return files.Piece(g.root, n) }, func() {}, nil
	}
	c, err := files.Open(g.root)
	if err != nil {
		return nil, nil, err
	}
	return c.Piece, func() { c.Close() }, nil
}
