package store

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// sheet is the bytes of one page, with those that overflow it. Only check may be called before check has passed.
type sheet struct {
	id   uint64
	data []byte
}

func (pg sheet) flags() int { return int(binary.LittleEndian.Uint16(pg.data[8:])) }
func (pg sheet) count() int { return int(binary.LittleEndian.Uint16(pg.data[10:])) }

// item returns the entry of element i: its place and sizes.
func (pg sheet) item(i int) []byte { return pg.data[headerSize+i*itemSize:][:itemSize] }

func (pg sheet) child(i int) uint64 { return binary.LittleEndian.Uint64(pg.item(i)[8:]) }

// span returns where key and value of element i begin and end; places count
// from the element's entry.
func (pg sheet) span(i int) (key, value, end uint64) {
	item, here := pg.item(i), uint64(headerSize+i*itemSize)
	n := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(item[at:])) }
	if pg.flags() == branchPage {
		key = here + n(0)
		return key, key + n(4), key + n(4)
	}
	key = here + n(4)
	return key, key + n(8), key + n(8) + n(12)
}

func (pg sheet) key(i int) []byte {
	key, value, _ := pg.span(i)
	return pg.data[key:value:value]
}

func (pg sheet) value(i int) []byte {
	_, value, end := pg.span(i)
	return pg.data[value:end:end]
}

// check reports why a page cannot be part of a tree, with keys in [low, high).
func (pg sheet) check(low, high []byte, bucket bool) error {
	if len(pg.data) < headerSize {
		return errors.New("it is too short")
	}
	if binary.LittleEndian.Uint64(pg.data) != pg.id { // one that stands in its bucket's entry is page 0
		return errors.New("it says that it is another")
	}
	if f := pg.flags(); f != leafPage && (f != branchPage || pg.count() == 0) {
		return errors.New("it is no page of a tree")
	}
	if headerSize+pg.count()*itemSize > len(pg.data) {
		return errors.New("it counts more keys than it has room for")
	}
	if err := pg.checkCount(); err != nil {
		return err
	}
	last, closed := low, true // the first key may equal low
	for i := range pg.count() {
		if pg.flags() == leafPage && (binary.LittleEndian.Uint32(pg.item(i)) == 1) != bucket {
			return errors.New("a bucket stands among values, or a value among buckets")
		}
		k := pg.key(i)
		if len(k) == 0 {
			return errors.New("a key is empty")
		}
		if i == 0 && low != nil && !bytes.Equal(k, low) { // bbolt would enter the page twice
			return errors.New("its first key is not the one by which it is found")
		}
		if order := bytes.Compare(k, last); order < 0 || order == 0 && !closed || high != nil && bytes.Compare(k, high) >= 0 {
			return errors.New("its keys are out of order")
		}
		last, closed = k, false
	}
	return nil
}

// checkCount reports whether a page lost or gained entries without a trace. bbolt writes keys and
// values one behind another, and the first behind the last entry, so that where it lies says how many
// there were; a page of nothing is empty.
func (pg sheet) checkCount() error {
	at := uint64(headerSize + pg.count()*itemSize)
	if pg.count() == 0 && len(bytes.Trim(pg.data[at:], "\x00")) > 0 {
		return errors.New("it counts no keys, and there are some")
	}
	for i := range pg.count() {
		key, _, end := pg.span(i)
		if end > uint64(len(pg.data)) {
			return errors.New("a key or value lies outside it")
		}
		if key != at {
			return errors.New("its keys and values do not lie one behind another")
		}
		at = end
	}
	return nil
}
