package consensus

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
)

// counter is a machine that costs nothing, so that only the log is measured.
type counter struct {
	raw
	applied atomic.Uint64
}

func (c *counter) Apply(index uint64, _ []byte) []byte {
	c.applied.Store(index)
	return nil
}

func (c *counter) Applied() uint64 { return c.applied.Load() }

// BenchmarkCommit measures entries of 512 bytes from 64 proposers on three
// replicas that share this machine's disk and cores.
func BenchmarkCommit(b *testing.B) {
	for _, through := range []string{"leader", "follower"} {
		b.Run(through, func(b *testing.B) {
			g := newGroup(b)
			for _, m := range members {
				o := g.options(m)
				o.Machine = new(counter)
				g.run(o)
			}
			proposer := g.replicas[g.leader()]
			if through == "follower" {
				proposer = g.replicas[g.follower()]
			}
			commit(b, proposer)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func commit(b *testing.B, proposer *Consensus) {
	entry := make([]byte, 512)
	var left atomic.Int64
	left.Store(int64(b.N))
	var proposers sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		proposers.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := proposer.Propose(context.Background(), entry); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	proposers.Wait()
	b.StopTimer()
}
