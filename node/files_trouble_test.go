package node

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

// told returns what a node tells by itself of photos and files that were not taken.
func (n *node) told() []web.Trouble {
	return slices.DeleteFunc(n.ownTroubles(), func(t web.Trouble) bool { return t.Sort != "pieces" && t.Sort != "room" })
}

// declining is a box that talks to nobody, and its hub.
func declining(t *testing.T) (box *party, hub policy.Device) {
	t.Helper()
	p := newProvince(t, 1)
	box, hub = p.boxes[0], p.hub.id.Device
	box.devices[hub.Index] = hub
	return box, hub
}

func TestAPersonIsToldWhoSendsFalsePieces(t *testing.T) {
	box, hub := declining(t)
	bad := freight.Decline{
		Way: freight.Brought, Device: hub.Index, Root: wire.Hash{1}, Why: wire.WhyUnproven,
		Reason: "its only piece is not the file's", At: time.Now(), Times: 1, Alone: true,
	}
	all := box.declinedFiles([]freight.Decline{bad})
	if len(all) != 1 || all[0].Sort != "pieces" || all[0].ID == "" || all[0].At.IsZero() ||
		all[0].Detail != "its only piece is not the file's, sent by 县中心 (device 1); 1 files: 0100000000000000" {
		t.Fatalf("told: %+v", all)
	}
	if !all[0].Grave {
		t.Error("nobody else has the file, and that is for information")
	}
	bad.Alone = false
	if all := box.declinedFiles([]freight.Decline{bad}); len(all) != 1 || all[0].Grave {
		t.Errorf("another one has the file: %+v", all)
	}
}

func TestAPersonIsToldWhoseWordsAboutFilesCannotBeRead(t *testing.T) {
	box, hub := declining(t)
	all := box.declinedFiles([]freight.Decline{{Way: freight.Brought, Device: hub.Index, Why: wire.WhyDamaged, Reason: "word 99 about a file", At: time.Now(), Times: 3}})
	if len(all) != 1 || all[0].Detail != "县中心 (device 1) said what cannot be read, 3 times: word 99 about a file" {
		t.Errorf("told: %+v", all)
	}
}

func TestAPersonIsToldWhoAsksForWhatItMayNotHave(t *testing.T) {
	box, hub := declining(t)
	r := &resident{node: box.node}
	photo := r.photograph(t, 1, 1000, 0)
	r.attach(t, 1, photo)
	all := box.declinedFiles([]freight.Decline{{Way: freight.Sought, Device: hub.Index, Root: photo.Root, Why: wire.WhyRights, Reason: "no right", At: time.Now(), Times: 1}})
	if len(all) != 1 || all[0].Grave || len(all[0].Records) != 1 || !strings.Contains(all[0].Detail, hub.Name) {
		t.Errorf("told: %+v", all)
	}
}

// blocked has a node's disk take nothing of a file: a thing stands where it would.
func (r *resident) blocked(t *testing.T, f crdt.File) (clear func()) {
	t.Helper()
	path := filepath.Join(r.config.Data, "files", fmt.Sprintf("%x", f.Root[:1]))
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		for _, told := range r.told() {
			if told.Sort == "room" { // whoever made room says so
				if err := r.PutAside(told.ID, "王秀英", "清理了磁盘"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// tells reports whether a node tells of one thing that was not taken, with the record.
func (r *resident) tells(sort string, grave bool, words string) bool {
	return slices.ContainsFunc(r.told(), func(t web.Trouble) bool {
		return t.Sort == sort && t.Grave == grave && len(t.Records) > 0 && strings.Contains(t.What.Zh+t.Detail, words)
	})
}

// Hub from box, replica from replica and box from box: what the disk of one does not take
// both tell, with the reason; everything else comes; and it goes once the disk takes it.
func TestWhatADiskDoesNotTakeIsToldAtBothEndsOfEachHop(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 3, 2, nil)
	box, near := d.box(0), d.box(1)
	first := -1
	d.until("a replica is met", func() bool {
		talks := func(r *resident) int {
			return slices.IndexFunc(d.peers, func(p Peer) bool { return p.Role == policy.Hub && r.talks.with(p.Device) })
		}
		first = talks(box)
		return first >= 0 && talks(near) >= 0
	})
	hub, replica := d.hub(first), d.hub((first+1)%3)
	photos := make([]crdt.Attachment, 4)
	for i := range photos {
		photos[i] = box.photograph(t, byte(10+i), 100_000, 5_000)
	}
	clears := []func(){hub.blocked(t, photos[0].File), replica.blocked(t, photos[1].File), near.blocked(t, photos[2].Preview)}
	for i, photo := range photos {
		box.attach(t, 1+i, photo)
	}
	d.until("all else is everywhere", func() bool {
		return hub.has(photos[1].File, photos[2].File, photos[3].File) && replica.has(photos[2].File, photos[3].File) &&
			near.has(photos[0].Preview, photos[1].Preview, photos[3].Preview)
	})
	d.until("the hub tells, and the box whose photo it is", func() bool {
		return hub.tells("room", true, "没有收下") && box.tells("pieces", true, "县中心")
	})
	d.until("the replica tells, and the one that gave", func() bool {
		return replica.tells("room", true, "没有收下") && (hub.tells("pieces", false, replica.id.Device.Name) || d.hub((first+2)%3).tells("pieces", false, replica.id.Device.Name))
	})
	d.until("the neighbour tells, and who gave", func() bool {
		return near.tells("room", true, "没有收下") && slices.ContainsFunc(d.nodes, func(r *resident) bool { return r.tells("pieces", false, near.id.Device.Name) })
	})
	if s := box.Status(); s.Light != web.LightAttention || s.Unsent.Files == 0 {
		t.Errorf("the light is %s, with %+v", s.Light, s.Unsent)
	}
	for _, clear := range clears {
		clear()
	}
	d.until("all has come, and nothing is told", func() bool {
		for _, r := range d.nodes {
			if len(r.told()) > 0 {
				return false
			}
		}
		return hub.has(photos[0].File) && replica.has(photos[1].File) && near.has(photos[2].Preview)
	})
	box.freight.AskAll()
	d.until("the light is green", func() bool { return box.Status().Light == web.LightSafe })
}
