package freight

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// Trade is a machine's part in exchanges of files without network, clock or goroutine, as a
// simulator drives it: what it lacks it asks of others, and what it has it gives to who may
// have it. It lasts for one run of the machine.
type Trade struct {
	*pieces.Seeker
	freight *Freight
	met     met
}

// NewTrade begins one. between, if not nil, puts something between what comes and the disk.
func NewTrade(self policy.Device, s *store.Store, between func(pieces.Keeper) pieces.Keeper) *Trade {
	all := met{}
	f := New(Host{Self: self, Store: s, Log: slog.New(slog.DiscardHandler), Originals: self.Role == policy.Hub, Peers: all})
	if between != nil {
		f.keeps(between(keeper{f}))
	}
	return &Trade{f.seeker, f, all}
}

// Freight is what letters to and from the machine speak with.
func (t *Trade) Freight() *Freight { return t.freight }

// Met notes a device, and what it says that it holds: from its certificate and that
// follows what it may be asked for.
func (t *Trade) Met(d policy.Device, holds map[crdt.Space]crdt.Frontier) {
	t.met[d.Index] = acquaintance{d, holds}
}

// Look finds out what files are lacking, and returns what to say to whom.
func (t *Trade) Look(now uint64) ([]pieces.Word, error) {
	err := t.freight.rescan()
	return t.Seek(t.freight.wishes(), now), err
}

// Giver answers a device that asks.
func (t *Trade) Giver(peer policy.Device) *pieces.Giver {
	return pieces.NewGiver(t.freight.host.Store.Files(), t.freight.mayHave(peer))
}

// Told reports whether a person is told that something of a file that a device sent was
// not taken.
func (t *Trade) Told(device uint32, root wire.Hash) bool {
	return slices.ContainsFunc(t.freight.Declines(), func(d Decline) bool {
		return d.Way == Brought && d.Device == device && d.Root == root
	})
}

// Receive has the county asked about what the machine owes it, and about what it has of
// others; most answers as a replica does that asks most of them.
func (t *Trade) Receive(most func(root wire.Hash, size int64) bool) error {
	files, err := t.freight.questions(nil, true)
	if err == nil {
		files, err = t.freight.unasked(files)
	}
	if err != nil {
		return err
	}
	held := map[wire.Hash]bool{}
	for _, w := range files {
		held[w.Root] = held[w.Root] || most(w.Root, w.Size)
	}
	return t.freight.receive(files, held, time.Now())
}

// met are the devices that a machine has met.
type met map[uint32]acquaintance

type acquaintance struct {
	policy.Device
	holds map[crdt.Space]crdt.Frontier
}

func (m met) Device(index uint32) policy.Device { return m[index].Device }

func (m met) Talking(uint32) bool { return true }

func (m met) Greeted(device uint32, with []crdt.Space) bool {
	return slices.ContainsFunc(with, func(s crdt.Space) bool { return len(m[device].holds[s]) > 0 })
}

func (m met) Turn(context.Context, *link.Stream) error { return nil }
