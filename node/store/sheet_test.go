package store

import (
	"encoding/binary"
	"strings"
	"testing"
)

// A branch that calls its first page by another key has bbolt enter that page twice.
func TestAPageIsFoundByItsFirstKeyAndNoKeyIsEmpty(t *testing.T) {
	for _, c := range []struct {
		kind      int
		key, says string
	}{
		{branchPage, "m", ""}, {leafPage, "m", ""},
		{branchPage, "n", "not the one by which it is found"}, {leafPage, "n", "not the one by which it is found"},
		{leafPage, "", "a key is empty"}, {branchPage, "", "a key is empty"},
	} {
		err := pageOf(c.kind, c.key).check([]byte("m"), []byte("z"), false)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("page of kind %d that begins with %q: %v", c.kind, c.key, err)
		}
	}
}

// A count is two bytes of a page, of which some bits may be lost as any others may.
func TestAPageThatCountsFewerOrMoreKeysThanItHasIsDamaged(t *testing.T) {
	for _, kind := range []int{branchPage, leafPage} {
		for _, count := range []uint16{0, 2, 3, 1 << 12} {
			pg := pageOf(kind, "m")
			pg.data = append(pg.data, make([]byte, 4*itemSize)...)
			if err := pg.check(nil, nil, false); err != nil {
				t.Fatal(err)
			}
			binary.LittleEndian.PutUint16(pg.data[10:], count)
			if pg.check(nil, nil, false) == nil {
				t.Errorf("a page of kind %d with one key may count %d", kind, count)
			}
		}
	}
	empty := sheet{7, append(pageOf(leafPage, "m").data[:headerSize:headerSize], make([]byte, 64)...)}
	binary.LittleEndian.PutUint16(empty.data[10:], 0)
	if err := empty.check(nil, nil, false); err != nil {
		t.Errorf("an empty page is %v", err)
	}
}

// pageOf returns page 7 with one key.
func pageOf(kind int, key string) sheet {
	b := make([]byte, headerSize+itemSize)
	binary.LittleEndian.PutUint64(b, 7)
	binary.LittleEndian.PutUint16(b[8:], uint16(kind))
	binary.LittleEndian.PutUint16(b[10:], 1)
	place := 0 // in an entry: a branch's begins with it, a leaf's with its flags
	if kind == leafPage {
		place = 4
	}
	binary.LittleEndian.PutUint32(b[headerSize+place:], itemSize)
	binary.LittleEndian.PutUint32(b[headerSize+place+4:], uint32(len(key)))
	return sheet{7, append(b, key...)}
}
