package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/node/policy"
	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// weakTrial measures something on a pair of its own: seconds, or bytes.
type weakTrial func(ctx context.Context, p *weakPair, device uint32) ([]float64, error)

// village is the wire of the rows P11 to P13, with another loss.
func village(loss float64) weaklink.Profile {
	p := weaklink.Village()
	p.Loss = loss
	return p
}

// trial runs many trials beside each other, since each only waits, and returns what
// they measured, least first.
func (b *bench) trial(ctx context.Context, loss float64, run weakTrial) ([]float64, error) {
	ids, err := b.weakIdentities()
	if err != nil {
		return nil, err
	}
	results := make([][]float64, trials)
	var g errgroup.Group
	for i := range results {
		g.Go(func() error {
			rest(ctx, time.Duration(i)*trialGap)
			p, err := newWeakPair(b.seed*1000+uint64(i), ids, village(loss))
			if err != nil {
				return err
			}
			defer p.close()
			ctx, cancel := context.WithTimeout(ctx, weakLimit)
			defer cancel()
			results[i], err = run(ctx, p, ids[1].Device.Index)
			if ctx.Err() != nil && err != nil {
				results[i], err = []float64{weakLimit.Seconds()}, nil // it counts, as long as it was waited for
			}
			return err
		})
	}
	err = g.Wait()
	all := slices.Concat(results...)
	slices.Sort(all)
	return all, err
}

func (b *bench) weakIdentities() ([2]*policy.Identity, error) {
	if b.weak[0] != nil {
		return b.weak, nil
	}
	ids, err := weakCounty(filepath.Join(b.dir, "weak"))
	b.weak = ids
	return ids, err
}

func part(sorted []float64, of float64) float64 { return sorted[int(of*float64(len(sorted)-1))] }

// benchSmall exchanges 600 bytes each way, on a connection that is open and on a new one.
func benchSmall(ctx context.Context, b *bench) error {
	for _, way := range []struct {
		name     string
		protocol link.Protocol
	}{{"", link.Sync}, {", QUIC's streams alone", plain}} {
		open, err := b.trial(ctx, 0.2, func(ctx context.Context, p *weakPair, device uint32) (took []float64, err error) {
			s, err := p.open(ctx, device, way.protocol)
			if err != nil {
				return nil, err
			}
			defer s.Close()
			for range 5 {
				began := time.Now()
				if err := ask(s, way.protocol, 600, 600, 600); err != nil {
					return nil, err
				}
				took = append(took, time.Since(began).Seconds())
			}
			return took, nil
		})
		if err != nil {
			return err
		}
		b.weakFigure("600 B each way, open, median"+way.name, part(open, 0.5), 0.85, way.protocol, fmt.Sprintf("of %d; 64 kbit/s, 600 ms, every fifth packet lost", len(open)))
		b.weakFigure("likewise, nine of ten"+way.name, part(open, 0.9), 2.5, way.protocol, "")
		if err := b.benchNew(ctx, way.name, way.protocol); err != nil {
			return err
		}
	}
	return nil
}

// benchNew is the exchange of machines that have not met, and of such as have.
func (b *bench) benchNew(ctx context.Context, name string, protocol link.Protocol) error {
	for _, met := range []bool{true, false} {
		took, err := b.trial(ctx, 0.2, func(ctx context.Context, p *weakPair, device uint32) ([]float64, error) {
			if met {
				s, err := p.open(ctx, device, protocol)
				if err != nil {
					return nil, err
				}
				s.Close()
				p.one.Drop(device)
				rest(ctx, weakRest)
			}
			began := time.Now()
			s, err := p.call(ctx, device, protocol)
			if err != nil {
				return nil, err
			}
			defer s.Close()
			if err := ask(s, protocol, 600, 600, 600); err != nil {
				return nil, err
			}
			return []float64{time.Since(began).Seconds()}, nil
		})
		if err != nil {
			return err
		}
		what := map[bool]string{true: "600 B each way, new connection, median", false: "likewise, of strangers"}[met]
		b.weakFigure(what+name, part(took, 0.5), 2.5, protocol, fmt.Sprintf("nine of ten within %.1f s", part(took, 0.9)))
	}
	return nil
}

// weakFigure prints a figure of ours with its goal, and one for comparison without.
func (b *bench) weakFigure(what string, value, goal float64, protocol link.Protocol, note string) {
	f := benchFigure{What: what, Value: value, Unit: "s", Note: note}
	if protocol != plain {
		f = f.atMost(goal)
	}
	b.sheet.print(f)
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// benchLarge sends 20 KB up in frames as conversations have them, at several losses.
func benchLarge(ctx context.Context, b *bench) error {
	const size = 20 << 10
	for _, at := range []struct{ loss, goal float64 }{{0, 1.25}, {0.05, 1.3}, {0.2, 1.5}, {0.4, 2}} {
		limit := float64(size)*8/64_000/(1-at.loss) + 0.3 // and the way there
		for _, way := range []struct {
			name     string
			protocol link.Protocol
		}{{"", link.Sync}, {", QUIC's streams alone", plain}} {
			took, err := b.trial(ctx, at.loss, sends(size, way.protocol))
			if err != nil {
				return err
			}
			median := part(took, 0.5) - 0.3 // the answer's way back
			f := benchFigure{
				What: fmt.Sprintf("20 KB up at %.0f %% loss, x the wire's limit%s", 100*at.loss, way.name), Value: median / limit,
				Note: fmt.Sprintf("median %.2f s, nine of ten within %.2f s; the limit is %.2f s", median, part(took, 0.9)-0.3, limit),
			}
			if way.protocol != plain {
				f = f.atMost(at.goal)
			}
			b.sheet.print(f)
		}
	}
	return nil
}

func sends(size int, protocol link.Protocol) weakTrial {
	return func(ctx context.Context, p *weakPair, device uint32) ([]float64, error) {
		s, err := p.open(ctx, device, protocol)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		began := time.Now()
		if err := ask(s, protocol, size, 4, 8<<10); err != nil {
			return nil, err
		}
		return []float64{time.Since(began).Seconds()}, nil
	}
}

// benchOverhead counts what 60 KB cost on the wire, both ways.
func benchOverhead(ctx context.Context, b *bench) error {
	const size = 60 << 10
	for _, way := range []struct {
		name     string
		protocol link.Protocol
	}{{"", link.Sync}, {", QUIC's streams alone", plain}} {
		spent, err := b.trial(ctx, 0.2, func(ctx context.Context, p *weakPair, device uint32) ([]float64, error) {
			s, err := p.open(ctx, device, way.protocol)
			if err != nil {
				return nil, err
			}
			defer s.Close()
			rest(ctx, weakRest)
			before := p.wire.Traffic().OnWire().Bytes
			if err := ask(s, way.protocol, size, 4, 8<<10); err != nil {
				return nil, err
			}
			rest(ctx, weakRest)
			return []float64{float64(p.wire.Traffic().OnWire().Bytes-before) / size}, nil
		})
		if err != nil {
			return err
		}
		f := benchFigure{What: "60 KB at 20 % loss, bytes on the wire x payload" + way.name, Value: part(spent, 0.5),
			Note: "both ways, with IP and UDP headers, answers and acknowledgements; what was lost is counted"}
		if way.protocol != plain {
			f = f.atMost(1.35)
		}
		b.sheet.print(f)
	}
	return nil
}
