package node

import (
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/sync/link"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

func TestAReplicaSaysOfABoxWhatTheCountyDoesNotKnow(t *testing.T) {
	minute := time.Minute.Milliseconds()
	noted := wire.Heard{At: 100 * minute, Told: true, Skew: minute}
	for why, c := range map[string]struct {
		h    wire.Heard
		want bool
	}{
		"a little later":              {wire.Heard{At: 101*minute - 1, Told: true, Skew: minute}, false},
		"a minute later":              {wire.Heard{At: 101 * minute}, true},
		"earlier, by another replica": {wire.Heard{At: 99 * minute, Told: true, Skew: 60 * minute}, false},
		"its clock has moved":         {wire.Heard{At: 100*minute + 1, Told: true, Skew: -minute}, true},
		"all came meanwhile":          {wire.Heard{At: 100*minute + 1, Greeted: true}, true},
		"its clock has moved little":  {wire.Heard{At: 100*minute + 1, Told: true, Skew: minute + 1}, false},
	} {
		if worthSaying(noted, c.h) != c.want {
			t.Errorf("%s: %t", why, !c.want)
		}
	}
	if !worthSaying(wire.Heard{At: 5}, wire.Heard{At: 6, Told: true}) {
		t.Error("a clock that was not told before is not told")
	}
}

// A box talks to one replica. All of them say that it was heard, and how its clock goes.
func TestAllReplicasSayWhenABoxWasHeard(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Cleanup(func() { <-time.After(2 * time.Hour) }) // what the libraries leave to its timers
		d := newDistrict(t, weaklink.Profile{Rate: 1_000_000, Header: weaklink.Headers, Delay: 25 * time.Millisecond}, 3, 1, func(c *Config) {
			c.Web, c.RaftTimeouts = "", 20
		})
		box := d.peers[3].Device
		<-time.After(5 * time.Minute)
		for i := range 3 {
			p := peerOf(d.hub(i).Status(), box)
			if p.Told.IsZero() || p.Wants != 0 {
				t.Errorf("replica %d says that the county lacks %d of the box's batches, told %s", i, p.Wants, p.Told)
			}
			if ago := time.Since(p.Heard); ago > 3*time.Minute || p.Skew == nil {
				t.Errorf("replica %d has not heard the box for %s, its clock: %v", i, ago, p.Skew)
			}
		}
		met := 0
		for i := range 3 {
			if !peerOf(d.hub(i).Status(), box).Greeted.IsZero() {
				met++
			}
		}
		if met == 3 {
			t.Error("the box has talked to all replicas: this shows nothing")
		}
	})
}

// What the county lacks of a box is said by whom the box talks to, and known to all.
func TestWhatTheCountyLacksOfABoxIsTheSameAtEachReplica(t *testing.T) {
	desks := newDesks(t, "一号", "二号")
	talks, other := desks[0], desks[1]
	box := policy.Device{Index: 9, Name: "城东站", Role: policy.Box, Holds: []policy.Pattern{"*"}, Writes: []policy.Pattern{"*"}}
	village, heard := crdt.Space{Area: "140581105211", Class: crdt.Personal}, time.Now().Truncate(time.Millisecond)
	talks.exchanges.with(9, func(x *exchange) { x.holds = map[crdt.Space]crdt.Frontier{village: {7: 3}} })
	h := talks.heardOf(link.Contact{Device: 9, Heard: heard}, box, talks.holds())
	if !h.Greeted || h.Wants != 3 {
		t.Fatalf("it says %+v", h)
	}
	p := web.Peer{Device: 9, Heard: heard.Add(-time.Hour), Wants: 1}
	if other.addNoted(&p, map[uint32]wire.Heard{9: h}); p.Wants != 3 || !p.Told.Equal(heard) {
		t.Errorf("another says %d, told %s", p.Wants, p.Told)
	}
	p = web.Peer{Device: 9, Heard: heard.Add(time.Hour), Wants: 1} // it has talked to this one since
	if other.addNoted(&p, map[uint32]wire.Heard{9: h}); p.Wants != 1 {
		t.Errorf("what it heard itself later gave way to %d", p.Wants)
	}
}

func peerOf(s web.Status, device uint32) web.Peer {
	for _, p := range s.Peers {
		if p.Device == device {
			return p
		}
	}
	return web.Peer{}
}
