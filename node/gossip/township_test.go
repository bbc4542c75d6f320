package gossip_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/node/gossip"
	"wangge/sync/link"
	"wangge/sync/weaklink"
)

// fast is a profile for loopback: it forgets a lost member within a second or two.
func fast() gossip.Profile {
	return gossip.Profile{
		Probe:        100 * time.Millisecond,
		ProbeTimeout: 50 * time.Millisecond,
		Suspicion:    3,
		Gossip:       20 * time.Millisecond,
		Exchange:     500 * time.Millisecond,
		Forget:       200 * time.Millisecond,
		Rejoin:       200 * time.Millisecond,
		RejoinMax:    400 * time.Millisecond,
		RejoinCalls:  3,
	}
}

// township makes boxes whose links trust each other.
type township struct {
	t       *testing.T
	root    *x509.Certificate
	key     ed25519.PrivateKey
	wire    *weaklink.Wire // what links run over; nil for loopback
	profile gossip.Profile
	absent  []uint32 // devices that all boxes know, and that are not there
}

const lifetime = 1000 * time.Hour // of certificates: virtual days pass in these tests

func newTownship(t *testing.T) *township {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(lifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	town := &township{t: t, key: private, profile: fast()}
	town.root = town.sign(template, template, public)
	return town
}

// virtual makes a township over an emulated wire, in the bubble of virtual time that t belongs to.
func virtual(t *testing.T, seed uint64, p weaklink.Profile) *township {
	t.Helper()
	// Registered first, it comes last: goroutines of memberlist that wait for an answer end within a probe interval.
	t.Cleanup(func() { <-time.After(time.Hour) })
	town := newTownship(t)
	town.wire, town.profile = weaklink.New(seed, p), gossip.Township()
	return town
}

func (town *township) sign(template, parent *x509.Certificate, public ed25519.PublicKey) *x509.Certificate {
	town.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, town.key)
	if err != nil {
		town.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		town.t.Fatal(err)
	}
	return cert
}

func (town *township) link(device uint32, by *link.Switch) *link.Link {
	town.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		town.t.Fatal(err)
	}
	cert := town.sign(&x509.Certificate{
		SerialNumber: big.NewInt(int64(device) + 100),
		Subject:      pkix.Name{CommonName: strconv.Itoa(int(device))},
		DNSNames:     []string{serverName(device)},
		NotAfter:     time.Now().Add(lifetime),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}, town.root, public)
	roots := x509.NewCertPool()
	roots.AddCert(town.root)
	l, err := link.Listen("127.0.0.1:0", link.Options{
		Socket:      town.socket(device),
		Certificate: tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: private, Leaf: cert},
		Roots:       roots,
		Device: func(c *x509.Certificate) (uint32, error) {
			n, err := strconv.ParseUint(c.Subject.CommonName, 10, 32)
			return uint32(n), err
		},
		ServerName: serverName,
		Secret:     [32]byte{byte(device), 1},
		Switch:     by,
	})
	if err != nil {
		town.t.Fatal(err)
	}
	return l
}

// socket returns a device's end of the wire, or nil for loopback.
func (town *township) socket(device uint32) net.PacketConn {
	if town.wire == nil {
		return nil
	}
	end, err := town.wire.Listen(placeOf(device).String())
	if err != nil {
		town.t.Fatal(err)
	}
	return end
}

func placeOf(device uint32) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(device >> 8), byte(device)}), 7000)
}

func serverName(device uint32) string { return fmt.Sprintf("device-%d.test", device) }

// box is one running place in a ring.
type box struct {
	*gossip.Gossip
	device uint32
	link   *link.Link
	by     link.Switch
	leave  func()
	mu     sync.Mutex
	moved  string              // guarded by mu; an address that it moved to, or ""
	rumour map[string][]uint32 // guarded by mu; what it heard, and from whom
}

// box starts a box that knows the devices in peers, and where they are if they have been started.
func (town *township) box(device uint32, ring string, peers ...*box) *box {
	town.t.Helper()
	b := &box{device: device, rumour: make(map[string][]uint32)}
	b.link = town.link(device, &b.by)
	known := slices.Clone(town.absent)
	for _, device := range town.absent {
		b.link.Learn(device, placeOf(device).String())
	}
	for _, p := range peers {
		known = append(known, p.device)
		b.link.Learn(p.device, p.link.Addr().String())
	}
	g, err := gossip.New(b.link, gossip.Options{
		Device:  device,
		Name:    fmt.Sprintf("第%d社区", device),
		Address: b.address,
		Ring:    ring,
		Peers:   func() []uint32 { return known },
		Profile: town.profile,
		Heard:   b.hear,
	})
	if err != nil {
		town.t.Fatal(err)
	}
	b.Gossip = g
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	b.leave = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			town.t.Errorf("box %d ran until %v", device, err)
		}
		b.link.Close()
	})
	town.t.Cleanup(b.leave)
	return b
}

func (b *box) address() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.moved != "" {
		return b.moved
	}
	return b.link.Addr().String()
}

func (b *box) hear(origin uint32, rumour []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rumour[string(rumour)] = append(b.rumour[string(rumour)], origin)
	return true
}

// heard returns who is said to have begun a rumour, once for each time it was told.
func (b *box) heard(rumour string) []uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rumour[rumour]
}

// sees reports whether exactly these members are alive to the box.
func (b *box) sees(devices ...uint32) bool {
	var alive []uint32
	for _, m := range b.Members() {
		if m.Alive {
			alive = append(alive, m.Device)
		}
	}
	return fmt.Sprint(alive) == fmt.Sprint(devices)
}

// eventually polls until the condition holds, and fails the test after 20 seconds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !holds() {
		select {
		case <-poll.C:
		case <-ctx.Done():
			t.Fatalf("after 20 seconds still not: %s", what)
		}
	}
}

// goroutines counts those that run code of the ring or below.
func goroutines() int {
	b := make([]byte, 4<<20)
	n := 0
	for stack := range strings.SplitSeq(string(b[:runtime.Stack(b, true)]), "\n\n") {
		for _, of := range []string{"wangge/node/gossip.", "memberlist.", "wangge/sync/link.", "quic-go"} {
			if strings.Contains(stack, of) {
				n++
				break
			}
		}
	}
	return n
}
