package freight

import (
	"errors"
	"maps"
	"time"
	"wangge/node/store"
	"wangge/sync/wire"
)

// keeper keeps what the seeker fetched.
type keeper struct{ *Freight }

// Pieces tells which pieces of a file are on disk.
func (k keeper) Pieces(root wire.Hash) ([]bool, error) {
	have, err := k.host.Store.Files().Pieces(root)
	if err != nil {
		k.Declined(k.host.Self.Index, wire.Decline{Root: root, Why: wire.WhyRoom, Reason: "what is here of it cannot be read: " + err.Error()})
	}
	return have, err
}

// Begin makes room for a file.
func (k keeper) Begin(root wire.Hash, size int64, list []wire.Hash) error {
	return k.host.Store.Files().Begin(root, size, list)
}

// Put keeps a piece. A file that is whole is told of.
func (k keeper) Put(root wire.Hash, number int, piece []byte) (fits, whole bool, err error) {
	whole, err = k.host.Store.Files().Put(root, number, piece)
	if errors.Is(err, store.ErrNotPiece) {
		return false, false, nil
	}
	if err == nil {
		k.declines.roomy(time.Now())
	}
	if whole {
		maps.DeleteFunc(k.lacks, func(n fileName, _ *lacking) bool { return n.root == root })
		k.changed.Ring()
		k.receipts.fresh = true // the county is asked about it with the next that is its turn
	}
	return true, whole, err
}
