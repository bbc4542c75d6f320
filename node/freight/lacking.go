package freight

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// lacking is a file that records refer to and that is to come here.
type lacking struct {
	root    wire.Hash
	size    int64
	preview bool
	spaces  []crdt.Space    // of records that refer to it
	record  crdt.RecordID   // one of them
	authors map[uint32]bool // devices that wrote that they have it
	since   time.Time       // when it was first found to be lacking, since the start
}

// fileName names a file: who writes a record may announce a root with another size than
// it was made with.
type fileName struct {
	root wire.Hash
	size int64
}

// refers notes a reference to a file, unless the file is here or not wanted. One that
// announces what is here with another size names nothing; but it may be that the end of what is here
// has gone.
// f.mu is held.
func (f *Freight) refers(w store.Wanted, author uint32) {
	files := f.host.Store.Files()
	if size := files.Size(w.Root); size == w.Size && size > 0 || size > 0 && files.Measure(w.Root) > 0 || !f.wants(w) {
		return
	}
	name := fileName{w.Root, w.Size}
	l := f.lacks[name]
	if l == nil {
		l = &lacking{root: w.Root, size: w.Size, authors: map[uint32]bool{}, since: time.Now()}
		f.lacks[name] = l
	}
	l.preview = l.preview || w.Preview
	l.record = w.Record
	if !slices.Contains(l.spaces, w.Space) {
		l.spaces = append(l.spaces, w.Space)
	}
	if author != 0 {
		l.authors[author] = true
	}
}

// wants reports whether a file is to come here: previews always, originals where
// the configuration says so or a person asked to see one, and what was here and is
// damaged.
func (f *Freight) wants(w store.Wanted) bool {
	return w.Preview || f.host.Store.Files().IsHurt(w.Root) || f.host.Originals || f.asked[w.Root]
}

// refersAll notes all that a record refers to.
func (f *Freight) refersAll(space crdt.Space, id crdt.RecordID, rec crdt.Record) {
	for _, c := range rec.Cells {
		for _, e := range c.Entries {
			a, ok := e.Value.Attachment()
			if !ok {
				continue
			}
			author := e.Dot.Writer.Device()
			f.refers(store.Wanted{Root: a.Root, Size: a.Size, Space: space, Record: id}, author)
			if p := a.Preview; p != (crdt.File{}) {
				f.refers(store.Wanted{Root: p.Root, Size: p.Size, Preview: true, Space: space, Record: id}, author)
			}
		}
	}
}

// Noted takes what a commit changed. It is called while the store commits, so it
// leaves the looking to others.
func (f *Freight) Noted(changes []store.Change) {
	if f == nil {
		return
	}
	f.inbox.Lock()
	defer f.inbox.Unlock()
	for _, c := range changes {
		if _, originals := c.After.Files(); len(originals) > 0 {
			f.news = append(f.news, c)
		}
	}
	if len(f.news) > 0 {
		f.changed.Ring()
	}
}

// askedMax bounds the originals that people asked to see since the start.
const askedMax = 10_000

// Show has an original fetched that a person asked to see.
func (f *Freight) Show(root wire.Hash) {
	var found []store.Wanted
	err := f.host.Store.Referring(root, func(w store.Wanted) bool {
		found = append(found, w)
		return true
	})
	if err != nil || len(found) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) >= askedMax {
		clear(f.asked)
	}
	f.asked[root] = true
	for _, w := range found {
		f.refers(w, 0)
	}
	f.changed.Ring()
}

// takeNews notes what the commits since the last time refer to.
func (f *Freight) takeNews() {
	f.inbox.Lock()
	news := f.news
	f.news = nil
	f.inbox.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range news {
		f.refersAll(c.Space, c.ID, c.After)
		f.brings(c.After)
	}
}

// brings has the county asked about the files that this box's own people added: it may have
// them from elsewhere, and then no replica asks for them here, or says that it needs nothing more.
// f.mu is held.
func (f *Freight) brings(rec crdt.Record) {
	for _, c := range rec.Cells {
		for _, e := range c.Entries {
			a, ok := e.Value.Attachment()
			if !ok || e.Dot.Writer.Device() != f.host.Self.Index {
				continue
			}
			f.receipts.due[a.Root] = true
			if a.Preview != (crdt.File{}) {
				f.receipts.due[a.Preview.Root] = true
			}
			f.receipts.poke.Ring()
		}
	}
}

// rescan finds out anew what is lacking: at the start, when a snapshot has
// replaced the records, and now and then, since records let go of files.
func (f *Freight) rescan() error {
	var found []store.Wanted
	err := f.host.Store.Missing(func(w store.Wanted) bool {
		found = append(found, w)
		return true
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	before := maps.Clone(f.lacks)
	clear(f.lacks)
	for _, w := range found {
		f.refers(w, 0)
	}
	var again []*lacking
	for name, l := range f.lacks {
		if b := before[name]; b != nil {
			l.since, l.authors = b.since, b.authors
		} else {
			again = append(again, l)
		}
	}
	f.mu.Unlock()
	return f.askAuthors(again)
}

// askAuthors looks up who wrote that they have files: to a box that writes for an
// area which it does not hold nobody else leads.
func (f *Freight) askAuthors(files []*lacking) error {
	for _, l := range files {
		rec, err := f.host.Store.Record(l.spaces[0], l.record)
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.refersAll(l.spaces[0], l.record, rec)
		f.mu.Unlock()
	}
	return nil
}

// wishes returns what is lacking, the most urgent first: previews, then what a
// person waits for, then the small. f.mu is held.
func (f *Freight) wishes() []pieces.Wish {
	all := slices.SortedFunc(maps.Values(f.lacks), func(a, b *lacking) int {
		return cmp.Or(f.rank(a)-f.rank(b), cmp.Compare(a.size, b.size), bytes.Compare(a.root[:], b.root[:]))
	})
	wishes := make([]pieces.Wish, len(all))
	for i, l := range all {
		wishes[i] = pieces.Wish{Root: l.root, Size: l.size, From: func(d uint32) bool { return f.mayTrade(f.host.Peers.Device(d), l) }}
	}
	return wishes
}

func (f *Freight) rank(l *lacking) int {
	switch {
	case l.preview:
		return 0
	case f.asked[l.root]:
		return 1
	}
	return 2
}
