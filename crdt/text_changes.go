package crdt

const (
	// keptMin is the least number of code points in a row that count as kept
	// when the text around them changed. Fewer are alike by chance, and an edit
	// that keeps them tears what the author wrote into pieces.
	keptMin = 4
	// comparedMax bounds the pairs of characters that are compared: two texts of
	// 4,000 code points that differ at both ends. Beyond that an edit takes all
	// from the first difference to the last.
	comparedMax = 1 << 24
)

// comparison finds what was changed in a text.
type comparison struct {
	edits  []Edit
	budget int
}

// changes returns edits that make one text of another and touch little of what
// both have.
func changes(old, new string) []Edit {
	c := comparison{budget: comparedMax}
	c.compare([]rune(old), []rune(new), 0)
	return c.edits
}

// compare adds the edits that make b of a, which stand at a place in the text
// that is already new in front of them.
func (c *comparison) compare(a, b []rune, at int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b, at = a[1:], b[1:], at+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 && len(b) == 0 {
		return
	}
	i, j, n := c.kept(a, b)
	if n < keptMin {
		c.edits = append(c.edits, Edit{at, len(a), string(b)})
		return
	}
	c.compare(a[:i], b[:j], at)
	c.compare(a[i+n:], b[j+n:], at+j+n)
}

// kept returns where the longest passage that both have stands, and its length.
func (c *comparison) kept(a, b []rune) (i, j, n int) {
	if c.budget -= len(a) * len(b); c.budget < 0 {
		return 0, 0, 0
	}
	alike := make([]int, len(b)+1) // how many code points are alike up to a[x] and b[y-1]
	for x := range a {
		for y := len(b); y > 0; y-- {
			if a[x] != b[y-1] {
				alike[y] = 0
				continue
			}
			alike[y] = alike[y-1] + 1
			if alike[y] > n {
				n = alike[y]
				i, j = x+1-n, y-n
			}
		}
	}
	return i, j, n
}
