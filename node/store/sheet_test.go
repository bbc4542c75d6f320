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
