package wire

import (
	"math/bits"
	"unicode/utf8"
)

// speller codes texts character by character. Forms repeat their phrases: so
// the characters that followed the last four, and the last two, when they stood
// there before, are asked for first; a character that neither foresaw is
// spelled by its number, from the odds of shorter contexts mixed.
type speller struct {
	numbers    map[rune]uint32 // of the characters seen, in the order in which they came
	characters []rune
	guesses    [2][]guess // by the hash of the four, and of the two characters before
	trust      [2][guessTrust + 1][4]odds
	spelled    []odds // of the bits of numbers, by context and the bits before
	whole      [4096]odds
	weights    [16]mixer
	fresh      number // characters not seen before, without their low byte
	past       [4]uint32
	read       []byte // of the text under way
}

// guess is the character that followed a context, and how often in a row.
type guess struct {
	number uint16
	trust  uint8
}

const (
	guessTrust  = 15
	numberBits  = 12
	numbersMax  = 1<<numberBits - 1
	numberFresh = 0            // a character not seen before follows
	numberEnd   = 1            // the text ends
	brokenRune  = utf8.MaxRune // a byte that is not UTF-8, added to this
	columnPast  = 1 << 20      // before a text's first character stands its column
)

// newSpeller returns a speller for about size bytes: tables grow with what
// arrived.
func newSpeller(size int) *speller {
	n := 1 << min(max(bits.Len(uint(size))-1, 8), 16)
	t := &speller{numbers: map[rune]uint32{}, characters: []rune{0, 0}, spelled: make([]odds, 2*n)}
	for i := range t.guesses {
		t.guesses[i] = make([]guess, n)
	}
	return t
}

// begin prepares for a text of a column, of which the beginning is known.
func (t *speller) begin(column int, known string) {
	for i := range t.past {
		t.past[i] = columnPast + uint32(column)
	}
	for len(known) > 0 {
		r, size := character(known)
		t.follow(t.numbers[r])
		known = known[size:]
	}
}

func (t *speller) follow(number uint32) {
	copy(t.past[1:], t.past[:3])
	t.past[0] = number
}

// text codes the rest of a text after begin.
func (c *coder) text(t *speller, s string, room int) string {
	out := t.read[:0]
	for {
		number, r, size := uint32(numberEnd), rune(0), 0
		if !c.reading && len(s) > 0 {
			r, size = character(s)
			number, s = t.numbers[r], s[size:]
		}
		number = c.character(t, number)
		if number == numberEnd || c.err != nil {
			t.read = out
			return string(out)
		}
		if number == numberFresh {
			r = c.meet(t, r)
		} else if int(number) < len(t.characters) {
			r = t.characters[number]
		} else {
			c.fail("a character that was not met")
		}
		t.follow(number)
		if c.reading {
			if out = appendCharacter(out, r); len(out) > room {
				c.fail("a text longer than its chunk")
			}
		}
	}
}

// character returns the first character of s and its size. A byte that is not
// UTF-8 stands for itself.
func character(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 {
		return brokenRune + 1 + rune(s[0]), 1
	}
	return r, size
}

func appendCharacter(b []byte, r rune) []byte {
	if r > brokenRune {
		return append(b, byte(r-brokenRune-1))
	}
	return utf8.AppendRune(b, r)
}

// meet codes a character that was not seen before.
func (c *coder) meet(t *speller, r rune) rune {
	high := c.upTo(&t.fresh, uint64(r>>8), (brokenRune+256)>>8, "a character")
	r = rune(high<<8 | c.plain(uint64(r), 8))
	if len(t.characters) <= numbersMax {
		t.numbers[r] = uint32(len(t.characters))
		t.characters = append(t.characters, r)
	}
	return r
}

// character codes the number of the next character.
func (c *coder) character(t *speller, number uint32) uint32 {
	near := hash(t.past[0], t.past[1])
	far := hash(hash(near, t.past[2]), t.past[3])
	long, short := &t.guesses[0][far%uint32(len(t.guesses[0]))], &t.guesses[1][near%uint32(len(t.guesses[1]))]
	sure := 2
	switch {
	case long.trust == 0:
		sure = 0
	case short.trust == 0:
		sure = 3
	case short.number == long.number:
		sure = 1
	}
	found := c.guessed(&t.trust[0][long.trust][sure], long, &number)
	if !found && sure != 1 {
		again := min(int(long.trust), 3)
		found = c.guessed(&t.trust[1][short.trust][again], short, &number)
	}
	if !found {
		number = c.spell(t, near, number)
	}
	long.learn(number)
	short.learn(number)
	return number
}

// guessed asks whether a guess is right.
func (c *coder) guessed(o *odds, g *guess, number *uint32) bool {
	if g.trust == 0 || !c.flag(o, uint32(g.number) == *number) {
		return false
	}
	*number = uint32(g.number)
	return true
}

func (g *guess) learn(number uint32) {
	switch {
	case uint32(g.number) == number && g.trust > 0:
		g.trust = min(g.trust+1, guessTrust)
	case g.trust == 0:
		*g = guess{uint16(number), 1}
	default:
		g.trust /= 2
	}
}

// spell codes a number bit by bit. Only what is spelled is learned here: what
// was guessed must not take chances from what was not.
func (c *coder) spell(t *speller, near, number uint32) uint32 {
	mask := uint32(len(t.spelled) - 1)
	two, one := hash(near, 7), hash(t.past[0], 9)
	width := bits.Len(uint(len(t.characters) - 1))
	node := uint32(1) << (numberBits - width)
	for i := width - 1; i >= 0; i-- {
		by := [voices]*odds{
			&t.whole[node],
			&t.spelled[hash(one, node)&mask],
			&t.spelled[hash(two, node)&mask],
		}
		set := min(by[1].n, 3)<<2 | min(by[2].n, 3)
		node = node<<1 | uint32(c.mixed(&t.weights[set], &by, int(number>>i&1)))
	}
	return node & numbersMax
}

func hash(a, b uint32) uint32 {
	h := (a+0x9e3779b9)*0x85ebca6b ^ (b+0x7f4a7c15)*0xc2b2ae35
	return h ^ h>>15
}
