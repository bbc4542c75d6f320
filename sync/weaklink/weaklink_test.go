package weaklink_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wangge/sync/weaklink"
)

const here, there = "10.0.0.1:7000", "10.0.0.2:7000"

func at(address string) netip.AddrPort { return netip.MustParseAddrPort(address) }

// open opens an end for the length of the test.
func open(t *testing.T, w *weaklink.Wire, address string) *weaklink.End {
	t.Helper()
	e, err := w.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// send writes numbered packets of so many bytes.
func send(t *testing.T, from *weaklink.End, to string, count, size int) {
	t.Helper()
	for i := range count {
		b := make([]byte, max(size, 4))
		b[0], b[1], b[2], b[3] = byte(i>>24), byte(i>>16), byte(i>>8), byte(i)
		if _, err := from.WriteTo(b, net.UDPAddrFromAddrPort(at(to))); err != nil {
			t.Fatal(err)
		}
	}
}

// got is a packet that arrived.
type got struct {
	number int
	after  time.Duration
}

// receive reads until nothing has come in for ten seconds.
func receive(t *testing.T, e *weaklink.End, since time.Time) []got {
	t.Helper()
	var all []got
	b := make([]byte, 2000)
	for {
		e.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, _, err := e.ReadFrom(b)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return all
		}
		if err != nil || n < 4 {
			t.Fatalf("read %d bytes, %v", n, err)
		}
		number := int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3])
		all = append(all, got{number, time.Since(since)})
	}
}

// carry sends packets over a wire of its own, in virtual time, and returns what arrives.
func carry(t *testing.T, seed uint64, p weaklink.Profile, count, size int) (all []got, traffic weaklink.Traffic) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		w := weaklink.New(seed, p)
		a, b := open(t, w, here), open(t, w, there)
		began := time.Now()
		send(t, a, there, count, size)
		all, traffic = receive(t, b, began), w.Traffic()
	})
	return all, traffic
}

func TestAModemSendsAtItsRateAndTheAirTakesItsTime(t *testing.T) {
	p := weaklink.Profile{Rate: 64_000, Header: weaklink.Headers, Delay: 300 * time.Millisecond}
	all, traffic := carry(t, 1, p, 100, 972)
	if len(all) != 100 || traffic.Carried != (weaklink.Volume{Packets: 100, Bytes: 100_000}) {
		t.Fatalf("%d packets arrived, %+v", len(all), traffic)
	}
	for i, g := range all {
		if want := 300*time.Millisecond + time.Duration(i+1)*125*time.Millisecond; g.number != i || g.after != want {
			t.Fatalf("packet %d arrived as the %dth after %v, want after %v", g.number, i, g.after, want)
		}
	}
}

func TestAFullQueueDropsWhatComes(t *testing.T) {
	_, traffic := carry(t, 1, weaklink.Profile{Rate: 64_000, Queue: 10_000, Header: weaklink.Headers}, 100, 972)
	if traffic.Full.Packets != 90 || traffic.Carried.Packets != 10 || traffic.OnWire().Bytes != 10_000 {
		t.Errorf("100 packets of 1000 bytes for a queue of 10,000 bytes: %+v", traffic)
	}
}

func TestLossDoublesAndLateOnesAreAsManyAsAsked(t *testing.T) {
	p := weaklink.Profile{Rate: 1_000_000, Delay: 50 * time.Millisecond, Loss: 0.2, Duplicate: 0.1, Reorder: 0.05}
	all, traffic := carry(t, 7, p, 1000, 1000)
	if n := traffic.Lost.Packets; n < 160 || n > 240 {
		t.Errorf("%d of 1000 packets are lost at 20 %%", n)
	}
	seen, doubles, late, newest := map[int]bool{}, 0, 0, -1
	for _, g := range all {
		if seen[g.number] {
			doubles++
		} else if g.number < newest {
			late++
		}
		seen[g.number], newest = true, max(newest, g.number)
	}
	if arrived := 1000 - int(traffic.Lost.Packets); len(seen) != arrived || doubles < arrived/20 || doubles > arrived/5 {
		t.Errorf("%d packets arrive, %d of them twice, of %d", len(seen), doubles, arrived)
	}
	if late < 15 || late > 80 {
		t.Errorf("%d of 800 packets come late at 5 %%", late)
	}
}

func TestJitterKeepsTheOrder(t *testing.T) {
	all, _ := carry(t, 3, weaklink.Profile{Rate: 1_000_000, Jitter: 200 * time.Millisecond}, 300, 100)
	if !slices.IsSortedFunc(all, func(a, b got) int { return a.number - b.number }) {
		t.Error("packets overtake each other")
	}
	if last := all[0].after; last > 210*time.Millisecond {
		t.Errorf("the first packet took %v", last)
	}
}

func TestASeedIsAFate(t *testing.T) {
	p := weaklink.Village()
	p.Queue, p.Jitter, p.Duplicate, p.Reorder = 0, 100*time.Millisecond, 0.1, 0.1
	one, _ := carry(t, 5, p, 200, 500)
	again, _ := carry(t, 5, p, 200, 500)
	other, _ := carry(t, 6, p, 200, 500)
	if !slices.Equal(one, again) {
		t.Error("one seed gives two fates")
	}
	if slices.Equal(one, other) {
		t.Error("two seeds give one fate")
	}
}

func TestACutIsOneWayAndTakesWhatIsUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := weaklink.New(1, weaklink.Profile{Delay: time.Second})
		a, b := open(t, w, here), open(t, w, there)
		send(t, a, there, 1, 4) // is still under way when the cut comes
		w.Way(a.At(), b.At()).Cut()
		send(t, a, there, 1, 4)
		send(t, b, here, 1, 4)
		if there, here := receive(t, b, time.Now()), receive(t, a, time.Now()); len(there) != 0 || len(here) != 1 {
			t.Errorf("through the cut came %d packets, the other way %d of 1", len(there), len(here))
		}
		w.Way(a.At(), b.At()).Mend()
		send(t, a, there, 1, 4)
		if all := receive(t, b, time.Now()); len(all) != 1 {
			t.Errorf("after the cut came %d packets of 1", len(all))
		}
	})
}

func TestAnUnpluggedEndHearsAndSaysNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := weaklink.New(1, weaklink.LAN())
		a, b := open(t, w, here), open(t, w, there)
		a.Unplug()
		send(t, a, there, 1, 4)
		send(t, b, here, 1, 4)
		if n := len(receive(t, a, time.Now())) + len(receive(t, b, time.Now())); n != 0 {
			t.Errorf("%d packets came through", n)
		}
		a.PlugIn()
		send(t, b, here, 1, 4)
		if n := len(receive(t, a, time.Now())); n != 1 {
			t.Errorf("plugged in again, %d packets came of 1", n)
		}
	})
}

func TestAnEndThatMovesSpeaksFromItsNewAddress(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := weaklink.New(1, weaklink.LAN())
		a, b := open(t, w, here), open(t, w, there)
		if err := a.Move(there); err == nil {
			t.Fatal("two ends have one address")
		}
		if err := a.Move("10.0.0.9:1"); err != nil {
			t.Fatal(err)
		}
		send(t, b, here, 1, 4)
		send(t, a, there, 1, 4)
		_, from, err := b.ReadFrom(make([]byte, 9))
		if err != nil || from.String() != "10.0.0.9:1" {
			t.Errorf("a packet from %v, %v", from, err)
		}
		if n := len(receive(t, a, time.Now())); n != 0 {
			t.Error("what went to the old address arrived")
		}
	})
}

func TestCloseEndsARead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := weaklink.New(1, weaklink.LAN())
		a := open(t, w, here)
		ended := make(chan error)
		go func() {
			_, _, err := a.ReadFrom(make([]byte, 9))
			ended <- err
		}()
		synctest.Wait()
		a.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the read ends with %v", err)
		}
		if _, err := a.WriteTo([]byte("x"), a.LocalAddr()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write on a closed end: %v", err)
		}
		open(t, w, here) // the address is free again
	})
}
