package crdt_test

import (
	"testing"

	. "wangge/crdt"
)

// TestNothingComesBetweenACharacterAndWhatWasWrittenBehindIt holds the merge
// against what it promises and not against a twin: the characters written right
// behind one, and behind those, and so on, stand together after it.
func TestNothingComesBetweenACharacterAndWhatWasWrittenBehindIt(t *testing.T) {
	eachRoom(t, func(r *room) string {
		const none = rune(0)
		behind := map[rune]rune{}
		for range 20 {
			p := r.one()
			if r.IntN(3) == 0 {
				r.hear(p, r.one().held)
				continue
			}
			heads := p.cell.TextHeads()
			seen := append([]rune{none}, []rune(p.cell.TextAt(heads))...)
			at := r.IntN(len(seen))
			char := rune(0x4e00 + len(behind))
			behind[char] = seen[at]
			op := Op{Type: MergedText, Value: Event(heads, Edit{at, 0, string(char)})}
			r.streams[p.writer] = append(r.streams[p.writer], op)
			r.hear(p, Frontier{p.writer: p.held[p.writer] + 1})
		}
		r.settle()
		path := []rune{none}
		for _, char := range r.people[0].cell.Text() {
			for len(path) > 0 && path[len(path)-1] != behind[char] {
				path = path[:len(path)-1]
			}
			if len(path) == 0 {
				return "a character stands apart from the one it was written behind"
			}
			path = append(path, char)
		}
		return ""
	})
}
