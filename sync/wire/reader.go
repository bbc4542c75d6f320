package wire

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// reader takes values off the front of b. After the first fault it returns
// zeros, and err says what was wrong; callers look once, at the end.
type reader struct {
	b     []byte
	whole string // of which b is the rest, where values are parts of it; "" where each is a text of its own
	err   error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrFormat, what)
	}
	r.b = nil
}

// check fails unless ok.
func (r *reader) check(ok bool, what string) {
	if !ok {
		r.fail(what)
	}
}

// end returns the first fault; bytes left over are one.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail(fmt.Sprintf("%d bytes too many", len(r.b)))
	}
	return r.err
}

// uint takes a varint of at most limit in its shortest form; every number has
// one spelling, so that equal content has equal bytes.
func (r *reader) uint(what string, limit uint64) uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || size > 1 && r.b[size-1] == 0 || n > limit {
		r.fail(what)
		return 0
	}
	r.b = r.b[size:]
	return n
}

// count takes the length of a list of at most limit items, each of which takes
// at least size bytes: a count that the rest cannot hold is refused before
// anything is made for it.
func (r *reader) count(what string, limit, size int) int {
	n := int(r.uint(what, uint64(limit)))
	if n*size > len(r.b) {
		r.fail(what)
		return 0
	}
	return n
}

func (r *reader) byte(what string) byte {
	if len(r.b) == 0 {
		r.fail(what)
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// bytes takes exactly n bytes; the result is a part of the input.
func (r *reader) bytes(what string, n int) []byte {
	if n > len(r.b) {
		r.fail(what)
		return nil
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

// sized takes a length of at most limit and that many bytes.
func (r *reader) sized(what string, limit int) []byte {
	return r.bytes(what, int(r.uint(what, uint64(limit))))
}

// text takes what sized takes and fails if it is not UTF-8.
func (r *reader) text(what string, limit int) string {
	s := string(r.sized(what, limit))
	r.check(utf8.ValidString(s), what)
	return s
}
