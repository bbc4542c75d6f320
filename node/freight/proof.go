package freight

import (
	"context"
	"errors"
	"time"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/wire"
)

const (
	// ProvenMax is how many files are asked about at one time.
	ProvenMax = 256
	// proofTimeout is how long a replica may take to read them all.
	proofTimeout = 5 * time.Minute
)

// Proven asks the hub's replicas now, each of which reads its copy to the last
// byte, and returns of which files a majority has one; enough is false when too few
// of them answered to prove anything. Who is off is not waited for once the others
// have proven all.
func (f *Freight) Proven(ctx context.Context, files []store.Spare) (proven map[wire.Hash]bool, enough bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	members := f.host.Replicas
	answers := make(chan map[wire.Hash]bool, len(members))
	for _, replica := range members {
		go func() {
			held, err := f.HeldBy(ctx, replica, files, wire.Ask{Sure: true})
			if err != nil && ctx.Err() == nil {
				f.host.Log.Info("a replica could not be asked what files it holds", "replica", replica, "reason", err)
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

// HeldBy asks a replica which files it holds whole and sound, or, as the question
// says, most of them.
func (f *Freight) HeldBy(ctx context.Context, replica uint32, files []store.Spare, question wire.Ask) (held map[wire.Hash]bool, err error) {
	if replica == f.host.Self.Index {
		return f.heldHere(files), nil
	}
	ctx, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	dial, dialled := context.WithTimeout(ctx, dialTimeout)
	s, err := f.host.Link.Open(dial, replica, link.Files)
	dialled()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	defer context.AfterFunc(ctx, func() { s.Close() })()
	for _, file := range files {
		question.Root, question.Size = file.Root, file.Size
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

// heldHere is HeldBy of this replica itself.
func (f *Freight) heldHere(files []store.Spare) map[wire.Hash]bool {
	f.sure.Lock()
	defer f.sure.Unlock()
	held := map[wire.Hash]bool{}
	for _, file := range files {
		if f.host.Store.Files().Sound(file.Root, file.Size) {
			held[file.Root] = true
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
