package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"math/bits"
	"slices"
)

// pages reads a bbolt file without trusting it. bbolt itself panics on a damaged
// page, or runs in circles, and can go no further; here such a page is told to
// damaged and passed over, so that what lies behind it can still be read.
//
// Source: bbolt's own page layout (go.etcd.io/bbolt, version 2 of its format).
// Numbers are in the machine's order; both of ours are little-endian.
type pages struct {
	file  io.ReaderAt
	size  int64 // of a page, in bytes
	meta  pageMeta
	whole int           // how many of the two meta pages are
	trees map[string]at // the buckets
	owner []uint32      // of each page that was reached: the one of which it is, or which it overflows
	// shared says which page is two pages', if one is: it would go with the first that is written anew.
	shared error

	damaged func(part string, err error)
	read    func(bytes int64) // is told of progress
}

// at is where a bucket begins: on a page, or for a small one in these bytes.
type at struct {
	page   uint64
	inline []byte
}

// pageMeta is what bbolt's meta page says. A commit ends with it.
type pageMeta struct{ size, root, free, end, commit uint64 }

const (
	branchPage = 1
	leafPage   = 2
	freePage   = 16
	headerSize = 16 // of a page: id, flags, count, overflow
	itemSize   = 16 // of an element's entry in a page
	depthMax   = 32 // levels of a tree; a thousand million records take 6
	noFreePage = ^uint64(0)
	noOwner    = ^uint32(0) // of a free page
	// partWhole names the file itself where others name a bucket.
	partWhole = "file"
)

// openPages finds the newest meta page, and behind it the buckets.
func openPages(file io.ReaderAt, damaged func(part string, err error), read func(bytes int64)) (*pages, error) {
	p := &pages{file: file, damaged: damaged, read: read, trees: map[string]at{}}
	first, ok := readMeta(file, 0)
	if ok {
		p.meta, p.whole = first, 1
	}
	for size := int64(1024); size <= 64<<10; size *= 2 {
		m, ok := readMeta(file, size)
		if !ok || m.size != uint64(size) || p.whole > 0 && first.size != m.size {
			continue
		}
		p.whole++
		if m.commit > p.meta.commit || p.whole == 1 {
			p.meta = m
		}
		break
	}
	if p.whole == 0 {
		return nil, errors.New("neither of the file's two meta pages can be read: this is no store, or its beginning is lost")
	}
	p.size = int64(p.meta.size)
	p.owner = make([]uint32, min(p.meta.end, 1<<32))
	return p, p.findBuckets()
}

// readMeta reads the meta page at a place and checks its sum.
func readMeta(file io.ReaderAt, place int64) (pageMeta, bool) {
	b := make([]byte, headerSize+64)
	if _, err := file.ReadAt(b, place); err != nil {
		return pageMeta{}, false
	}
	b = b[headerSize:]
	h := fnv.New64a()
	h.Write(b[:56])
	n := binary.LittleEndian.Uint64
	m := pageMeta{uint64(binary.LittleEndian.Uint32(b[8:])), n(b[16:]), n(b[32:]), n(b[40:]), n(b[48:])}
	magic := binary.LittleEndian.Uint32(b) == 0xED0CDAED && binary.LittleEndian.Uint32(b[4:]) == 2
	return m, magic && n(b[56:]) == h.Sum64() && bits.OnesCount64(m.size) == 1
}

func (p *pages) findBuckets() error {
	w := walk{pages: p, part: partWhole, bucket: true, yield: func(k, v []byte) error {
		if len(v) < headerSize {
			p.damaged(partWhole, fmt.Errorf("bucket %q has no beginning", k))
			return nil
		}
		if !isBucket(k) {
			p.damaged(partWhole, fmt.Errorf("it has a part %q, which is none of a store's: one of those lost its name", k))
		}
		p.trees[string(k)] = at{binary.LittleEndian.Uint64(v), v[headerSize:]}
		return nil
	}}
	return w.page(p.meta.root, nil, nil, 0)
}

// each calls yield with a bucket's keys from from on and below to, in order;
// nil is no bound. What it hands out may be kept.
func (p *pages) each(bucket, from, to []byte, yield func(k, v []byte) error) error {
	tree, ok := p.trees[string(bucket)]
	if !ok {
		return nil
	}
	w := walk{pages: p, part: string(bucket), from: from, to: to, yield: yield}
	if tree.page != 0 {
		return w.page(tree.page, nil, nil, 0)
	}
	return w.content(sheet{data: tree.inline}, nil, nil, 0)
}

// get returns a key's value, or nil.
func (p *pages) get(bucket, key []byte) (value []byte) {
	p.each(bucket, key, append(slices.Clone(key), 0), func(_, v []byte) error { value = v; return nil })
	return value
}

// load reads a page with what overflows it.
func (p *pages) load(id uint64) (sheet, error) {
	if id < 2 || id >= uint64(len(p.owner)) {
		return sheet{}, fmt.Errorf("page %d is not in the file", id)
	}
	b := make([]byte, p.size)
	_, err := p.file.ReadAt(b, int64(id)*p.size)
	more := uint64(binary.LittleEndian.Uint32(b[12:]))
	if err == nil && binary.LittleEndian.Uint64(b) != id {
		err = errors.New("it says that it is another")
	}
	if err == nil && more >= uint64(len(p.owner))-id {
		err = errors.New("it is longer than the file")
	}
	if err == nil && more > 0 {
		b = make([]byte, p.size*int64(more+1))
		_, err = p.file.ReadAt(b, int64(id)*p.size)
	}
	if err != nil {
		return sheet{}, fmt.Errorf("page %d is damaged: %w", id, err)
	}
	p.read(int64(len(b)))
	p.own(id, more)
	return sheet{id, b}, nil
}

// own notes that a page and those that it overflows are in use.
func (p *pages) own(id, more uint64) {
	for i := id; i <= id+more; i++ {
		if o := p.owner[i]; o != 0 && o != uint32(id) {
			p.shared = fmt.Errorf("page %d is of page %d and of page %d", i, o, id)
		}
		p.owner[i] = uint32(id)
	}
}

// checkFree compares the list of free pages with those in use: writing into a
// page that is both would destroy it.
func (p *pages) checkFree() error {
	if _, err := p.file.ReadAt(make([]byte, 1), p.size*int64(p.meta.end)-1); err != nil { // bbolt maps what there is, and looks behind it
		return fmt.Errorf("the file ends before its last page, %d", p.meta.end-1)
	}
	if p.meta.free == noFreePage {
		return nil
	}
	pg, err := p.load(p.meta.free)
	if err != nil {
		return err
	}
	list, count := pg.data[headerSize:], uint64(pg.count())
	if count == 0xFFFF {
		list, count = list[8:], binary.LittleEndian.Uint64(list)
	}
	if p.shared != nil {
		return p.shared
	}
	if pg.flags() != freePage || count > uint64(len(list)/8) {
		return fmt.Errorf("page %d does not hold the list of free pages", pg.id)
	}
	for i := range count {
		id := binary.LittleEndian.Uint64(list[8*i:])
		if id < 2 || id >= uint64(len(p.owner)) || p.owner[id] != 0 {
			return fmt.Errorf("the list of free pages names page %d, which is in use, named twice or not in the file", id)
		}
		p.owner[id] = noOwner
	}
	return nil
}

// walk is one way through a bucket.
type walk struct {
	pages    *pages
	part     string
	bucket   bool // the keys are buckets' names
	from, to []byte
	yield    func(k, v []byte) error
}

func (w *walk) page(id uint64, low, high []byte, depth int) error {
	pg, err := w.pages.load(id)
	if err != nil {
		w.pages.damaged(w.part, err)
		return nil
	}
	return w.content(pg, low, high, depth)
}

// content goes through a page whose keys lie in [low, high). Pages narrow these
// bounds from the root down, so that no page can be met twice.
func (w *walk) content(pg sheet, low, high []byte, depth int) error {
	if err := pg.check(low, high, w.bucket); err != nil || depth > depthMax {
		w.pages.damaged(w.part, fmt.Errorf("page %d is damaged: %v", pg.id, err))
		return nil
	}
	for i := range pg.count() {
		k, next := pg.key(i), high
		if i+1 < pg.count() {
			next = pg.key(i + 1)
		}
		if w.to != nil && bytes.Compare(k, w.to) >= 0 {
			return nil
		}
		if w.from != nil && next != nil && bytes.Compare(next, w.from) <= 0 {
			continue
		}
		var err error
		if pg.flags() == branchPage {
			err = w.page(pg.child(i), k, next, depth+1)
		} else if bytes.Compare(k, w.from) >= 0 {
			err = w.yield(k, pg.value(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachLayered calls yield with a layer's keys as each does with a bucket's, from
// and to being spaces' numbers. A pack that cannot be read is damage.
func (p *pages) eachLayered(l layer, from, to []byte, yield func(k, v []byte) error) error {
	var failed error
	walk := func(bucket []byte, from []byte, open func(k, v []byte) []pair) iter.Seq2[[]byte, []byte] {
		return func(yield func(k, v []byte) bool) {
			err := p.each(bucket, from, to, func(k, v []byte) error {
				for _, pr := range open(k, v) {
					if !yield(pr.key, pr.value) {
						return errStop
					}
				}
				return nil
			})
			if !errors.Is(err, errStop) {
				failed = errors.Join(failed, err)
			}
		}
	}
	fresh := walk(l.fresh, from, func(k, v []byte) []pair { return []pair{{k, v}} })
	first := from
	if l.spans { // what is wanted may stand in a pack that begins before it
		first = nil
	}
	packed := walk(l.packs, first, func(k, v []byte) []pair {
		if pk, ok := splitPack(v); ok && bytes.Compare(pk.last, from) < 0 {
			return nil
		}
		pairs, err := l.open(k, v)
		if err != nil {
			p.damaged(string(l.packs), err)
		}
		return pairs
	})
	for k, v := range overlaid(fresh, packed) {
		if bytes.Compare(k, from) < 0 || to != nil && bytes.Compare(k, to) >= 0 {
			continue
		}
		if err := yield(k, v); err != nil {
			return err
		}
	}
	return failed
}
