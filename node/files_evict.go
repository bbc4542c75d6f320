package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/wire"
)

const (
	// shortOfRoom is how many bytes of a disk must be left before originals go that
	// are younger than the configuration says.
	shortOfRoom = 1 << 30
	// restTime is how long an original stays in any case: who took the photo looks
	// at it.
	restTime = 24 * time.Hour
	// provedMax is how many files are asked about at one time.
	provedMax = 256
	// proofTimeout is how long a replica may take to read them all.
	proofTimeout = 5 * time.Minute
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
	for some := range slices.Chunk(spares, provedMax) { // the oldest may be what no replica has
		proven, enough := n.proven(ctx, some)
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

// spares returns the files that go once they are proven. There are none before the
// county was heard since the start: the levels on file may be those of a hub that was
// restored since.
func (n *node) spares(now time.Time, leaves func(crdt.Space) bool) ([]store.Spare, error) {
	before := n.evictBefore(now)
	if n.store.Heard() == 0 || before.IsZero() && len(n.leaving()) == 0 {
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

// proven asks the hub's replicas now, each of which reads its copy to the last
// byte, and returns of which files a majority has one; enough is false when too few
// of them answered to prove anything. Who is off is not waited for once the others
// have proven all.
func (n *node) proven(ctx context.Context, files []store.Spare) (proven map[wire.Hash]bool, enough bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	members := n.config.members()
	answers := make(chan map[wire.Hash]bool, len(members))
	for _, replica := range members {
		go func() {
			held, err := n.heldBy(ctx, replica, files, wire.Ask{Sure: true})
			if err != nil && ctx.Err() == nil {
				n.log.Info("a replica could not be asked what files it holds", "replica", replica, "reason", err)
			}
			if err != nil {
				held = nil
			}
			answers <- held
		}()
	}
	proven = map[wire.Hash]bool{}
	votes, answered := map[wire.Hash]int{}, 0
	for range members {
		held := <-answers
		if held != nil {
			answered++
		}
		for root := range held {
			if votes[root]++; votes[root] > len(members)/2 {
				proven[root] = true
			}
		}
		if len(proven) == len(files) {
			break
		}
	}
	return proven, answered > len(members)/2
}

// heldBy asks a replica which files it holds whole and sound, or, as the question
// says, most of them.
func (n *node) heldBy(ctx context.Context, replica uint32, files []store.Spare, question wire.Ask) (held map[wire.Hash]bool, err error) {
	if replica == n.id.Device.Index {
		return n.heldHere(files), nil
	}
	ctx, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	dial, dialled := context.WithTimeout(ctx, dialTimeout)
	s, err := n.link.Open(dial, replica, link.Files)
	dialled()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { s.Close() })()
	for _, f := range files {
		question.Root, question.Size = f.Root, f.Size
		if err := s.WriteFrame(wire.EncodeFileWord(question)); err != nil {
			return nil, err
		}
	}
	return attested(len(files), func() (wire.FileWord, error) {
		b, err := s.ReadFrame(wire.FileWordMax)
		if err != nil {
			return nil, err
		}
		return wire.DecodeFileWord(b)
	})
}

// heldHere is heldBy of this replica itself.
func (n *node) heldHere(files []store.Spare) map[wire.Hash]bool {
	n.freight.sure.Lock()
	defer n.freight.sure.Unlock()
	held := map[wire.Hash]bool{}
	for _, f := range files {
		if n.store.Files().Sound(f.Root, f.Size) {
			held[f.Root] = true
		}
	}
	return held
}

// attested reads so many of a replica's answers and returns which files it holds. One
// that it names twice is held once: a replica has one vote.
func attested(answers int, next func() (wire.FileWord, error)) (map[wire.Hash]bool, error) {
	held := map[wire.Hash]bool{}
	for range answers {
		m, err := next()
		stock, ok := m.(wire.Stock)
		if err != nil || !ok {
			return held, errors.Join(errNoStock, err)
		}
		if stock.Whole {
			held[stock.Root] = true
		}
	}
	return held, nil
}

var errNoStock = errors.New("the replica answers something else than what it holds")
