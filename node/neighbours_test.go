package node

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"wangge/sync/weaklink"
)

// A box whose configuration names nobody any more, and that was away, finds the ring by whom it has met.
func TestABoxRemembersWhomItHasMetInTheRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { <-time.After(2 * time.Hour) })
		d := newDistrict(t, weaklink.LAN(), 1, 3, func(c *Config) { c.Web, c.RaftTimeouts = "", 20 })
		<-time.After(5 * time.Minute)
		last := d.box(2)
		last.stop()
		<-time.After(time.Hour)
		last.config.Peers = d.peers[:1] // the hub
		d.start(3)
		<-time.After(5 * time.Minute)
		if near := len(last.gossip.Members()); near != 2 {
			t.Errorf("it sees %d others, want 2", near)
		}
		last.stop()
		path := filepath.Join(last.config.Data, neighboursFile)
		if err := os.WriteFile(path, []byte(`[{"device":`), 0o600); err != nil {
			t.Fatal(err)
		}
		d.start(3)
		if met := last.readNeighbours(); len(met) != 0 {
			t.Errorf("nonsense is read as %v", met)
		}
	})
}
