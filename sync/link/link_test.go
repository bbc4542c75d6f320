package link_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/sync/link"
)

// echo answers every frame on every stream of a protocol until the link is closed.
func echo(t *testing.T, l *link.Link, p link.Protocol) {
	t.Helper()
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	running.Go(func() {
		for {
			s, err := l.Accept(ctx, p)
			if err != nil {
				return
			}
			running.Go(func() {
				defer s.Close()
				for frame, err := s.ReadFrame(1 << 20); err == nil; frame, err = s.ReadFrame(1 << 20) {
					s.WriteFrame(frame)
				}
			})
		}
	})
	t.Cleanup(func() { cancel(); l.Close(); running.Wait() })
}

// ask sends a frame on a new stream and returns the echo.
func ask(ctx context.Context, l *link.Link, device uint32, frame []byte) ([]byte, error) {
	s, err := l.Open(ctx, device, link.Sync)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	deadline, _ := ctx.Deadline()
	s.SetDeadline(deadline)
	if err := s.WriteFrame(frame); err != nil {
		return nil, err
	}
	return s.ReadFrame(1 << 20)
}

func TestTwoLinksExchangeFrames(t *testing.T) {
	one, two := pair(t)
	echo(t, two, link.Sync)
	for _, size := range []int{0, 1, 127, 128, 70_000} {
		sent := bytes.Repeat([]byte{7}, size)
		got, err := ask(timeout(t, patience), one, 2, sent)
		if err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("frame of %d bytes: got %d bytes back, %v", size, len(got), err)
		}
	}
	if c := one.Contacts(); len(c) != 1 || !c[0].Connected || c[0].RTT == 0 || c[0].Sent < 70_000 {
		t.Errorf("contacts of one: %+v", c)
	}
}

func TestAStreamKnowsItsPeerAndEndsCleanly(t *testing.T) {
	one, two := pair(t)
	ctx := timeout(t, patience)
	out, err := one.Open(ctx, 2, link.Raft)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.WriteFrame([]byte("last words")); err != nil {
		t.Fatal(err)
	}
	out.Close()
	in, err := two.Accept(ctx, link.Raft)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if in.Peer() != 1 || out.Peer() != 2 {
		t.Errorf("peers are %d and %d, want 1 and 2", in.Peer(), out.Peer())
	}
	if frame, err := in.ReadFrame(100); string(frame) != "last words" {
		t.Errorf("read %q, %v after the writer closed", frame, err)
	}
	if _, err := in.ReadFrame(100); err != io.EOF {
		t.Errorf("after the last frame: %v, want EOF", err)
	}
}

func TestCloseFreesAWriteThatWaits(t *testing.T) {
	one, _ := pair(t)
	s, err := one.Open(timeout(t, patience), 2, link.Sync)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() { // nobody reads, so it fills the window and waits
		_, err := s.Write(make([]byte, 8<<20))
		written <- err
	}()
	eventually(t, "the window is full", func() bool { return one.Contacts()[0].Sent > 16<<10 })
	s.Close()
	select {
	case err := <-written:
		if err == nil {
			t.Error("a write that was cut off reports success")
		}
	case <-time.After(patience):
		t.Fatal("write still waits after Close")
	}
}

// In virtual time, because a datagram may be lost: on a busy machine one that is sent while QUIC repeats its last flight is
// held back with that.
func TestTwoLinksExchangeDatagrams(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one, two := c.plug(1), c.plug(2)
		one.Learn(2, two.Addr().String())
		ctx := timeout(t, patience)
		big := bytes.Repeat([]byte{9}, link.MaxDatagram)
		one.Send(2, link.Gossip, append(big, 9)) // too large: dropped
		one.Send(2, link.Gossip, big)            // dials
		got, err := two.Receive(ctx, link.Gossip)
		if err != nil || got.From != 1 || !bytes.Equal(got.Payload, big) {
			t.Fatalf("received %d bytes from %d, %v", len(got.Payload), got.From, err)
		}
		two.Send(1, link.Raft, []byte("back"))
		got, err = one.Receive(ctx, link.Raft)
		if err != nil || got.From != 2 || string(got.Payload) != "back" {
			t.Fatalf("received %q from %d, %v", got.Payload, got.From, err)
		}
	})
}

func TestSendNeverWaits(t *testing.T) {
	onACable(t, func(t *testing.T, c *cable) {
		one := c.plug(1)
		one.Learn(2, silent)
		began := time.Now()
		for range 10_000 {
			one.Send(2, link.Gossip, make([]byte, 100)) // there, but answers nothing
			one.Send(3, link.Gossip, make([]byte, 100)) // no address at all
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("20,000 datagrams to nowhere took %v", took)
		}
	})
}

func TestBothSidesMayOpenAtOnce(t *testing.T) {
	one, two := pair(t)
	echo(t, one, link.Sync)
	echo(t, two, link.Sync)
	ctx := timeout(t, patience)
	var asking sync.WaitGroup
	for i := range 20 {
		from, to := one, uint32(2)
		if i%2 == 1 {
			from, to = two, 1
		}
		asking.Go(func() {
			if got, err := ask(ctx, from, to, []byte{byte(i)}); err != nil || !bytes.Equal(got, []byte{byte(i)}) {
				t.Errorf("asking device %d: got %v, %v", to, got, err)
			}
		})
	}
	asking.Wait()
}

func TestAnOversizedFrameEndsItsStreamOnly(t *testing.T) {
	one, two := pair(t)
	ctx := timeout(t, patience)
	bad, good := openPair(ctx, t, one, two), openPair(ctx, t, one, two)
	bad.out.Write([]byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}) // 2^63-1 bytes follow
	if _, err := bad.in.ReadFrame(1000); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Fatalf("an endless frame: %v", err)
	}
	bad.out.SetDeadline(time.Now().Add(patience))
	if _, err := bad.out.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) || isTimeout(err) {
		t.Errorf("the writer of an endless frame reads %v, want a stream that was cut", err)
	}
	if err := good.out.WriteFrame([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if frame, err := good.in.ReadFrame(5); string(frame) != "hello" {
		t.Errorf("the other stream read %q, %v", frame, err)
	}
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

type ends struct{ out, in *link.Stream }

// openPair opens a stream and waits until its first frame has arrived.
func openPair(ctx context.Context, t *testing.T, from, to *link.Link) ends {
	t.Helper()
	out, err := from.Open(ctx, 2, link.Propose)
	if err != nil {
		t.Fatal(err)
	}
	in, err := to.Accept(ctx, link.Propose)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close(); in.Close() })
	return ends{out, in}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := settled(t)
	c := newCounty(t)
	one, two := listen(t, c.options(t, 1)), listen(t, c.options(t, 2))
	one.Learn(2, two.Addr().String())
	one.Learn(3, nowhere(t)) // a dial that hangs
	ctx := timeout(t, patience)
	openPair(ctx, t, one, two)
	one.Send(2, link.Gossip, []byte("x"))
	one.Send(3, link.Gossip, []byte("x"))
	accepting := make(chan error, 1)
	go func() {
		_, err := two.Accept(ctx, link.Sync)
		accepting <- err
	}()
	if err := errors.Join(one.Close(), two.Close()); err != nil {
		t.Error(err)
	}
	if err := <-accepting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept on a closed link: %v, want net.ErrClosed", err)
	}
	if _, err := one.Open(ctx, 2, link.Sync); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Open on a closed link: %v, want net.ErrClosed", err)
	}
	eventually(t, "no goroutine is left", func() bool { return goroutines() <= before })
}

func TestNothingIsKeptOfADeviceThatWasOnlyAskedFor(t *testing.T) {
	c := newCounty(t)
	one := listen(t, c.options(t, 1))
	for device := range uint32(100) {
		if _, err := one.Open(timeout(t, time.Second), device+2, link.Sync); !errors.Is(err, link.ErrUnknown) {
			t.Errorf("opened a stream to a device that nobody knows: %v", err)
		}
		one.Send(device+2, link.Gossip, []byte("hello"))
		one.Nudge(device + 2)
	}
	if n := one.Remembered(); n != 0 {
		t.Errorf("%d devices are remembered that nobody has told of", n)
	}
}
