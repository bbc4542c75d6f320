package node

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"wangge/node/discover"
	"wangge/node/gossip"
	"wangge/node/policy"
	"wangge/sync/link"
)

// street is a link and a ring of which a test knows who is at which address.
type street struct {
	live  map[netip.AddrPort]uint32
	calls int
	met   []uint32
	known []link.Contact
	ring  []gossip.Member
}

func (s *street) Members() []gossip.Member { return s.ring }

func (s *street) Contacts() []link.Contact { return s.known }

func (s *street) Meet(device uint32) { s.met = append(s.met, device) }

func (s *street) Try(_ context.Context, device uint32, at netip.AddrPort) error {
	s.calls++
	if s.live[at] != device {
		return errors.New("somebody else")
	}
	return nil
}

func TestAHintIsBelievedOnlyWhenTheBoxIsThere(t *testing.T) {
	at := netip.MustParseAddrPort("192.168.7.9:7400")
	s := &street{live: map[netip.AddrPort]uint32{at: 5}, known: []link.Contact{{Device: 6, Connected: true}, {Device: 5}, {Device: 8, Connected: true}},
		ring: []gossip.Member{{Device: 6, Alive: true}}}
	h := hints{link: s, ring: s, log: slog.New(slog.DiscardHandler), tried: map[netip.AddrPort]time.Time{}}
	lie := netip.MustParseAddrPort("192.168.7.66:7400")
	for range 10 {
		h.try(t.Context(), 5, lie)
	}
	if s.calls != 1 || s.met != nil {
		t.Errorf("a lie told ten times led to %d calls and meetings with %v", s.calls, s.met)
	}
	h.try(t.Context(), 6, at)
	h.try(t.Context(), 8, at)
	if s.calls != 1 || !slices.Equal(s.met, []uint32{8}) {
		t.Errorf("boxes in contact led to %d calls and meetings with %v", s.calls-1, s.met)
	}
	h.try(t.Context(), 5, at)
	if !slices.Equal(s.met, []uint32{8, 5}) {
		t.Errorf("met %v", s.met)
	}
	for port := range 10_000 {
		h.try(t.Context(), 7, netip.AddrPortFrom(lie.Addr(), uint16(port+1)))
	}
	if len(h.tried) > hintsMax {
		t.Errorf("%d lies are remembered", len(h.tried))
	}
}

func TestWhatIsAnnouncedIsWhereTheNodeListens(t *testing.T) {
	n := &node{config: Config{DiscoverOn: []string{"wlan0"}}, log: slog.New(slog.DiscardHandler)}
	p := newProvince(t, 1)
	n.id = p.boxes[0].id
	n.devices = map[uint32]policy.Device{}
	roots := x509.NewCertPool()
	roots.AddCert(n.id.Root)
	l, err := link.Listen("127.0.0.1:0", link.Options{
		Certificate: n.id.Certificate, Roots: roots, Device: n.meet, ServerName: policy.ServerName, Secret: n.id.LinkKey, Log: n.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n.link = l
	if n.discovers() || n.hosts() != nil {
		t.Error("a box at loopback looks for others")
	}
	pages, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pages.Close()
	var o discover.Options
	n.discover(t.Context(), pages, func(_ context.Context, told discover.Options) error { o = told; return nil })
	if o.Link.String() != l.Addr().String() || o.Web.String() != pages.Addr().String() {
		t.Errorf("announced at %s and %s, listens at %s and %s", o.Link, o.Web, l.Addr(), pages.Addr())
	}
	if o.Title != "站0" || len(o.County) != 16 || !slices.Equal(o.Interfaces, n.config.DiscoverOn) {
		t.Errorf("announced as %q of %q on %v", o.Title, o.County, o.Interfaces)
	}
}
