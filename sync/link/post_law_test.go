package link_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// talk writes frames of many sizes both ways over one stream, while the seed cuts the wire now and then, and checks
// that each side reads what the other wrote: all of it, in order. It returns how many letters went by parcel.
func talk(t *testing.T, seed uint64, p weaklink.Profile, firewall func([]byte) bool) (parcels uint64) {
	link.Bubble(t, func(t *testing.T) {
		c, w := newCounty(t), weaklink.New(seed, p)
		one := behind(t, c, w, 1, "10.0.0.1:7000", firewall)
		two := behind(t, c, w, 2, "10.0.0.2:7000", firewall)
		one.Learn(2, two.Addr().String())
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		out, err := one.Open(ctx, 2, link.Sync)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		var talking sync.WaitGroup
		talking.Go(func() { says(t, out, seed) })
		in, err := two.Accept(ctx, link.Sync)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		talking.Go(func() { says(t, in, seed+1000) })
		talking.Go(func() { hears(t, out, seed+1000) })
		cut := time.AfterFunc(7*time.Second, func() {
			ways := w.Between(two.Addr().AddrPort(), one.Addr().AddrPort())
			ways[0].Cut()
			time.AfterFunc(6*time.Second, ways[0].Mend)
		})
		hears(t, in, seed)
		talking.Wait()
		cut.Stop()
		parcels = one.Parcels(2)
	})
	return parcels
}

func behind(t *testing.T, c *county, w *weaklink.Wire, device uint32, address string, firewall func([]byte) bool) *link.Link {
	t.Helper()
	end, err := w.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	o := c.options(t, device)
	o.Socket = filtered{end, firewall}
	return listenAt(t, "", o)
}

// filtered is a socket behind a firewall.
type filtered struct {
	*weaklink.End
	passes func([]byte) bool
}

func (f filtered) WriteTo(b []byte, to net.Addr) (int, error) {
	if !f.passes(b) {
		return len(b), nil
	}
	return f.End.WriteTo(b, to)
}

func all([]byte) bool { return true }

const talkFrames = 40

// sizes are those of the frames that a side writes.
func sizes(seed uint64) []int {
	chance := rand.New(rand.NewPCG(seed, 1))
	sizes := make([]int, talkFrames)
	for i := range sizes {
		sizes[i] = []int{0, 20, 600, 2000, 9000, 70_000 * (i % 20 / 19)}[chance.IntN(6)] + 4
	}
	return sizes
}

func says(t *testing.T, s *link.Stream, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, 2))
	for i, size := range sizes(seed) {
		if err := s.WriteFrame(binary.BigEndian.AppendUint32(make([]byte, size-4), uint32(i))); err != nil {
			t.Errorf("seed %d: write frame %d: %v", seed, i, err)
			return
		}
		<-time.After(time.Duration(chance.IntN(500)) * time.Millisecond)
	}
}

func hears(t *testing.T, s *link.Stream, seed uint64) {
	for i, size := range sizes(seed) {
		b, err := s.ReadFrame(1 << 20)
		if err != nil || len(b) != size || binary.BigEndian.Uint32(b[size-4:]) != uint32(i) {
			t.Errorf("seed %d: frame %d of %d bytes: read %d bytes, %v", seed, i, size, len(b), err)
			return
		}
	}
}

// The twin is the list of what was written.
func TestFramesComeWholeAndInOrderHoweverTheyTravel(t *testing.T) {
	var parcels uint64
	for seed := range uint64(12) {
		p := weaklink.Village()
		p.Rate, p.Loss = 256_000, []float64{0, 0.1, 0.2, 0.4}[seed%4]
		p.Jitter, p.Duplicate, p.Reorder = 100*time.Millisecond, 0.1, 0.1
		parcels += talk(t, seed, p, all)
	}
	if parcels == 0 {
		t.Error("nothing went by parcel")
	}
}

func TestFramesGoByStreamWhereAFirewallDropsParcels(t *testing.T) {
	for seed := range uint64(2) {
		p := weaklink.Village()
		p.Rate, p.Loss = 256_000, 0.1
		if n := talk(t, seed, p, func(b []byte) bool { return b[0]&0x40 != 0 }); n != 0 {
			t.Errorf("%d parcels passed a firewall", n)
		}
	}
}

// A firewall that learns to drop parcels while they are on their way must not cost a frame.
func TestAFirewallThatClosesLateCostsNoFrame(t *testing.T) {
	for seed := range uint64(3) {
		p := weaklink.Village()
		p.Rate = 256_000
		passed := 0
		var mu sync.Mutex
		n := talk(t, seed, p, func(b []byte) bool {
			mu.Lock()
			defer mu.Unlock()
			if b[0]&0x40 == 0 {
				passed++
			}
			return b[0]&0x40 != 0 || passed < 60
		})
		if n == 0 {
			t.Error("nothing went by parcel before")
		}
	}
}

func TestAQuickCableKeepsToStreams(t *testing.T) {
	if n := talk(t, 1, weaklink.LAN(), all); n != 0 {
		t.Errorf("%d parcels on a cable that loses nothing", n)
	}
}
