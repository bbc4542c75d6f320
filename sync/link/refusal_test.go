package link_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wangge/sync/link"
)

// keepsNothing checks that a link holds no more than before, and is well.
func keepsNothing(t *testing.T, l *link.Link, before int) {
	t.Helper()
	eventually(t, "the acceptor's goroutines are gone", func() bool { return goroutines() <= before })
	if n := l.HandshakesInside(); n != 0 {
		t.Errorf("%d handshakes still counted", n)
	}
	if c := l.Contacts(); len(c) != 0 {
		t.Errorf("contacts are kept: %+v", c)
	}
}

// A stranger knows the county's root, which is no secret, and has a certificate of its own county.
func TestADiallerOfAnotherCountyIsRefusedAndHearsIt(t *testing.T) {
	c, other := newCounty(t), newCounty(t)
	home := listen(t, c.options(t, 1))
	stranger := other.options(t, 2)
	stranger.Roots = c.roots()
	refused(t, home, stranger)
}

func TestADiallerWithoutACertificateIsRefusedAndHearsIt(t *testing.T) {
	c := newCounty(t)
	home := listen(t, c.options(t, 1))
	nobody := c.options(t, 2)
	nobody.Certificate = tls.Certificate{Certificate: [][]byte{{}}, PrivateKey: nobody.Certificate.PrivateKey}
	refused(t, home, nobody)
}

func TestARevokedDeviceIsRefusedAndHearsIt(t *testing.T) {
	c := newCounty(t)
	o := c.options(t, 1)
	o.Device = func(cert *x509.Certificate) (uint32, error) {
		if device, err := deviceOf(cert); device != 2 {
			return device, err
		}
		return 0, errors.New("revoked")
	}
	refused(t, listen(t, o), c.options(t, 2))
}

func TestADeviceThatIsRevokedWhileConnectedIsCutOffAndStaysOut(t *testing.T) {
	c := newCounty(t)
	var revoked atomic.Bool
	o := c.options(t, 1)
	o.Device = func(cert *x509.Certificate) (uint32, error) {
		if revoked.Load() {
			return 0, errors.New("revoked")
		}
		return deviceOf(cert)
	}
	home, two := listen(t, o), listen(t, c.options(t, 2))
	two.Learn(1, home.Addr().String())
	s, err := two.Open(timeout(t, patience), 1, link.Sync)
	if err != nil {
		t.Fatal(err)
	}
	revoked.Store(true)
	home.Drop(2)
	s.SetReadDeadline(time.Now().Add(patience))
	if _, err := s.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("its stream reads %v, want an end", err)
	}
	if err := verdict(t, two); !errors.Is(err, link.ErrRefused) {
		t.Errorf("the verdict: %v, want ErrRefused", err)
	}
}

// verdict returns why device 1 does not let a dialler read, or nil if it has said hello.
func verdict(t *testing.T, dialler *link.Link) error {
	t.Helper()
	s, err := dialler.Open(timeout(t, patience), 1, link.Sync)
	if err != nil {
		return err
	}
	defer s.Close()
	s.SetReadDeadline(time.Now().Add(patience))
	_, err = s.ReadFrame(1)
	return err
}

func refused(t *testing.T, home *link.Link, dialler link.Options) {
	t.Helper()
	before := settled(t)
	l, err := link.Listen("127.0.0.1:0", dialler)
	if err != nil {
		t.Fatal(err)
	}
	l.Learn(1, home.Addr().String())
	if err := verdict(t, l); !errors.Is(err, link.ErrRefused) {
		t.Errorf("the verdict: %v, want ErrRefused", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	keepsNothing(t, home, before)
}

func TestAnAcceptorOfAnotherCountyIsNotSpokenWith(t *testing.T) {
	c, other := newCounty(t), newCounty(t)
	one, foreign := listen(t, c.options(t, 1)), listen(t, other.options(t, 2))
	one.Learn(2, foreign.Addr().String())
	_, err := one.Open(timeout(t, patience), 2, link.Sync)
	if err == nil || errors.Is(err, link.ErrRefused) {
		t.Errorf("open: %v, want an error of this side", err)
	}
	if c := foreign.Contacts(); len(c) != 0 {
		t.Errorf("the foreign acceptor knows %+v", c)
	}
}

func TestAnotherDeviceBehindAnAddressIsNotSpokenWith(t *testing.T) {
	c := newCounty(t)
	o := c.options(t, 1)
	o.ServerName = func(uint32) string { return serverName(3) } // even if the name fits
	one, three := listen(t, o), listen(t, c.options(t, 3))
	one.Learn(2, three.Addr().String())
	if s, err := one.Open(timeout(t, patience), 2, link.Sync); err == nil {
		t.Errorf("stream to device 2 leads to device %d's machine", s.Peer())
	}
	one.Learn(3, three.Addr().String())
	if _, err := one.Open(timeout(t, patience), 3, link.Sync); err != nil {
		t.Errorf("device 3 itself: %v", err)
	}
}

func TestACrowdedGateAsksForProofAndAFullOneLetsNobodyIn(t *testing.T) {
	c := newCounty(t)
	home := listen(t, c.options(t, 1))
	for _, gate := range []struct {
		handshakes int64
		open       bool
	}{{0, true}, {32, true}, {255, true}, {256, false}} {
		home.Crowd(gate.handshakes)
		newcomer := listen(t, c.options(t, 2)) // holds no token of an earlier visit
		newcomer.Learn(1, home.Addr().String())
		_, err := newcomer.Open(timeout(t, patience), 1, link.Sync)
		if (err == nil) != gate.open || errors.Is(err, link.ErrRefused) {
			t.Errorf("with %d handshakes running: %v", gate.handshakes, err)
		}
		eventually(t, "no other handshake is counted", func() bool { return home.HandshakesInside() == gate.handshakes })
	}
}

func TestAnUnknownProtocolEndsItsStreamOnly(t *testing.T) {
	one, two := pair(t)
	ctx := timeout(t, patience)
	good := openPair(ctx, t, one, two)
	bad, err := one.OpenRaw(ctx, 2, 200)
	if err != nil {
		t.Fatal(err)
	}
	bad.SetDeadline(time.Now().Add(patience))
	if _, err := bad.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("a stream of protocol 200 reads %v, want a stream that was cut", err)
	}
	good.out.WriteFrame([]byte("well"))
	if frame, err := good.in.ReadFrame(10); string(frame) != "well" {
		t.Errorf("the other stream read %q, %v", frame, err)
	}
}

func TestStreamsThatNobodyAcceptsAreTurnedAway(t *testing.T) {
	one, two := pair(t)
	echo(t, two, link.Sync)
	ctx := timeout(t, patience)
	var cut atomic.Int64
	var reading sync.WaitGroup
	for range 70 {
		s, err := one.Open(ctx, 2, link.Raft)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		reading.Go(func() {
			s.Read(make([]byte, 1)) // ends only when the stream is cut
			cut.Add(1)
		})
	}
	eventually(t, "six of 70 streams are turned away", func() bool { return cut.Load() == 70-64 })
	if _, err := ask(ctx, one, 2, []byte("well")); err != nil {
		t.Errorf("another protocol on the same connection: %v", err)
	}
	for range 64 {
		s, err := two.Accept(ctx, link.Raft)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	reading.Wait()
}

func TestListenRefusesWhatCannotBeSafe(t *testing.T) {
	c := newCounty(t)
	for what, spoil := range map[string]func(*link.Options){
		"no certificate": func(o *link.Options) { o.Certificate = tls.Certificate{} },
		"no root":        func(o *link.Options) { o.Roots = nil },
		"no device":      func(o *link.Options) { o.Device = nil },
		"no server name": func(o *link.Options) { o.ServerName = nil },
		"no secret":      func(o *link.Options) { o.Secret = [32]byte{} },
	} {
		o := c.options(t, 1)
		spoil(&o)
		if l, err := link.Listen("127.0.0.1:0", o); err == nil {
			l.Close()
			t.Errorf("%s: listens all the same", what)
		}
	}
}

// To a dialler every handshake seems to succeed: only then it hears that it is not welcome.
func TestARefusedDeviceCallsEverMoreSeldom(t *testing.T) {
	c := newCounty(t)
	var welcome atomic.Bool
	o := c.options(t, 1)
	o.Device = func(cert *x509.Certificate) (uint32, error) {
		if welcome.Load() {
			return deviceOf(cert)
		}
		return 0, errors.New("revoked")
	}
	home, two := listen(t, o), listen(t, c.options(t, 2))
	two.Learn(1, home.Addr().String())
	for calls := range 4 {
		if err := verdict(t, two); !errors.Is(err, link.ErrRefused) {
			t.Fatalf("the verdict: %v, want ErrRefused", err)
		}
		eventually(t, "the failed call is counted", func() bool { return two.Failures(1) == calls+1 })
	}
	welcome.Store(true)
	if _, err := two.Open(timeout(t, patience), 1, link.Sync); err != nil {
		t.Fatal(err)
	}
	eventually(t, "failures are forgotten", func() bool { return two.Failures(1) == 0 })
}
