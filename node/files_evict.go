package node

import (
	"context"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/store"
	"wangge/sync/wire"
)

const (
	// shortOfRoom is how many bytes of a disk must be left before originals go that
	// are younger than the configuration says.
	shortOfRoom = 1 << 30
	// restTime is how long an original stays in any case: who took the photo looks
	// at it.
	restTime = 24 * time.Hour
)

// evict lets go of originals that the county proves that it holds, when the disk is
// short of room or the configuration says for how long they are kept here.
func (n *node) evict(ctx context.Context) (files int, freed int64, err error) {
	leaves := n.leavers()
	goes := func(s crdt.Space) bool { return leaves[s] }
	spares, err := n.spares(time.Now(), goes)
	if len(spares) == 0 || err != nil {
		return 0, 0, err
	}
	for some := range slices.Chunk(spares, freight.ProvenMax) { // the oldest may be what no replica has
		proven, enough := n.freight.Proven(ctx, some)
		if !enough {
			enough = n.provenByCourier(some, proven)
		}
		for _, sp := range some {
			if !proven[sp.Root] {
				continue
			}
			bytes, err := n.store.Evict(sp, goes)
			if err != nil {
				return files, freed, err
			}
			if bytes > 0 {
				files, freed = files+1, freed+bytes
			}
		}
		if !enough {
			break
		}
	}
	return files, freed, nil
}

// provenByCourier adds those of which a letter, the county's latest word since this start,
// says that most of its replicas have read their copy: in a village without any signal
// nobody can be asked at this moment. It reports whether there are any.
func (n *node) provenByCourier(files []store.Spare, proven map[wire.Hash]bool) (any bool) {
	heard := n.store.Heard().Millis()
	for _, sp := range files {
		if at := n.freight.Carried(sp.Root, sp.Size); at > 0 && at >= heard {
			proven[sp.Root], any = true, true
		}
	}
	return any
}

// spares returns the files that go once they are proven. There are none before the
// county was heard since the start: the levels on file may be those of a hub that was
// restored since.
func (n *node) spares(now time.Time, leaves func(crdt.Space) bool) ([]store.Spare, error) {
	if n.store.Heard() == 0 {
		return nil, nil
	}
	return n.disposable(now, leaves)
}

// disposable returns the files that are to go by what is on file: about which a letter asks.
func (n *node) disposable(now time.Time, leaves func(crdt.Space) bool) ([]store.Spare, error) {
	before := n.evictBefore(now)
	if before.IsZero() && len(n.leaving()) == 0 {
		return nil, nil
	}
	return n.store.Spares(before, leaves)
}

// leavers returns the spaces that this device may hold no more, whose files go as
// soon as the county has them.
func (n *node) leavers() map[crdt.Space]bool {
	all := map[crdt.Space]bool{}
	for _, l := range n.leaving() {
		all[l.space] = true
	}
	return all
}

// evictBefore returns since when an original must have lain untouched to go, and
// the zero time when none may: at the hub, and at a box that is to have them all.
func (n *node) evictBefore(now time.Time) time.Time {
	if n.isHub() || n.config.originals(false) {
		return time.Time{}
	}
	if left, known := n.store.Files().Room(); known && left < shortOfRoom {
		return now.Add(-restTime)
	}
	if n.config.KeepFilesDays == 0 {
		return time.Time{}
	}
	return now.Add(-max(restTime, time.Duration(n.config.KeepFilesDays)*24*time.Hour))
}
