package link_test

import (
	"testing"
	"time"

	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// lines are the two ways between the villagers 1 and 2.
func lines(w *weaklink.Wire, one, two *link.Link) [2]*weaklink.Way {
	return w.Between(one.Addr().AddrPort(), two.Addr().AddrPort())
}

func TestAConnectionThatNobodyUsesSleepsAndWakesWithoutAHandshake(t *testing.T) {
	link.Bubble(t, func(t *testing.T) {
		w, one, two := village(t, 2, weaklink.Profile{Header: weaklink.Headers, Delay: 300 * time.Millisecond})
		echo(t, two, link.Sync)
		if _, err := ask(timeout(t, time.Minute), one, 2, []byte("good morning")); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Minute)
		before := w.Traffic().OnWire()
		<-time.After(50 * time.Minute)
		if slept := w.Traffic().OnWire(); slept != before {
			t.Errorf("a sleeping connection cost %d bytes", slept.Bytes-before.Bytes)
		}
		began := time.Now()
		if _, err := ask(timeout(t, time.Minute), one, 2, []byte("good day")); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 700*time.Millisecond || one.Connections(2) != 1 {
			t.Errorf("waking took %v over %d connections: more than one round trip", took, one.Connections(2))
		}
	})
}

func TestAConnectionWithAnOpenStreamIsKeptAlive(t *testing.T) {
	link.Bubble(t, func(t *testing.T) {
		_, one, two := village(t, 3, weaklink.LAN())
		s := openPair(timeout(t, time.Minute), t, one, two)
		<-time.After(10 * time.Minute)
		for _, l := range []*link.Link{one, two} {
			if c := l.Contacts()[0]; !c.Connected || time.Since(c.Heard) > 20*time.Second {
				t.Errorf("device %d was heard %v ago", c.Device, time.Since(c.Heard))
			}
		}
		s.out.Close()
		s.in.Close()
		<-time.After(10 * time.Minute)
		if c := one.Contacts()[0]; time.Since(c.Heard) < 5*time.Minute {
			t.Error("a connection without streams is still kept alive")
		}
	})
}

func TestAConnectionThatOwesAnAnswerForLongIsEnded(t *testing.T) {
	link.Bubble(t, func(t *testing.T) {
		w, one, two := village(t, 4, weaklink.LAN())
		echo(t, two, link.Sync)
		if _, err := ask(timeout(t, time.Minute), one, 2, []byte("there?")); err != nil {
			t.Fatal(err)
		}
		for _, way := range lines(w, one, two) {
			way.Cut()
		}
		<-time.After(10 * time.Minute)
		if one.Connections(2) != 1 {
			t.Fatal("a connection of which nothing was asked is ended")
		}
		one.Send(2, link.Gossip, anybody)
		<-time.After(70 * time.Second)
		if n := one.Connections(2); n != 0 {
			t.Errorf("%d connections are kept with a peer that answers nothing", n)
		}
		for _, way := range lines(w, one, two) {
			way.Mend()
		}
		if _, err := ask(timeout(t, time.Minute), one, 2, []byte("and now?")); err != nil {
			t.Error(err)
		}
	})
}
