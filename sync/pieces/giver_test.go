package pieces

import (
	"testing"

	"wangge/sync/wire"
)

// oneFile is a shelf with one whole file.
type oneFile struct {
	Shelf
	root wire.Hash
}

func (s oneFile) Has(root wire.Hash, _ int64) bool      { return root == s.root }
func (s oneFile) Sound(root wire.Hash, _ int64) bool    { return root == s.root }
func (s oneFile) Piece(wire.Hash, int) ([]byte, error)  { panic("a piece was read") }
func (s oneFile) List(wire.Hash) ([]wire.Hash, error)   { panic("a list was read") }
func (s oneFile) Pieces(root wire.Hash) ([]bool, error) { return nil, nil }

func TestAProofIsGivenWithoutARightAndNothingElse(t *testing.T) {
	shelf := oneFile{root: wire.Hash{7}}
	for _, proves := range []bool{true, false} {
		g := NewGiver(shelf, func(wire.Hash) bool { return false })
		g.Proves = proves
		for _, m := range []wire.Ask{
			{Root: shelf.root, Size: 100, Sure: true, List: 1, Pieces: []int{0}},
			{Root: shelf.root, Size: 100, List: 1, Pieces: []int{0}},
			{Root: wire.Hash{8}, Size: 100, Sure: true},
		} {
			if err := g.Step(m); err != nil {
				t.Fatal(err)
			}
			word, ok := g.Next()
			s, stock := word.(wire.Stock)
			if want := proves && m.Sure && m.Root == shelf.root; ok && !stock || s.Whole != want {
				t.Errorf("proves %t, %+v: %+v", proves, m, word)
			}
			if more, ok := g.Next(); ok {
				t.Errorf("proves %t, %+v: %+v too", proves, m, more)
			}
		}
	}
}
