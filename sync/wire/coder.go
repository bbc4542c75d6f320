package wire

import "fmt"

// coder is a binary arithmetic coder that writes or reads: whoever walks a
// content with it describes both directions at once. Writing, it takes each
// answer and returns it; reading, it returns the answer that was written. After
// the first fault every answer is 0, and err says what was wrong.
type coder struct {
	low, high uint32 // the interval that is left
	at        uint32 // reading: the next 32 bits
	b         []byte // writing: what is done; reading: what is left
	reading   bool
	err       error
}

func newWriter(b []byte) *coder { return &coder{high: 1<<32 - 1, b: b} }

func newReader(b []byte) *coder {
	c := &coder{high: 1<<32 - 1, b: b, reading: true}
	for range 4 {
		c.take()
	}
	return c
}

func (c *coder) fail(what string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", ErrFormat, what)
	}
}

// take moves the next byte into the window.
func (c *coder) take() {
	if len(c.b) == 0 {
		c.fail("a packed chunk cut short")
		return
	}
	c.at = c.at<<8 | uint32(c.b[0])
	c.b = c.b[1:]
}

// bit codes one answer whose chance of being 1 is p of 65536, neither 0 nor all.
func (c *coder) bit(p uint32, answer int) int {
	if c.err != nil {
		return 0
	}
	middle := c.low + uint32(uint64(c.high-c.low)*uint64(p)>>16)
	if c.reading {
		answer = 0
		if c.at <= middle {
			answer = 1
		}
	}
	if answer == 1 {
		c.high = middle
	} else {
		c.low = middle + 1
	}
	for (c.low^c.high)>>24 == 0 {
		c.shift()
	}
	return answer
}

// shift drops the leading byte, on which both ends of the interval agree.
func (c *coder) shift() {
	if c.reading {
		c.take()
	} else {
		c.b = append(c.b, byte(c.high>>24))
	}
	c.low, c.high = c.low<<8, c.high<<8|0xff
}

// plain codes n bits of v that nothing predicts.
func (c *coder) plain(v uint64, n int) uint64 {
	var out uint64
	for n--; n >= 0; n-- {
		out = out<<1 | uint64(c.bit(1<<15, int(v>>n&1)))
	}
	return out
}

// end returns what was written; reading, it fails unless all was read.
func (c *coder) end() []byte {
	if c.reading {
		if len(c.b) > 0 {
			c.fail("a packed chunk longer than its content")
		}
		return nil
	}
	return append(c.b, byte(c.high>>24), byte(c.high>>16), byte(c.high>>8), byte(c.high))
}
