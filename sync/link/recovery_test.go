package link_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wangge/sync/link"
)

// anybody is as long as a real message: QUIC answers no packet of 42 bytes or less with a reset.
var anybody = make([]byte, 100)

func TestAKilledAndRebornPeerIsReachedQuickly(t *testing.T) {
	c := newCounty(t)
	one := listen(t, c.options(t, 1))
	two, err := link.Listen("127.0.0.1:0", c.options(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	addr := two.Addr().String()
	one.Learn(2, addr)
	openPair(timeout(t, 10*time.Second), t, one, two)

	two.Kill()
	two.Close()
	reborn := listenAt(t, addr, c.options(t, 2))
	echo(t, reborn, link.Sync)

	// The first stream may still go to the dead connection, and learns of it by the reset.
	began := time.Now()
	eventually(t, "the reborn peer answers", func() bool {
		_, err := ask(timeout(t, 5*time.Second), one, 2, anybody)
		return err == nil
	})
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the reborn peer was reached after %v", took)
	}
}

func TestADatagramReachesARebornPeer(t *testing.T) {
	c := newCounty(t)
	one := listen(t, c.options(t, 1))
	two, err := link.Listen("127.0.0.1:0", c.options(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	addr := two.Addr().String()
	one.Learn(2, addr)
	openPair(timeout(t, 10*time.Second), t, one, two)

	two.Kill()
	two.Close()
	reborn := listenAt(t, addr, c.options(t, 2))
	eventually(t, "the reborn peer hears", func() bool {
		one.Send(2, link.Gossip, anybody)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := reborn.Receive(ctx, link.Gossip)
		return err == nil
	})
}

func TestASwitchThatIsOffCutsAndOnHeals(t *testing.T) {
	c := newCounty(t)
	o := c.options(t, 1)
	o.Switch = new(link.Switch)
	one, two := listen(t, o), listen(t, c.options(t, 2))
	one.Learn(2, two.Addr().String())
	echo(t, two, link.Sync)

	o.Switch.Off()
	if _, err := one.Open(timeout(t, 300*time.Millisecond), 2, link.Sync); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("open while off: %v, want the context's deadline", err)
	}
	o.Switch.On()
	one.NetworkUp()
	if _, err := ask(timeout(t, 5*time.Second), one, 2, []byte("back")); err != nil {
		t.Fatalf("after the switch came on: %v", err)
	}

	o.Switch.Off()
	if _, err := ask(timeout(t, 300*time.Millisecond), one, 2, []byte("lost")); err == nil {
		t.Fatal("an answer came through a link that is off")
	}
	o.Switch.On()
	one.NetworkUp()
	if _, err := ask(timeout(t, 5*time.Second), one, 2, []byte("again")); err != nil {
		t.Fatalf("after the switch came on again: %v", err)
	}
}

func TestAfterNetworkUpAConnectionIsDoubtedUntilItIsHeard(t *testing.T) {
	one, two := pair(t)
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
}

func TestAnAddressLearntDuringADialIsTriedAtOnce(t *testing.T) {
	c := newCounty(t)
	one, two := listen(t, c.options(t, 1)), listen(t, c.options(t, 2))
	echo(t, two, link.Sync)
	one.Learn(2, nowhere(t))
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
}

// Its configuration names the place where a box was first, for ever.
func TestADeviceThatHasMovedIsFoundWhereItCalledFrom(t *testing.T) {
	c := newCounty(t)
	one, two := listen(t, c.options(t, 1)), listen(t, c.options(t, 2))
	echo(t, two, link.Sync)
	foreign := listen(t, c.options(t, 3)) // which has the address that two had
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
}

func TestACallFromADeviceSettlesTheDialToIt(t *testing.T) {
	c := newCounty(t)
	one, two := listen(t, c.options(t, 1)), listen(t, c.options(t, 2))
	echo(t, two, link.Sync)
	one.Learn(2, nowhere(t)) // where two was before
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
}

func TestADeviceKeepsFourConnectionsAtMost(t *testing.T) {
	c := newCounty(t)
	home := listen(t, c.options(t, 1))
	echo(t, home, link.Sync)
	for range 7 { // the same device, each time on another port, as behind a bad modem
		l := listen(t, c.options(t, 2))
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
}
