package freight

import (
	"fmt"
	"slices"
	"time"

	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/wire"
)

// Arrival takes what a letter brings of files. A piece is taken if a record here names its
// file and it is to come here; of the rest only that it came is counted.
type Arrival struct {
	Words []wire.FileWord // what the letter says of files beside pieces
	Files int             // came whole
	New   uint64          // pieces that were new here
	Known uint64          // pieces that were here already
	Stray uint64          // pieces of what no record here names, or is not to come here
	Loose uint64          // pieces of files whose list did not come
	Told  []string        // what was not taken, and why

	freight *Freight
	from    policy.Device
	size    int // of the words
	at      *incoming
	begun   []wire.Hash // files of which pieces came and some are missing
}

// incoming is the file of which pieces are coming.
type incoming struct {
	fileName
	store.Wanted        // a reference to it; none where it does not come here
	wanted       bool   // it is to come here
	have         []bool // nil until it was begun here
	list         []wire.Hash
	parts        int  // of the list, that came
	shut         bool // nothing more of it is taken from this letter
	fresh        bool // something new of it came
}

// Arrive begins to take what a letter of a device brings.
func (f *Freight) Arrive(from policy.Device) *Arrival { return &Arrival{freight: f, from: from} }

// Take takes one word.
func (a *Arrival) Take(m wire.FileWord) {
	a.freight.mu.Lock()
	defer a.freight.mu.Unlock()
	switch m := m.(type) {
	case wire.List:
		a.list(m)
	case wire.Piece:
		a.piece(m)
	default:
		if a.size += len(wire.EncodeFileWord(m)); a.size <= letterBytes && len(a.Words) < letterWords {
			a.Words = append(a.Words, m)
		}
	}
}

// Anew forgets what was said of files beside pieces: it is said again.
func (a *Arrival) Anew() { a.Words, a.size = nil, 0 }

// turn returns the file of which something comes.
func (a *Arrival) turn(of fileName) *incoming {
	if a.at != nil && a.at.fileName == of {
		return a.at
	}
	a.leave()
	in, f := &incoming{fileName: of}, a.freight
	a.at = in
	f.host.Store.Referring(of.root, func(w store.Wanted) bool {
		if w.Size == of.size && f.wants(w) && f.host.Self.MayHold(w.Space) {
			in.Wanted, in.wanted = w, true
		}
		return !in.wanted
	})
	have, err := f.keep.Pieces(of.root)
	in.shut = err != nil
	if len(have) == wire.Pieces(of.size) {
		in.have = have
	}
	return in
}

// leave notes a file that did not come whole, for who asks for it by a link.
func (a *Arrival) leave() {
	if a.at != nil && a.at.fresh && slices.Contains(a.at.have, false) {
		a.begun = append(a.begun, a.at.fileName.root)
	}
}

// list takes a part of a file's list. Its parts come in order, in front of the pieces.
func (a *Arrival) list(m wire.List) {
	in := a.turn(fileName{m.Root, m.Size})
	if in.shut || !in.wanted || in.have != nil || m.Part != in.parts {
		return
	}
	if !m.Proven(m.Size) {
		a.decline(in, wire.WhyUnproven, "the list of its pieces is not the file's")
		return
	}
	in.list, in.parts = append(in.list, m.Hashes...), in.parts+1
	if in.parts == wire.ListParts(m.Size) {
		a.begin(in, in.list)
	}
}

func (a *Arrival) begin(in *incoming, list []wire.Hash) {
	in.list = nil
	of, keep := in.fileName, a.freight.keep
	err := keep.Begin(of.root, of.size, list)
	if err == nil {
		in.have, err = keep.Pieces(of.root)
	}
	if err == nil && len(in.have) != wire.Pieces(of.size) { // the disk lost it at once
		err = store.ErrNoFile
	}
	if err != nil {
		in.have = nil
		a.decline(in, wire.WhyRoom, err.Error())
	}
}

func (a *Arrival) piece(m wire.Piece) {
	in := a.turn(fileName{m.Root, m.Size})
	switch {
	case in.have != nil && in.have[m.Number]:
		a.Known++
		return
	case in.shut:
		return
	case !in.wanted:
		a.Stray++
		return
	case in.have == nil && wire.Pieces(m.Size) > 1:
		a.Loose++
		return
	}
	if in.have == nil {
		list := []wire.Hash{wire.PieceHash(m.Bytes)}
		if wire.FileRoot(m.Size, list) != m.Root {
			a.decline(in, wire.WhyUnproven, "its only piece is not the file's")
			return
		}
		if a.begin(in, list); in.shut {
			return
		}
	}
	fits, whole, err := a.freight.keep.Put(m.Root, m.Number, m.Bytes)
	switch {
	case err != nil:
		a.decline(in, wire.WhyRoom, err.Error())
	case !fits:
		a.decline(in, wire.WhyUnproven, fmt.Sprintf("piece %d is not the file's", m.Number))
	default:
		a.New++
		in.have[m.Number], in.fresh = true, true
		if whole {
			a.Files++
		}
	}
}

// decline notes that nothing more of a file is taken from this letter, and why: for a person
// here, and for the letter's writer with the next one to it.
func (a *Arrival) decline(in *incoming, why wire.Why, reason string) {
	in.shut = true
	a.freight.keep.Declined(a.from.Index, wire.Decline{Root: in.fileName.root, Why: why, Reason: reason})
	if len(a.Told) < declinesMax {
		a.Told = append(a.Told, fmt.Sprintf("a photo or file of record %s in %s: %s", in.Record, in.Space, reason))
	}
}

// Close ends the taking: who asks others for the same files knows of what came.
func (a *Arrival) Close() {
	f := a.freight
	f.mu.Lock()
	defer f.mu.Unlock()
	a.leave()
	for _, root := range a.begun {
		f.seeker.Came(root)
	}
	a.at, a.begun = nil, nil
	f.changed.Ring()
}

// Heard takes a machine's latest word on files, of a moment of its clock: at a box the
// county's receipts, and anywhere what of this machine's was not taken. It returns what a
// person is to be told.
func (f *Freight) Heard(from policy.Device, words []wire.FileWord, at time.Time) (receipts int, told []string, err error) {
	f.Recall(from, words)
	for _, m := range words {
		if d, ok := m.(wire.Decline); ok && f.gave(d.Root) {
			told = append(told, fmt.Sprintf("%s did not take %s: %s", from.Name, f.photo(d.Root), d.Reason))
		}
	}
	if f.host.hub() || from.Role != policy.Hub {
		return 0, told, nil
	}
	files, held, nameless, err := f.answersIn(words)
	for _, of := range nameless {
		told = append(told, fmt.Sprintf("the county has no record yet that names %s: it goes once it has that", f.photo(of.root)))
	}
	if err != nil {
		return 0, told, err
	}
	f.mu.Lock()
	f.letter = at.UnixMilli()
	f.mu.Unlock()
	return len(held), told, f.receive(files, held, at)
}

// Carried returns when the county said that it has a file, in ms since 1970, if it was the
// latest letter since the start that said so, and 0 else.
func (f *Freight) Carried(root wire.Hash, size int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at := f.host.Store.ConfirmedAt(root, size); at == f.letter {
		return at
	}
	return 0
}

// Recall takes from what a machine's latest letter said of files what it did not take.
func (f *Freight) Recall(from policy.Device, words []wire.FileWord) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.declines.carry(from.Index, words, f.gave)
}

// photo says what a file is to people.
func (f *Freight) photo(root wire.Hash) (said string) {
	said = fmt.Sprintf("the file %x", root[:8])
	f.host.Store.Referring(root, func(w store.Wanted) bool {
		said = fmt.Sprintf("a photo or file of record %s in %s", w.Record, w.Space)
		return false
	})
	return said
}

// answersIn returns of which files the county says whether it has them: those that records
// here name and that it has, or that this box has or owes.
func (f *Freight) answersIn(words []wire.FileWord) (files []store.Wanted, held map[wire.Hash]bool, nameless []fileName, err error) {
	owed, err := f.host.Store.Owed()
	owes := map[fileName]bool{}
	for _, o := range owed {
		owes[fileName{o.Root, o.Size}] = true
	}
	held = map[wire.Hash]bool{}
	for _, m := range words {
		s, ok := m.(wire.Stock)
		if !ok {
			continue
		}
		of := fileName{s.Root, s.Size}
		w, named := f.named(of)
		if !named || !s.Whole && !owes[of] && !f.host.Store.Files().Has(s.Root, s.Size) {
			continue
		}
		if s.Nameless {
			nameless = append(nameless, of)
		}
		if files = append(files, w); s.Whole {
			held[s.Root] = true
		}
	}
	return files, held, nameless, err
}
