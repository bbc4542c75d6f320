package node

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/node/web"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

// A person looks at one replica, and the disk of another takes no photo.
func TestWhatNeedsAttentionAtOneReplicaIsToldAtAll(t *testing.T) {
	bubble(t, func(t *testing.T) {
		t.Cleanup(func() { <-time.After(2 * time.Hour) }) // what the libraries leave to its timers
		d := newDistrict(t, weaklink.Profile{Rate: 1_000_000, Header: weaklink.Headers, Delay: 25 * time.Millisecond}, 3, 1, func(c *Config) {
			c.Web, c.RaftTimeouts = "", 20
		})
		box, full := d.box(0), d.hub(1)
		photo := box.photograph(t, 10, 100_000, 5_000)
		clear := full.blocked(t, photo.File)
		box.attach(t, 1, photo)
		tells := func(i int) bool {
			return slices.ContainsFunc(d.hub(i).troubles(), func(told web.Trouble) bool {
				return told.Sort == "room" && told.Grave && len(told.Records) == 1 && strings.HasPrefix(told.What.Zh, full.id.Device.Name) == (i != 1)
			})
		}
		<-time.After(10 * time.Minute)
		for i := range 3 {
			if !tells(i) {
				t.Errorf("replica %d tells of %+v", i, d.hub(i).troubles())
			}
		}
		clear()
		full.freight.Retry()
		<-time.After(10 * time.Minute)
		for i := range 3 {
			// Whoever offered it tells for a day that it was not taken, unless they hear that it was.
			others := func(told web.Trouble) bool { return told.Sort != "room" }
			if all := slices.DeleteFunc(d.hub(i).troubles(), others); len(all) > 0 {
				t.Errorf("it has come, and replica %d tells of %+v", i, all)
			}
		}
	})
}

func TestAReplicaSaysAnewWhatNeedsAttentionOnlyWhenItIsAnotherThing(t *testing.T) {
	said := wire.Trouble{ID: "room-1", Sort: "room", Grave: true, What: wire.Words{Zh: "放不下"}, Detail: "tried 3 times", Records: []wire.TroubleRecord{{}}}
	for why, change := range map[string]func(*wire.Trouble){
		"":                      func(m *wire.Trouble) { m.Detail, m.At = "tried 4 times", 7 },
		"another thing":         func(m *wire.Trouble) { m.ID = "room-2" },
		"grave no more":         func(m *wire.Trouble) { m.Grave = false },
		"another record":        func(m *wire.Trouble) { m.Records = nil },
		"other words":           func(m *wire.Trouble) { m.What.En = "no room" },
		"something else to do":  func(m *wire.Trouble) { m.Do.Zh = "清理" },
		"another sort of thing": func(m *wire.Trouble) { m.Sort = "pieces" },
	} {
		now := said
		if change(&now); sameTrouble(said, now) != (why == "") {
			t.Errorf("%q is taken for the same: %t", why, why != "")
		}
	}
}
