package freight

import (
	"context"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"wangge/node/store"
	"wangge/node/wake"
	"wangge/sync/link"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// giving is an exchange in which a device asks this machine for files.
type giving struct {
	mu    sync.Mutex
	giver *pieces.Giver // guarded by mu
	most  []wire.Ask    // guarded by mu: what is asked of most replicas, not answered yet
	poke  wake.Bell
	weigh wake.Bell // poked for most
}

// givesMax bounds the exchanges that others may hold with this machine at one time.
const givesMax = 512

// give answers those who ask for files.
func (f *Freight) give(ctx context.Context, g *errgroup.Group) error {
	room := make(chan struct{}, givesMax)
	for {
		s, err := f.host.Link.Accept(ctx, link.Files)
		if err != nil {
			return err
		}
		select {
		case room <- struct{}{}:
		default:
			s.Close()
			continue
		}
		g.Go(func() error {
			defer func() { <-room }()
			if err := f.answer(ctx, s); err != nil && ctx.Err() == nil {
				f.host.Log.Info("who asked for files was left", "peer", s.Peer(), "reason", err)
			}
			return nil
		})
	}
}

// answer answers one device until it ends the stream.
func (f *Freight) answer(ctx context.Context, s *link.Stream) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { s.Close() })()
	peer := f.host.Peers.Device(s.Peer())
	v := &giving{giver: pieces.NewGiver(f.host.Store.Files(), f.mayHave(peer)), poke: wake.NewBell(), weigh: wake.NewBell()}
	f.mu.Lock()
	f.gives[v] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.gives, v)
	}()
	var g errgroup.Group
	g.Go(func() error {
		defer s.Close() // and hear ends
		return f.send(ctx, v, s)
	})
	g.Go(func() error { f.weigh(ctx, v); return nil })
	defer g.Wait()
	defer cancel()
	return f.heed(v, s)
}

// heed takes what the device asks for.
func (f *Freight) heed(v *giving, s *link.Stream) error {
	for {
		b, err := s.ReadFrame(wire.FileWordMax)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		m, err := wire.DecodeFileWord(b)
		if err != nil {
			return err
		}
		f.overhear(s.Peer(), m)
		f.answered(s.Peer(), m)
		if err := f.step(v, m); err != nil {
			return err
		}
		v.poke.Ring()
	}
}

// step takes one word. Who asks to be sure has whole files read for a few bytes, so
// that is done for all who ask together as if they were one.
func (f *Freight) step(v *giving, m wire.FileWord) error {
	ask, _ := m.(wire.Ask)
	if ask.Most {
		return f.put(v, ask)
	}
	if ask.Sure {
		f.sure.Lock()
		defer f.sure.Unlock()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.giver.Step(m)
}

// send sends what was asked for, after everything else.
func (f *Freight) send(ctx context.Context, v *giving, s *link.Stream) error {
	for {
		v.mu.Lock()
		m, ok := v.giver.Next()
		v.mu.Unlock()
		if !ok {
			select {
			case <-v.poke:
				continue
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if err := s.WriteFrameGently(wire.EncodeFileWord(m), func() error { return f.host.Peers.Turn(ctx, s) }); err != nil {
			return err
		}
	}
}

// lookAgain has all who ask told of what has come.
func (f *Freight) lookAgain() {
	f.mu.Lock()
	gives := make([]*giving, 0, len(f.gives))
	for v := range f.gives {
		gives = append(gives, v)
	}
	f.mu.Unlock()
	for _, v := range gives {
		v.mu.Lock()
		v.giver.Look()
		v.mu.Unlock()
		v.poke.Ring()
	}
}

var _ pieces.Shelf = (*store.Files)(nil)
