package node

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/pieces"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// Party is a machine as conversations know it, without network, clock or
// goroutine: who it is, what it keeps, and at the hub how the county commits. Run
// gives those to a node; a simulator brings its own.
type Party struct {
	Identity *policy.Identity
	Store    *store.Store
	// Commit has an entry committed and applied here before it returns, and returns
	// what applying it answered. It is for a replica of the hub.
	Commit func(entry []byte) (answer []byte, err error)
	// CheckpointFrom is how many batches of a space a peer must lack to be offered a
	// checkpoint of it; 0 is as many as a node asks for.
	CheckpointFrom uint64
	// Now is the machine's clock.
	Now func() time.Time
	// Seam, if not nil, puts something between the conversation and what it reads
	// and writes.
	Seam func(Log) Log
	// Most, at a replica of the hub, reports whether most of them have read their copy of a
	// file, as far as this one reaches them.
	Most func(root wire.Hash, size int64) bool
	// Keeper, if not nil, puts something between what comes of files and the disk.
	Keeper func(pieces.Keeper) pieces.Keeper
}

// Log is what a conversation reads and writes at a machine.
type Log = conversing

// errOver has whoever would have to wait for a commit give up at once: in a
// simulation nothing happens meanwhile.
var errOver = errors.New("what was committed has not been applied here")

// Converse returns this machine's side of a conversation, and what to do when it
// has ended.
func (p Party) Converse(peer policy.Device, first bool) (talk *session.Session, end func()) {
	n := &node{id: p.Identity, store: p.Store, log: slog.New(slog.DiscardHandler)}
	began := p.Store.Grounds(peer.Index)
	log := n.witness(p.log(n, peer), peer)
	log.now = p.Now
	side := n.side(peer, first)
	side.Forks, side.Grounds, side.CheckpointFrom = log, began.Known, p.CheckpointFrom
	talk = session.New(side, log)
	return talk, func() {
		defer log.end()
		if known := talk.Grounds(); len(known) > 0 {
			p.Store.KeepGrounds(peer.Index, began, known)
		}
	}
}

func (p Party) log(n *node, peer policy.Device) (log Log) {
	log = boxLog{p.Store, wire.AtBox, peer.Role == policy.Hub}
	if n.isHub() {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errOver)
		n.propose = func(_ context.Context, entry []byte) ([]byte, error) { return p.Commit(entry) }
		log = hubLog{boxLog{p.Store, wire.AtCounty, false}, ctx, &n.grown, n.propose}
	}
	if p.Seam != nil {
		log = p.Seam(log)
	}
	return log
}

// Departs reports whether the machine holds spaces that it may hold no more and that
// the county, as it has heard since its start, has all of: it is to be stopped then, and to Depart.
func (p Party) Departs() bool {
	n := &node{id: p.Identity, store: p.Store}
	return len(n.drained()) > 0 && p.Store.Heard() != 0
}

// Leaving reports whether the machine holds spaces that it may hold no more.
func (p Party) Leaving() bool {
	n := &node{id: p.Identity, store: p.Store}
	return len(n.leaving()) > 0
}

// Depart drops such spaces from the file of a machine that is stopped.
func (p Party) Depart(o store.Options) error {
	n := &node{id: p.Identity}
	return n.drop(o)
}

// Apply applies committed entries at a replica of the hub, in one transaction.
// Their answers are what Commit returns for each.
func (p Party) Apply(indexes []uint64, entries [][]byte) [][]byte {
	return machine{p.Store}.ApplyBatch(indexes, entries)
}

// StoreOptions returns the options of a machine's store as a node has them, but
// for its path, its clock and who is told of commits.
func StoreOptions(id *policy.Identity, signatory func(credential []byte) (store.Signatory, error)) store.Options {
	n := &node{id: id}
	o := n.storeOptions()
	o.Now, o.Committed, o.Reloaded, o.Damaged = nil, nil, nil, nil
	if signatory != nil {
		o.Signatory = signatory
	}
	return o
}

// Post returns where the machine writes and reads letters. What they tell of other
// machines it keeps in a folder; of files they tell, and are told, what the machine's part in
// exchanges of files knows.
func (p Party) Post(data string, files *freight.Trade) Post {
	n := &node{
		config: Config{Data: data}, id: p.Identity, store: p.Store, log: slog.New(slog.DiscardHandler), devices: map[uint32]policy.Device{},
		freight: files.Freight(),
	}
	l := letters{node: n, history: func(_ context.Context, peer policy.Device) conversing { return p.log(n, peer) }, note: p.note, now: p.Now}
	if p.Most != nil {
		l.most = func(_ context.Context, files []store.Spare, _ bool) map[wire.Hash]bool {
			most := map[wire.Hash]bool{}
			for _, f := range files {
				most[f.Root] = p.Most(f.Root, f.Size)
			}
			return most
		}
	}
	return attended{l}
}

// note has the county note up to when it has all of a box's work.
func (p Party) note(_ context.Context, box policy.Device, at time.Time) {
	if p.Identity.Device.Role != policy.Hub || box.Role != policy.Box {
		return
	}
	_, _ = p.Commit(wire.Encode(wire.Complete{Device: box.Index, Name: box.Name, At: at.UnixMilli()})) // it comes again with the next letter
}

// attended is the post of a machine whose store is another's to close.
type attended struct{ letters }

func (attended) Close() error { return nil }
