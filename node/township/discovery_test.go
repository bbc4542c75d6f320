package township

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"time"

	"wangge/node/gossip"
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
