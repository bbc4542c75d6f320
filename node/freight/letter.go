package freight

import (
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
