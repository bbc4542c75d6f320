package node

import (
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/store"
)

// Trade begins the machine's part in exchanges of files.
func (p Party) Trade() *freight.Trade { return freight.NewTrade(p.Identity.Device, p.Store, p.Keeper) }

// LetGo lets go of the files of spaces that the machine may hold no more, as far as most
// replicas of the hub have read their copy. Which replicas answer is the caller's to say.
func (p Party) LetGo(replicas []*store.Files, members int) error {
	n := &node{id: p.Identity, store: p.Store}
	leaves := n.leavers()
	goes := func(s crdt.Space) bool { return leaves[s] }
	if len(leaves) == 0 || p.Store.Heard() == 0 {
		return nil
	}
	spares, err := p.Store.Spares(time.Time{}, goes)
	if err != nil {
		return err
	}
	slices.SortFunc(spares, func(a, b store.Spare) int { return slices.Compare(a.Root[:], b.Root[:]) })
	for _, sp := range spares {
		votes := 0
		for _, f := range replicas {
			if f.Sound(sp.Root, sp.Size) {
				votes++
			}
		}
		if votes*2 <= members {
			continue
		}
		if _, err := p.Store.Evict(sp, goes); err != nil {
			return err
		}
	}
	return nil
}
