package node

import (
	"testing"
	"time"

	"wangge/sync/weaklink"
)

func TestABoxRemembersWhomItHasMetInTheRing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Cleanup(func() { <-time.After(2 * time.Hour) })
		d := newDistrict(t, weaklink.LAN(), 1, 3, func(c *Config) { c.Web, c.RaftTimeouts = "", 20 })
		<-time.After(5 * time.Minute)
		last := d.box(2)
		last.stop()
		<-time.After(time.Hour)
		last.config.Peers = d.peers[:1] // the hub
		d.start(3)
		at := map[string]bool{}
		for _, c := range last.link.Contacts() {
			at[c.Address] = true
		}
		if !at[d.peers[1].Address] || !at[d.peers[2].Address] {
			t.Errorf("it would look for them at %v", at)
		}
	})
}
