package link_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// cable is a house's network in virtual time: what is waited for there is the link's, however
// slow the machine is that tests it.
type cable struct {
	*county
	t    *testing.T
	wire *weaklink.Wire
}

func onACable(t *testing.T, f func(t *testing.T, c *cable)) {
	link.Bubble(t, func(t *testing.T) { f(t, &cable{newCounty(t), t, weaklink.New(1, weaklink.LAN())}) })
}

// plug opens the link of a device at its usual address.
func (c *cable) plug(device uint32) *link.Link {
	c.t.Helper()
	return c.plugAt(device, fmt.Sprintf("10.0.0.%d:7000", device), nil)
}

func (c *cable) plugAt(device uint32, address string, by *link.Switch) *link.Link {
	c.t.Helper()
	end, err := c.wire.Listen(address)
	if err != nil {
		c.t.Fatal(err)
	}
	o := c.options(c.t, device)
	o.Socket, o.Switch = end, by
	return listenAt(c.t, "", o)
}

// reborn returns a link and one that was killed and plugged in again since the first spoke with it.
func (c *cable) reborn() (one, two *link.Link) {
	c.t.Helper()
	one, two = c.plug(1), c.plug(2)
	one.Learn(2, two.Addr().String())
	openPair(timeout(c.t, 10*time.Second), c.t, one, two)
	two.Kill()
	two.Close()
	return one, c.plug(2)
}

// silent is an address at which nobody answers.
const silent = "10.0.0.99:7000"

// anybody is as long as a real message: QUIC answers no packet of 42 bytes or less with a reset.
var anybody = make([]byte, 100)

func TestAKilledAndRebornPeerIsReachedQuickly(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one, reborn := c.reborn()
		echo(t, reborn, link.Sync)

		// The first stream may still go to the dead connection, and learns of it by the reset: in 30 runs after 6 ms,
		// or 0.2 s. Without resets it would be 35 s.
		began := time.Now()
		eventually(t, "the reborn peer answers", func() bool {
			_, err := ask(timeout(t, 5*time.Second), one, 2, anybody)
			return err == nil
		})
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("the reborn peer was reached after %v", took)
		}
	})
}

func TestADatagramReachesARebornPeer(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one, reborn := c.reborn()
		began := time.Now()
		eventually(t, "the reborn peer hears", func() bool {
			one.Send(2, link.Gossip, anybody)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			_, err := reborn.Receive(ctx, link.Gossip)
			return err == nil
		})
		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("the reborn peer heard after %v", took)
		}
	})
}

func TestASwitchThatIsOffCutsAndOnHeals(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		by := new(link.Switch)
		one, two := c.plugAt(1, "10.0.0.1:7000", by), c.plug(2)
		one.Learn(2, two.Addr().String())
		echo(t, two, link.Sync)

		by.Off()
		if _, err := one.Open(timeout(t, 300*time.Millisecond), 2, link.Sync); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("open while off: %v, want the context's deadline", err)
		}
		by.On()
		one.NetworkUp()
		if _, err := ask(timeout(t, 5*time.Second), one, 2, []byte("back")); err != nil {
			t.Fatalf("after the switch came on: %v", err)
		}

		by.Off()
		if _, err := ask(timeout(t, 300*time.Millisecond), one, 2, []byte("lost")); err == nil {
			t.Fatal("an answer came through a link that is off")
		}
		by.On()
		one.NetworkUp()
		if _, err := ask(timeout(t, 5*time.Second), one, 2, []byte("again")); err != nil {
			t.Fatalf("after the switch came on again: %v", err)
		}
	})
}

func TestAfterNetworkUpAConnectionIsDoubtedUntilItIsHeard(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one, two := c.plug(1), c.plug(2)
		one.Learn(2, two.Addr().String())
		two.Learn(1, one.Addr().String())
		echo(t, two, link.Sync)
		ctx := timeout(t, 10*time.Second)
		for want := 1; want <= 3; want++ {
			for range 3 { // only the first dials
				if _, err := ask(ctx, one, 2, []byte("well?")); err != nil {
					t.Fatal(err)
				}
			}
			if n := one.Connections(2); n != want {
				t.Fatalf("%d connections, want %d", n, want)
			}
			one.NetworkUp()
		}
	})
}

func TestAnAddressLearntDuringADialIsTriedAtOnce(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one, two := c.plug(1), c.plug(2)
		echo(t, two, link.Sync)
		one.Learn(2, silent)
		asked := make(chan error, 1)
		go func() {
			_, err := ask(timeout(t, 8*time.Second), one, 2, []byte("where?"))
			asked <- err
		}()
		eventually(t, "the dial is under way", func() bool { return one.Dialling(2) })
		one.Learn(2, two.Addr().String())
		if err := <-asked; err != nil {
			t.Error(err)
		}
	})
}

// Its configuration names the place where a box was first, for ever.
func TestADeviceThatHasMovedIsFoundWhereItCalledFrom(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one, two := c.plug(1), c.plug(2)
		echo(t, two, link.Sync)
		foreign := c.plug(3) // which has the address that two had
		one.Learn(2, foreign.Addr().String())
		two.Learn(1, one.Addr().String())
		if s, err := two.Open(timeout(t, 5*time.Second), 1, link.Sync); err != nil {
			t.Fatal(err)
		} else {
			s.Close()
		}
		eventually(t, "the connection is known at both ends", func() bool { return one.Connections(2) == 1 })
		one.Drop(2)
		eventually(t, "the connection has gone", func() bool { return one.Connections(2) == 0 && two.Connections(1) == 0 })
		eventually(t, "it is found", func() bool {
			_, err := ask(timeout(t, 5*time.Second), one, 2, []byte("where?"))
			return err == nil
		})
	})
}

func TestACallFromADeviceSettlesTheDialToIt(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one, two := c.plug(1), c.plug(2)
		echo(t, two, link.Sync)
		one.Learn(2, silent) // where two was before
		two.Learn(1, one.Addr().String())
		asked := make(chan error, 1)
		go func() {
			_, err := ask(timeout(t, 8*time.Second), one, 2, []byte("where?"))
			asked <- err
		}()
		eventually(t, "the dial is under way", func() bool { return one.Dialling(2) })
		two.Send(1, link.Gossip, []byte("here"))
		if err := <-asked; err != nil {
			t.Error(err)
		}
	})
}

func TestADeviceKeepsFourConnectionsAtMost(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		home := c.plug(1)
		echo(t, home, link.Sync)
		for i := range 7 { // the same device, each time on another port, as behind a bad modem
			l := c.plugAt(2, fmt.Sprintf("10.0.0.2:%d", 7000+i), nil)
			l.Learn(1, home.Addr().String())
			if _, err := ask(timeout(t, 5*time.Second), l, 1, []byte("here")); err != nil {
				t.Fatal(err)
			}
			if n := home.Connections(2); n > 4 {
				t.Fatalf("%d connections with one device", n)
			}
		}
		if n := home.Connections(2); n != 4 {
			t.Errorf("%d connections with one device, want the newest 4", n)
		}
	})
}
