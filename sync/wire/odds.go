package wire

import "math/bits"

// odds is what was learned of one yes or no: it moves towards every answer, at
// first by much, later by little.
type odds struct {
	p uint16 // chance of a 1, of 65536, less a half: the zero value knows nothing
	n uint8  // answers seen, up to oddsMax
}

const (
	oddsMax  = 60
	oddsEdge = 24 // nothing is ever quite certain
)

// pace[n] is the part of 65536 by which the odds move after n answers.
var pace = func() (t [oddsMax + 1]int32) {
	for n := range t {
		t[n] = 65536 * 2 / (2*int32(n) + 3)
	}
	return t
}()

func (o *odds) chance() uint32 { return uint32(o.p ^ 1<<15) }

func (o *odds) learn(answer int) {
	p := int32(o.chance())
	goal := int32(oddsEdge)
	if answer == 1 {
		goal = 1<<16 - oddsEdge
	}
	p += int32(int64(goal-p) * int64(pace[o.n]) >> 16)
	o.p = uint16(p) ^ 1<<15
	if o.n < oddsMax {
		o.n++
	}
}

func (c *coder) odds(o *odds, answer int) int {
	answer = c.bit(o.chance(), answer)
	o.learn(answer)
	return answer
}

func (c *coder) flag(o *odds, is bool) bool {
	answer := 0
	if is {
		answer = 1
	}
	return c.odds(o, answer) == 1
}

// tree codes a number of n bits, at most 8, of which each has its own odds
// after those before it.
func (c *coder) tree(t []odds, v, n int) int {
	node := 1
	for n--; n >= 0; n-- {
		node = node<<1 | c.odds(&t[node], v>>n&1)
	}
	return node & (len(t) - 1)
}

// among codes a number below n, at most 256, in a tree of as many odds.
func (c *coder) among(t *[256]odds, v, n int) int {
	width := bits.Len(uint(n - 1))
	node := 1 << (8 - width)
	for width--; width >= 0; width-- {
		node = node<<1 | c.odds(&t[node&0xff], v>>width&1)
	}
	if node &= 0xff; node >= n {
		c.fail("a number among fewer")
		return 0
	}
	return node
}

// number is what was learned of a whole number: how many bits it has, and the
// first three below the leading one. The rest are taken as they come.
type number struct {
	length [128]odds
	top    [65][8]odds
}

func (c *coder) number(m *number, v uint64) uint64 {
	n := c.tree(m.length[:], bits.Len64(v), 7)
	if n > 64 {
		c.fail("a number's length")
		return 0
	}
	if n < 2 {
		return uint64(n)
	}
	learned := min(n-1, 3)
	rest := n - 1 - learned
	node := uint64(1)
	for i := n - 2; i >= rest; i-- {
		node = node<<1 | uint64(c.odds(&m.top[n][node], int(v>>i&1)))
	}
	return node<<rest | c.plain(v, rest)
}

// upTo codes a number and fails if it is above a limit.
func (c *coder) upTo(m *number, v, limit uint64, what string) uint64 {
	if v = c.number(m, v); v > limit {
		c.fail(what)
		return 0
	}
	return v
}

func (c *coder) signed(m *number, v int64) int64 {
	u := c.number(m, uint64(v<<1)^uint64(v>>63))
	return int64(u>>1) ^ -int64(u&1)
}
