package link_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// After parcels were given up, later ones must be confirmed all the same, and a frame that goes by stream must not
// wait for those that were given up. Ten minutes leave QUIC, whose patience doubles, some lost probes after a cut.
func TestNoConversationStallsAfterParcelsWereGivenUp(t *testing.T) {
	for seed := range uint64(8) {
		link.Bubble(t, func(t *testing.T) { suffer(t, seed) })
	}
}

func suffer(t *testing.T, seed uint64) {
	c, p := newCounty(t), weaklink.Village()
	p.Rate = 256_000
	w := weaklink.New(seed, p)
	one, two := behind(t, c, w, 1, "10.0.0.1:7000", all), behind(t, c, w, 2, "10.0.0.2:7000", all)
	one.Learn(2, two.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	out, err := one.Open(ctx, 2, link.Sync)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in, err := two.Accept(ctx, link.Sync)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ways, chance := w.Between(one.Addr().AddrPort(), two.Addr().AddrPort()), rand.New(rand.NewPCG(seed, 9))
	for round := range 4 {
		p.Loss = []float64{0.2, 0.3, 0, 0.2}[round] // without loss, frames go by stream again
		for _, way := range ways {
			way.Set(p)
		}
		exchange(t, seed, out, in, 40, 10*time.Minute)
		which := chance.IntN(3) // one way, the other, both
		for i, way := range ways {
			if which == 2 || which == i {
				way.Cut()
				time.AfterFunc(20*time.Second, way.Mend)
			}
		}
		exchange(t, seed, out, in, 10, 10*time.Minute)
	}
	if one.Parcels(2) == 0 {
		t.Errorf("seed %d: nothing went by parcel", seed)
	}
}

// exchange writes frames both ways and reads them, within a time.
func exchange(t *testing.T, seed uint64, out, in *link.Stream, frames int, within time.Duration) {
	t.Helper()
	var talking sync.WaitGroup
	for _, d := range [][2]*link.Stream{{out, in}, {in, out}} {
		_ = d[1].SetDeadline(time.Now().Add(within))
		talking.Go(func() {
			for i := range frames {
				if err := d[0].WriteFrame(binary.BigEndian.AppendUint32(make([]byte, 700), uint32(i))); err != nil {
					t.Errorf("seed %d: write: %v", seed, err)
					return
				}
				<-time.After(100 * time.Millisecond)
			}
		})
		talking.Go(func() {
			for i := range frames {
				b, err := d[1].ReadFrame(1 << 10)
				if err != nil || binary.BigEndian.Uint32(b[700:]) != uint32(i) {
					t.Errorf("seed %d: frame %d within %v: %v", seed, i, within, err)
					return
				}
			}
		})
	}
	talking.Wait()
	_ = in.SetDeadline(time.Time{})
	_ = out.SetDeadline(time.Time{})
}

// Nobody tells the acceptor that its dialler was killed.
func TestADeviceThatCallsAnewEndsItsOldCalls(t *testing.T) {
	link.Bubble(t, func(t *testing.T) {
		c, w := newCounty(t), weaklink.New(5, weaklink.LAN())
		home := behind(t, c, w, 1, "10.0.0.1:7000", all)
		echo(t, home, link.Propose)
		life, _ := overWire(t, c, w, 2, "10.0.0.2:7000")
		life.Learn(1, home.Addr().String())
		if _, err := life.Open(timeout(t, time.Minute), 1, link.Sync); err != nil {
			t.Fatal(err)
		}
		old, err := home.Accept(timeout(t, time.Minute), link.Sync)
		if err != nil {
			t.Fatal(err)
		}
		life.Kill()
		next, _ := overWire(t, c, w, 2, "10.0.0.3:7000") // where nobody resets what was there before
		next.Learn(1, home.Addr().String())
		if _, err := next.Open(timeout(t, time.Minute), 1, link.Sync); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := old.ReadFrame(1000); err == nil || time.Since(began) > 11*time.Second {
			t.Errorf("a stream of the killed device ended after %v: %v", time.Since(began), err)
		}
		<-time.After(time.Minute)
		if n := home.Connections(2); n != 1 {
			t.Errorf("%d connections, want the one that stands", n)
		}
	})
}
