// Package freight carries photos and files between machines: it brings here what records refer to,
// gives it to machines that are entitled to it, and gets the county's word that it holds them.
package freight

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/wake"
	"wangge/sync/link"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// Host is the machine for which files travel.
type Host struct {
	Self      policy.Device
	Store     *store.Store
	Link      *link.Link
	Log       *slog.Logger
	Replicas  []uint32 // the devices of the county's hub
	Originals bool     // originals come here unasked
	Peers     Peers
}

// Peers is what the machine knows of others.
type Peers interface {
	// Device returns what is known of a device.
	Device(index uint32) policy.Device
	// Talking reports whether a conversation about records is under way with a device.
	Talking(device uint32) bool
	// Greeted reports whether a device has said that it holds anything of one of some spaces.
	Greeted(device uint32, with []crdt.Space) bool
	// Turn waits until a packet of a file may go on a stream, which records do not wait
	// behind then, or until ctx ends, whose cause it returns.
	Turn(ctx context.Context, s *link.Stream) error
}

func (h *Host) hub() bool { return h.Self.Role == policy.Hub }

const (
	// gatherPause is for how long what a commit refers to waits for more of its kind.
	gatherPause = 50 * time.Millisecond
	// rescanEvery is how often all references are looked through.
	rescanEvery = time.Hour
	// lateEvery is how often, while something is under way, it is asked whether a
	// piece is late.
	lateEvery = 5 * time.Second
	// linger is how long after a visit a neighbour is asked for files.
	linger = 2 * time.Minute
	// fetchRetry and fetchRetryMax are the pauses after a failed exchange.
	fetchRetry, fetchRetryMax = time.Second, 15 * time.Second
	// fetchSilence ends an exchange in which pieces are under way and none comes, as it does
	// a conversation: with two minutes, photos came that much after the weather had cleared.
	fetchSilence = 45 * time.Second
	// nudgeAfter is how long a piece may be overdue before the peer is nudged.
	nudgeAfter = 4 * time.Second
	// dialTimeout is what a handshake takes on the worst link.
	dialTimeout = 20 * time.Second
)

// Freight is how files come to this machine, and what goes out of it. A machine
// that lacks files opens a stream to who may have them; its own files go out on
// the streams that others open.
type Freight struct {
	host    Host
	changed wake.Bell // what is lacking or who can be asked
	start   time.Time
	sure    sync.Mutex // held while a file is read for who asks to be sure of it

	inbox sync.Mutex     // guards what follows
	news  []store.Change // not looked at yet
	rows  bool           // all references are to be looked through

	mu       sync.Mutex // guards what follows
	keep     pieces.Keeper
	seeker   *pieces.Seeker
	lacks    map[fileName]*lacking
	asked    map[wire.Hash]bool // originals that a person asked to see
	near     map[uint32]time.Time
	asks     map[uint32]*asking
	gives    map[*giving]bool
	declines declines
	letter   int64 // moment of the hub's latest letter that was read since the start, in ms since 1970

	receipts receipts
}

// New returns the freight of a machine. Nothing moves before Run.
func New(h Host) *Freight {
	f := &Freight{
		host: h, changed: wake.NewBell(), start: time.Now(), rows: true,
		lacks: map[fileName]*lacking{}, asked: map[wire.Hash]bool{},
		near: map[uint32]time.Time{}, asks: map[uint32]*asking{}, gives: map[*giving]bool{}, declines: declines{}, receipts: newReceipts(),
	}
	f.keeps(keeper{f})
	return f
}

// keeps sets what keeps the files that come.
func (f *Freight) keeps(k pieces.Keeper) { f.keep, f.seeker = k, pieces.NewSeeker(k) }

// now is in milliseconds since the start.
func (f *Freight) now() uint64 { return uint64(time.Since(f.start).Milliseconds()) }

// Run brings what is lacking until ctx ends.
func (f *Freight) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.seek(ctx, g) })
	g.Go(func() error { return f.give(ctx, g) })
	if !f.host.hub() {
		g.Go(func() error { return f.collect(ctx) })
	}
	return g.Wait()
}

// seek keeps what is sought and whom to ask up to date.
func (f *Freight) seek(ctx context.Context, g *errgroup.Group) error {
	again, late := time.NewTicker(rescanEvery), time.NewTicker(lateEvery)
	defer again.Stop()
	defer late.Stop()
	f.changed.Ring()
	for {
		var tick <-chan time.Time
		if f.busy() {
			tick = late.C
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
			f.Reload()
			continue
		case <-tick:
			f.hurry()
			continue
		case <-f.changed:
		}
		wake.Rest(ctx, gatherPause)
		f.look()
		f.attend(ctx, g)
		f.lookAgain()
	}
}

// hurry asks a second device for what is late, and leaves devices that are mute.
func (f *Freight) hurry() {
	f.do(func(now uint64) ([]pieces.Word, error) {
		for _, a := range f.asks {
			if a.cancel == nil || !f.seeker.Awaits(a.device) {
				continue
			}
			switch silent := time.Since(a.heard); {
			case silent > fetchSilence:
				a.cancel(errMute)
			case silent > nudgeAfter: // it may have been restarted, and QUIC alone would not notice
				f.host.Link.Nudge(a.device)
			}
		}
		return f.seeker.Again(now), nil
	})
}

// Retry has asked for at once what rests because this machine's disk took nothing of it.
func (f *Freight) Retry() {
	f.do(func(now uint64) ([]pieces.Word, error) { return f.seeker.Rouse(now), nil })
}

// Greeted notes that a device has said what it holds: it may have files of which nobody
// else is asked.
func (f *Freight) Greeted(peer policy.Device) {
	if f != nil && f.host.hub() && peer.Role == policy.Box {
		f.changed.Ring()
	}
}

// Reload has all references looked through.
func (f *Freight) Reload() {
	if f == nil {
		return
	}
	f.inbox.Lock()
	f.rows = true
	f.inbox.Unlock()
	f.changed.Ring()
}

// look tells the seeker what is lacking.
func (f *Freight) look() {
	f.inbox.Lock()
	rows := f.rows
	f.rows = false
	f.inbox.Unlock()
	if rows {
		if err := f.rescan(); err != nil {
			f.host.Log.Error("what files are missing could not be read", "error", err)
		}
	}
	f.takeNews()
	f.do(func(now uint64) ([]pieces.Word, error) {
		maps.DeleteFunc(f.lacks, func(n fileName, _ *lacking) bool { return f.host.Store.Files().Size(n.root) > 0 })
		return f.seeker.Seek(f.wishes(), now), nil
	})
}

// do has the seeker do something, and its words sent.
func (f *Freight) do(step func(now uint64) ([]pieces.Word, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	words, err := step(f.now())
	for _, w := range words {
		if a := f.asks[w.To]; a != nil {
			a.out = append(a.out, w.Say)
			a.poke.Ring()
		}
	}
	return err
}

// busy reports whether an exchange is open.
func (f *Freight) busy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asks) > 0
}
