package main

import (
	"encoding/binary"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// The lab itself: what a cable is said to do to packets, it does.
func TestACableLosesIsSlowAndIsCutAsTold(t *testing.T) {
	cables := twoMachines(t)
	sockets := socketsAt(t, cables)
	far := func(c *cable) *net.UDPAddr { return &net.UDPAddr{IP: net.ParseIP(c.address()), Port: linkPort} }
	// arrive sends so many packets one way and returns how many arrive.
	arrive := func(from, to, packets, size int) (n int) {
		t.Helper()
		return trial{sockets[from], sockets[to], far(cables[to])}.run(t, packets, size)
	}
	set := func(f func(*cable)) {
		t.Helper()
		if err := cables[1].change(f); err != nil {
			t.Fatal(err)
		}
	}
	set(func(c *cable) { c.air = calm })
	if err := cables[0].change(func(c *cable) { c.air = calm }); err != nil {
		t.Fatal(err)
	}
	if n := arrive(0, 1, 200, 100); n != 200 {
		t.Errorf("in calm air %d of 200 arrive", n)
	}
	set(func(c *cable) { c.air.lossDown, c.air.lossUp = 400, 100 })
	if n := arrive(0, 1, 1000, 20); n < 530 || n > 670 {
		t.Errorf("of 1000 that should be lost by 40 %%, %d arrive", n)
	}
	if n := arrive(1, 0, 1000, 20); n < 850 || n > 950 {
		t.Errorf("of 1000 that should be lost by 10 %%, %d arrive", n)
	}
	set(func(c *cable) { c.air, c.deaf = calm, true })
	if in, out := arrive(0, 1, 20, 20), arrive(1, 0, 20, 20); in != 0 || out != 20 {
		t.Errorf("of 20 to one that hears nothing %d arrive, and %d from it", in, out)
	}
	set(func(c *cable) { c.deaf, c.mute = false, true })
	if in, out := arrive(0, 1, 20, 20), arrive(1, 0, 20, 20); in != 20 || out != 0 {
		t.Errorf("of 20 to one that is not heard %d arrive, and %d from it", in, out)
	}
	set(func(c *cable) { c.mute, c.air.rate = false, 256 })
	began := time.Now()
	if n := arrive(0, 1, 14, 1000); n != 14 || time.Since(began) < 250*time.Millisecond {
		t.Errorf("14 KB at 256 kbit/s: %d of 14 arrive, after %s", n, time.Since(began))
	}
	if err := cables[1].move(); err != nil {
		t.Fatal(err)
	}
	if n := arrive(0, 1, 20, 20); n != 20 || cables[1].address() != "10.77.2.3" {
		t.Errorf("to %s %d of 20 arrive", cables[1].address(), n)
	}
	if err := cables[1].carry(false); err != nil {
		t.Fatal(err)
	}
	if _, err := sockets[1].WriteToUDP([]byte{1}, far(cables[0])); err == nil {
		t.Error("an unplugged machine's system says nothing")
	}
	if err := cables[1].carry(true); err != nil {
		t.Fatal(err)
	}
	if n := arrive(1, 0, 20, 20); n != 20 {
		t.Errorf("plugged in again, %d of 20 arrive", n)
	}
}

// twoMachines returns two machines' cables.
func twoMachines(t *testing.T) (cables [2]*cable) {
	t.Helper()
	l := newLab(t)
	for i := range cables {
		c, err := l.plug(i + 1)
		if err != nil {
			t.Fatal(err)
		}
		cables[i] = c
	}
	return cables
}

func socketsAt(t *testing.T, cables [2]*cable) (sockets [2]*net.UDPConn) {
	t.Helper()
	for i, c := range cables {
		err := c.machine.do(func() (err error) {
			sockets[i], err = net.ListenUDP("udp4", &net.UDPAddr{Port: linkPort})
			return err
		})
		if err == nil {
			err = widen(sockets[i])
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { sockets[i].Close() })
	}
	return sockets
}

// widen gives a socket room for all packets of a trial, which are read once they are sent: on a
// busy machine a reader beside the sender may get no time, and a socket's usual room is 270 of them.
func widen(socket *net.UDPConn) error {
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, 4<<20)
	})
	return errors.Join(err, refused)
}

// trial is a number of packets from one socket to another.
type trial struct {
	from, to *net.UDPConn
	address  *net.UDPAddr
}

// run ends when all have arrived, or none has for a while after the last was sent.
func (r trial) run(t *testing.T, packets, size int) (n int) {
	t.Helper()
	b := make([]byte, 2000)
	for i := range packets {
		binary.BigEndian.PutUint32(b, uint32(i))
		if _, err := r.from.WriteToUDP(b[:size], r.address); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 { // less than a queue holds at once
			<-time.After(time.Millisecond)
		}
	}
	for ; n < packets; n++ {
		r.to.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		if _, _, err := r.to.ReadFromUDP(b); errors.Is(err, os.ErrDeadlineExceeded) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return n
}
