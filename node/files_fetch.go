package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

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
	// fetchSilence ends an exchange in which pieces are under way and none comes: with
	// two minutes, photos came that much after the weather had cleared.
	fetchSilence = SilenceMax
)

// freight is how files come to this machine, and what goes out of it. A machine
// that lacks files opens a stream to who may have them; its own files go out on
// the streams that others open.
type freight struct {
	node    *node
	changed chan struct{} // what is lacking or who can be asked
	start   time.Time
	sure    sync.Mutex // held while a file is read for who asks to be sure of it

	inbox sync.Mutex     // guards what follows
	news  []store.Change // not looked at yet
	rows  bool           // all references are to be looked through

	mu       sync.Mutex // guards what follows
	seeker   *pieces.Seeker
	lacks    map[fileName]*lacking
	asked    map[wire.Hash]bool // originals that a person asked to see
	near     map[uint32]time.Time
	asks     map[uint32]*asking
	gives    map[*giving]bool
	declines declines

	receipts receipts
}

// asking is an exchange with one device that can be asked.
type asking struct {
	device uint32
	cancel context.CancelCauseFunc // nil while none is open
	heard  time.Time
	out    []wire.FileWord
	poke   chan struct{}
}

func newFreight(n *node) *freight {
	f := &freight{
		node: n, changed: make(chan struct{}, 1), start: time.Now(), rows: true,
		lacks: map[fileName]*lacking{}, asked: map[wire.Hash]bool{},
		near: map[uint32]time.Time{}, asks: map[uint32]*asking{}, gives: map[*giving]bool{}, declines: declines{}, receipts: newReceipts(),
	}
	f.seeker = pieces.NewSeeker(keeper{f})
	return f
}

// now is in milliseconds since the start.
func (f *freight) now() uint64 { return uint64(time.Since(f.start).Milliseconds()) }

// run brings what is lacking until ctx ends.
func (f *freight) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.seek(ctx, g) })
	g.Go(func() error { return f.give(ctx, g) })
	if !f.node.isHub() {
		g.Go(func() error { return f.collect(ctx) })
	}
	return g.Wait()
}

// seek keeps what is sought and whom to ask up to date.
func (f *freight) seek(ctx context.Context, g *errgroup.Group) error {
	again, late := time.NewTicker(rescanEvery), time.NewTicker(lateEvery)
	defer again.Stop()
	defer late.Stop()
	poke(f.changed)
	for {
		var tick <-chan time.Time
		if f.busy() {
			tick = late.C
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
			f.reload()
			continue
		case <-tick:
			f.hurry()
			continue
		case <-f.changed:
		}
		wait(ctx, gatherPause)
		f.look()
		f.attend(ctx, g)
		f.lookAgain()
	}
}

// hurry asks a second device for what is late, and leaves devices that are mute.
func (f *freight) hurry() {
	f.do(func(now uint64) ([]pieces.Word, error) {
		for _, a := range f.asks {
			if a.cancel == nil || !f.seeker.Awaits(a.device) {
				continue
			}
			switch silent := time.Since(a.heard); {
			case silent > fetchSilence:
				a.cancel(errMute)
			case silent > nudgeAfter: // it may have been restarted, and QUIC alone would not notice
				f.node.link.Nudge(a.device)
			}
		}
		return f.seeker.Again(now), nil
	})
}

// reload has all references looked through.
func (f *freight) reload() {
	if f == nil {
		return
	}
	f.inbox.Lock()
	f.rows = true
	f.inbox.Unlock()
	poke(f.changed)
}

// look tells the seeker what is lacking.
func (f *freight) look() {
	f.inbox.Lock()
	rows := f.rows
	f.rows = false
	f.inbox.Unlock()
	if rows {
		if err := f.rescan(); err != nil {
			f.node.log.Error("what files are missing could not be read", "error", err)
		}
	}
	f.takeNews()
	f.do(func(now uint64) ([]pieces.Word, error) {
		maps.DeleteFunc(f.lacks, func(n fileName, _ *lacking) bool { return f.node.store.Files().Size(n.root) > 0 })
		return f.seeker.Seek(f.wishes(), now), nil
	})
}

// do has the seeker do something, and its words sent.
func (f *freight) do(step func(now uint64) ([]pieces.Word, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	words, err := step(f.now())
	for _, w := range words {
		if a := f.asks[w.To]; a != nil {
			a.out = append(a.out, w.Say)
			poke(a.poke)
		}
	}
	return err
}

// busy reports whether an exchange is open.
func (f *freight) busy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asks) > 0
}

// met notes that a conversation with a device begins, so that it can be asked for
// files. The result notes its end.
func (f *freight) met(peer policy.Device) (left func()) {
	if f == nil {
		return func() {}
	}
	f.mu.Lock()
	f.near[peer.Index] = time.Now().Add(linger)
	f.mu.Unlock()
	poke(f.changed)
	if peer.Role == policy.Hub {
		f.askAll()
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.near[peer.Index] = time.Now().Add(linger)
		if a := f.asks[peer.Index]; a != nil && f.node.isHub() && !f.canAsk(peer.Index) && a.cancel != nil {
			a.cancel(errElsewhere) // it calls another replica now, which asks it in its turn
		}
	}
}

// canAsk reports whether a device can be asked now. Of the hub's replicas only the
// one that a box talks to asks it, so that a file goes over its link once; they ask
// each other. f.mu is held.
func (f *freight) canAsk(device uint32) bool {
	if f.node.talks.with(device) {
		return true
	}
	if f.node.isHub() {
		return f.node.device(device).Role == policy.Hub
	}
	return time.Now().Before(f.near[device])
}

// attend opens an exchange with everyone who can be asked for something.
func (f *freight) attend(ctx context.Context, g *errgroup.Group) {
	f.mu.Lock()
	defer f.mu.Unlock()
	devices := slices.Collect(maps.Keys(f.near))
	if f.node.isHub() {
		devices = append(devices, f.node.config.members()...)
	}
	for _, d := range devices {
		if d == f.node.id.Device.Index || f.asks[d] != nil || !f.canAsk(d) || !f.lacksFrom(d) {
			continue
		}
		a := &asking{device: d, poke: make(chan struct{}, 1)}
		f.asks[d] = a
		g.Go(func() error { f.ask(ctx, a); return nil })
	}
}

// lacksFrom reports whether a device may be asked for anything. f.mu is held.
func (f *freight) lacksFrom(device uint32) bool {
	peer := f.node.device(device)
	for _, l := range f.lacks {
		if f.node.mayTrade(peer, l) {
			return true
		}
	}
	return false
}

// ask exchanges with a device, again after a failure, until nothing is to be asked
// of it or it cannot be asked any more.
func (f *freight) ask(ctx context.Context, a *asking) {
	pause := fetchRetry
	for {
		err := f.exchange(ctx, a)
		if err != nil && ctx.Err() == nil {
			f.node.log.Info("an exchange of files ended", "peer", a.device, "reason", err)
			wait(ctx, pause)
			pause = min(2*pause, fetchRetryMax)
		} else {
			wait(ctx, gatherPause)
		}
		f.mu.Lock()
		if ctx.Err() != nil || !f.canAsk(a.device) || !f.lacksFrom(a.device) {
			delete(f.asks, a.device)
			f.mu.Unlock()
			return
		}
		f.mu.Unlock()
	}
}

// Why an exchange is ended from this side.
var (
	errMute      = errors.New("pieces were asked for and none came")
	errElsewhere = errors.New("the box calls another replica")
	errAll       = errors.New("nothing is left to ask")
)

// exchange is one stream of an exchange. It returns nil when it ended in order.
func (f *freight) exchange(ctx context.Context, a *asking) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dial, done := context.WithTimeout(ctx, dialTimeout)
	s, err := f.node.link.Open(dial, a.device, link.Files)
	done()
	if err != nil {
		return err
	}
	var g errgroup.Group
	defer g.Wait()
	defer s.Close()
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { s.Close() })()
	f.do(func(now uint64) ([]pieces.Word, error) {
		a.cancel, a.heard, a.out = cancel, time.Now(), nil
		return f.seeker.Join(a.device, now), nil
	})
	defer f.do(func(now uint64) ([]pieces.Word, error) {
		a.cancel = nil
		return f.seeker.Leave(a.device, now), nil
	})
	g.Go(func() error { f.speak(ctx, a, s, cancel); return nil })
	err = f.hear(a, s)
	if cause := context.Cause(ctx); cause != nil {
		if err = cause; cause == errAll || cause == errElsewhere {
			return nil
		}
	}
	return err
}

// speak sends what the seeker says, and ends the exchange once that is all.
func (f *freight) speak(ctx context.Context, a *asking, s *link.Stream, end context.CancelCauseFunc) {
	for {
		f.mu.Lock()
		out, lacks := a.out, f.seeker.Lacks(a.device)
		a.out = nil
		f.mu.Unlock()
		for _, m := range out {
			if err := s.WriteFrame(wire.EncodeFileWord(m)); err != nil {
				end(err)
				return
			}
		}
		if !lacks {
			end(errAll)
			return
		}
		select {
		case <-a.poke:
		case <-ctx.Done():
			return
		}
	}
}

// hear takes what the device sends.
func (f *freight) hear(a *asking, s *link.Stream) error {
	for {
		b, err := s.ReadFrame(wire.FileWordMax)
		if err != nil {
			return err
		}
		m, err := wire.DecodeFileWord(b)
		if err == nil {
			err = f.do(func(now uint64) ([]pieces.Word, error) {
				a.heard = time.Now()
				return f.seeker.Step(a.device, m, now)
			})
		}
		if err != nil {
			f.garbled(a.device, err)
			return err
		}
		poke(a.poke)
	}
}

// keeper keeps what the seeker fetched.
type keeper struct{ *freight }

// Pieces tells which pieces of a file are on disk.
func (k keeper) Pieces(root wire.Hash) ([]bool, error) {
	have, err := k.node.store.Files().Pieces(root)
	if err != nil {
		k.Declined(k.node.id.Device.Index, wire.Decline{Root: root, Why: wire.WhyRoom, Reason: "what is here of it cannot be read: " + err.Error()})
	}
	return have, err
}

// Begin makes room for a file.
func (k keeper) Begin(root wire.Hash, size int64, list []wire.Hash) error {
	return k.node.store.Files().Begin(root, size, list)
}

// Put keeps a piece. A file that is whole is told of.
func (k keeper) Put(root wire.Hash, number int, piece []byte) (fits, whole bool, err error) {
	whole, err = k.node.store.Files().Put(root, number, piece)
	if errors.Is(err, store.ErrNotPiece) {
		return false, false, nil
	}
	if err == nil {
		k.declines.roomy(time.Now())
	}
	if whole {
		maps.DeleteFunc(k.lacks, func(n fileName, _ *lacking) bool { return n.root == root })
		poke(k.changed)
		k.receipts.fresh = true // the county is asked about it with the next that is its turn
	}
	return true, whole, err
}
