package freight

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
	"wangge/node/policy"
	"wangge/node/wake"
	"wangge/sync/link"
	"wangge/sync/pieces"
	"wangge/sync/wire"

	"golang.org/x/sync/errgroup"
)

// asking is an exchange with one device that can be asked.
type asking struct {
	device uint32
	cancel context.CancelCauseFunc // nil while none is open
	heard  time.Time
	out    []wire.FileWord
	poke   wake.Bell
}

// Met notes that a conversation with a device begins, so that it can be asked for
// files. The result notes its end.
func (f *Freight) Met(peer policy.Device) (left func()) {
	if f == nil {
		return func() {}
	}
	f.mu.Lock()
	f.near[peer.Index] = time.Now().Add(linger)
	f.mu.Unlock()
	f.changed.Ring()
	if peer.Role == policy.Hub {
		f.AskAll()
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.near[peer.Index] = time.Now().Add(linger)
		if a := f.asks[peer.Index]; a != nil && f.host.hub() && !f.canAsk(peer.Index) && a.cancel != nil {
			a.cancel(errElsewhere) // it calls another replica now, which asks it in its turn
		}
	}
}

// canAsk reports whether a device can be asked now. Of the hub's replicas only the
// one that a box talks to asks it, so that a file goes over its link once; they ask
// each other. f.mu is held.
func (f *Freight) canAsk(device uint32) bool {
	if f.host.Peers.Talking(device) {
		return true
	}
	if f.host.hub() {
		return f.host.Peers.Device(device).Role == policy.Hub
	}
	return time.Now().Before(f.near[device])
}

// attend opens an exchange with everyone who can be asked for something.
func (f *Freight) attend(ctx context.Context, g *errgroup.Group) {
	f.mu.Lock()
	defer f.mu.Unlock()
	devices := slices.Collect(maps.Keys(f.near))
	if f.host.hub() {
		devices = append(devices, f.host.Replicas...)
	}
	for _, d := range devices {
		if d == f.host.Self.Index || f.asks[d] != nil || !f.canAsk(d) || !f.lacksFrom(d) {
			continue
		}
		a := &asking{device: d, poke: wake.NewBell()}
		f.asks[d] = a
		g.Go(func() error { f.ask(ctx, a); return nil })
	}
}

// lacksFrom reports whether a device may be asked for anything. f.mu is held.
func (f *Freight) lacksFrom(device uint32) bool {
	peer := f.host.Peers.Device(device)
	for _, l := range f.lacks {
		if f.mayTrade(peer, l) {
			return true
		}
	}
	return false
}

// ask exchanges with a device, again after a failure, until nothing is to be asked
// of it or it cannot be asked any more.
func (f *Freight) ask(ctx context.Context, a *asking) {
	pause := fetchRetry
	for {
		err := f.exchange(ctx, a)
		if err != nil && ctx.Err() == nil {
			f.host.Log.Info("an exchange of files ended", "peer", a.device, "reason", err)
			wake.Rest(ctx, pause)
			pause = min(2*pause, fetchRetryMax)
		} else {
			wake.Rest(ctx, gatherPause)
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
func (f *Freight) exchange(ctx context.Context, a *asking) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dial, done := context.WithTimeout(ctx, dialTimeout)
	s, err := f.host.Link.Open(dial, a.device, link.Files)
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
func (f *Freight) speak(ctx context.Context, a *asking, s *link.Stream, end context.CancelCauseFunc) {
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
func (f *Freight) hear(a *asking, s *link.Stream) error {
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
		a.poke.Ring()
	}
}
