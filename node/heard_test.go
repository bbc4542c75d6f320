package node

import (
	"testing"
	"testing/synctest"
	"time"

	"wangge/node/web"
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
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { <-time.After(2 * time.Hour) }) // what the libraries leave to its timers
		d := newDistrict(t, weaklink.Profile{Rate: 1_000_000, Header: weaklink.Headers, Delay: 25 * time.Millisecond}, 3, 1, func(c *Config) {
			c.Web, c.RaftTimeouts = "", 20
		})
		box := d.peers[3].Device
		<-time.After(5 * time.Minute)
		for i := range 3 {
			p := peerOf(d.hub(i).Status(), box)
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

func peerOf(s web.Status, device uint32) web.Peer {
	for _, p := range s.Peers {
		if p.Device == device {
			return p
		}
	}
	return web.Peer{}
}
