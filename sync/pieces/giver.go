package pieces

import (
	"fmt"
	"maps"
	"slices"

	"wangge/sync/wire"
)

// Shelf is where the files of a machine are that gives.
type Shelf interface {
	// Has reports whether a file is here whole.
	Has(root wire.Hash, size int64) bool
	// Sound is like Has, but all of the file is read first.
	Sound(root wire.Hash, size int64) bool
	// Pieces returns which pieces of a file are here; nil for none.
	Pieces(root wire.Hash) ([]bool, error)
	// List returns the hashes of a file's pieces, if any of it is here.
	List(root wire.Hash) ([]wire.Hash, error)
	// Piece returns a piece, of which every byte was checked.
	Piece(root wire.Hash, number int) ([]byte, error)
}

// askedMax bounds the files that one device may lack at a time.
const askedMax = 1 << 16

// Giver answers one device that asks. It reads a piece when it is its turn to be
// sent, so that what is asked for costs little until then. Its methods must not
// run at the same time.
type Giver struct {
	shelf Shelf
	may   func(root wire.Hash) bool
	asked map[name]want
	says  []wire.FileWord
	due   []errand
}

// want is a file that the device lacks.
type want struct {
	held []bool // what it was told that is here; nil for all and for nothing
	told int    // how many pieces
}

// errand is something to be read and sent: a piece, or a part of a list.
type errand struct {
	name
	list   bool
	number int
}

// NewGiver returns one for a device that may have the files for which may is true.
// Of others it learns no more than of those that are not here.
func NewGiver(s Shelf, may func(root wire.Hash) bool) *Giver {
	return &Giver{shelf: s, may: may, asked: map[name]want{}}
}

// Step takes the device's word. An error ends the conversation.
func (g *Giver) Step(m wire.FileWord) error {
	switch m := m.(type) {
	case wire.Ask:
		return g.ask(m)
	case wire.Stock:
		of := name{m.Root, m.Size}
		delete(g.asked, of)
		g.due = slices.DeleteFunc(g.due, func(e errand) bool { return e.name == of })
		g.unsay(of)
		return nil
	case wire.Decline: // is for a person
		return nil
	}
	return fmt.Errorf("a %T from who asks for files", m)
}

// Say has a Stock sent that was found out elsewhere: an answer to an Ask for most.
func (g *Giver) Say(s wire.Stock) {
	g.unsay(name{s.Root, s.Size})
	g.says = append(g.says, s)
}

func (g *Giver) ask(m wire.Ask) error {
	of := name{m.Root, m.Size}
	w, known := g.asked[of]
	if len(g.asked) >= askedMax || len(g.due)+len(m.Pieces) > 2*wire.AskMax {
		return fmt.Errorf("%d files and %d pieces are asked for at a time", len(g.asked), len(g.due)+len(m.Pieces))
	}
	if !known || m.Sure {
		w = g.tell(g.stock(m))
	}
	if w.told == 0 || m.List == 0 && len(m.Pieces) == 0 || !g.may(m.Root) {
		return nil
	}
	if m.List > 0 {
		g.add(errand{of, true, m.List - 1})
	}
	for _, n := range m.Pieces {
		if w.held == nil || w.held[n] {
			g.add(errand{of, false, n})
		}
	}
	return nil
}

// add puts an errand behind those of files that are no larger: a preview does not
// wait for an original.
func (g *Giver) add(e errand) {
	at := len(g.due)
	for at > 0 && g.due[at-1].size > e.size {
		at--
	}
	g.due = slices.Insert(g.due, at, e)
}

// stock says what is here of a file: nothing of one that the disk does not read.
func (g *Giver) stock(m wire.Ask) wire.Stock {
	s := wire.Stock{Root: m.Root, Size: m.Size}
	if m.Sure { // who is to let go of a file may be entitled to it no more: it is told no more than this
		s.Whole = g.shelf.Sound(m.Root, m.Size)
		return s
	}
	if !g.may(m.Root) {
		return s
	}
	if g.shelf.Has(m.Root, m.Size) {
		s.Whole = true
		return s
	}
	held, err := g.shelf.Pieces(m.Root)
	if err == nil && len(held) == wire.Pieces(m.Size) && slices.Contains(held, true) && g.measures(m) {
		s.Pieces = held
	}
	return s
}

// measures reports whether a file has the size for which it is asked: of one that a
// record announces with another nothing would fit.
func (g *Giver) measures(m wire.Ask) bool {
	list, err := g.shelf.List(m.Root)
	return err == nil && wire.FileRoot(m.Size, list) == m.Root
}

// Look looks again at what the device lacks, as when a file has come or a record
// that refers to one, and says what is here by now.
func (g *Giver) Look() {
	for _, of := range slices.SortedFunc(maps.Keys(g.asked), name.compare) {
		if s := g.stock(wire.Ask{Root: of.root, Size: of.size}); countOf(s) > g.asked[of].told {
			g.tell(s)
		}
	}
}

// countOf returns how many pieces a Stock says are held.
func countOf(s wire.Stock) (n int) {
	if s.Whole {
		return wire.Pieces(s.Size)
	}
	for _, held := range s.Pieces {
		if held {
			n++
		}
	}
	return n
}

// Next returns the next word to send, and false when there is none. Of a file that
// cannot be read nothing is here.
func (g *Giver) Next() (wire.FileWord, bool) {
	if len(g.says) == 0 && len(g.due) > 0 {
		e := g.due[0]
		g.due = g.due[1:]
		m, err := g.fetch(e)
		if err == nil {
			return m, true
		}
		g.tell(wire.Stock{Root: e.root, Size: e.size})
	}
	if len(g.says) == 0 {
		return nil, false
	}
	m := g.says[0]
	g.says = g.says[1:]
	return m, true
}

// tell says what is here of a file. If that is nothing, all that was asked of it
// is void.
func (g *Giver) tell(s wire.Stock) want {
	of := name{s.Root, s.Size}
	w := want{s.Pieces, countOf(s)}
	if w.told == 0 {
		g.due = slices.DeleteFunc(g.due, func(e errand) bool { return e.name == of })
	}
	g.asked[of] = w
	g.unsay(of)
	g.says = append(g.says, s)
	return w
}

// unsay takes back what was to be said of a file and was not yet: who asks again and
// again, and does not listen, fills no memory.
func (g *Giver) unsay(of name) {
	g.says = slices.DeleteFunc(g.says, func(m wire.FileWord) bool {
		s, ok := m.(wire.Stock)
		return ok && of == name{s.Root, s.Size}
	})
}

func (g *Giver) fetch(e errand) (wire.FileWord, error) {
	if e.list {
		list, err := g.shelf.List(e.root)
		if err != nil || e.number >= wire.ListParts(e.size) || len(list) != wire.Pieces(e.size) {
			return nil, fmt.Errorf("no such list: %v", err)
		}
		return wire.PartOf(e.root, e.size, list, e.number), nil
	}
	b, err := g.shelf.Piece(e.root, e.number)
	return wire.Piece{Root: e.root, Size: e.size, Number: e.number, Bytes: b}, err
}
