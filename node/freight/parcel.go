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
