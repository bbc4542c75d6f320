package link_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// overWire opens the link of a device at an address of an emulated wire.
func overWire(t *testing.T, c *county, w *weaklink.Wire, device uint32, address string) (*link.Link, *weaklink.End) {
	t.Helper()
	end, err := w.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	o := c.options(t, device)
	o.Socket = end
	return listenAt(t, "", o), end
}

// village opens the links of devices 1 and 2 over a wire; 1 knows where 2 is.
func village(t *testing.T, seed uint64, p weaklink.Profile) (w *weaklink.Wire, one, two *link.Link) {
	t.Helper()
	c := newCounty(t)
	w = weaklink.New(seed, p)
	one, _ = overWire(t, c, w, 1, "10.0.0.1:7000")
	two, _ = overWire(t, c, w, 2, "10.0.0.2:7000")
	one.Learn(2, two.Addr().String())
	return w, one, two
}

func TestFramesCrossAnEmulatedVillage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, one, two := village(t, 1, weaklink.Village())
		echo(t, two, link.Sync)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if got, err := ask(ctx, one, 2, make([]byte, 600)); err != nil || len(got) != 600 {
			t.Fatalf("%d bytes back, %v", len(got), err)
		}
		if took := time.Since(began); took < 1200*time.Millisecond {
			t.Errorf("a handshake and a question took %v: less than two round trips", took)
		}
		if sum := w.Traffic(); sum.Lost.Packets == 0 || sum.OnWire().Bytes < 5000 {
			t.Errorf("the wire carried %+v", sum)
		}
	})
}
