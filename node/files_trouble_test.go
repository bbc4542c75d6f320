package node

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/sync/pieces"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

// told returns what a node tells of photos and files that were not taken.
func (n *node) told() []web.Trouble {
	return slices.DeleteFunc(n.troubles(), func(t web.Trouble) bool { return t.Sort != "pieces" && t.Sort != "room" })
}

// falseBox is a box that looks for a file, of which the hub may have something.
func falseBox(t *testing.T) (box *party, hub policy.Device, step func(device uint32, m wire.FileWord)) {
	t.Helper()
	p := newProvince(t, 1)
	box = p.boxes[0]
	box.freight = newFreight(box.node)
	hub = p.hub.id.Device
	box.devices[hub.Index] = hub
	s := box.freight.seeker
	s.Seek([]pieces.Wish{{Root: wire.Hash{1}, Size: 100, From: func(uint32) bool { return true }}}, 0)
	s.Join(hub.Index, 0)
	return box, hub, func(device uint32, m wire.FileWord) {
		t.Helper()
		if _, err := s.Step(device, m, 1); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPersonIsToldWhoSendsFalsePieces(t *testing.T) {
	box, hub, step := falseBox(t)
	if all := box.troubles(); len(all) != 0 {
		t.Errorf("before anything happened: %+v", all)
	}
	step(hub.Index, wire.Stock{Root: wire.Hash{1}, Size: 100, Whole: true})
	step(hub.Index, wire.Piece{Root: wire.Hash{1}, Size: 100, Bytes: bytes.Repeat([]byte{7}, 100)})
	all := box.troubles()
	if len(all) != 1 || all[0].Sort != "pieces" || all[0].ID == "" || all[0].At.IsZero() ||
		all[0].Detail != "its only piece is not the file's, sent by 县中心 (device 1); 1 files: 0100000000000000" {
		t.Fatalf("told: %+v", all)
	}
	if !all[0].Grave {
		t.Error("nobody else has the file, and that is for information")
	}
	if s := box.stock(); s.False["县中心"] != 1 {
		t.Errorf("the status counts %v", s.False)
	}
	box.freight.seeker.Join(9, 2)
	step(9, wire.Stock{Root: wire.Hash{1}, Size: 100, Whole: true})
	if all := box.troubles(); len(all) != 1 || all[0].Grave {
		t.Errorf("another one has the file: %+v", all)
	}
}

func TestAPersonIsToldWhoseWordsAboutFilesCannotBeRead(t *testing.T) {
	box, hub, _ := falseBox(t)
	for range 3 {
		box.freight.garbled(hub.Index, errors.New("word 99 about a file"))
	}
	if all := box.told(); len(all) != 1 || all[0].Detail != "县中心 (device 1) said what cannot be read, 3 times: word 99 about a file" {
		t.Errorf("told: %+v", all)
	}
}

func TestAPersonIsToldWhoAsksForWhatItMayNotHave(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1].id.Device
	box.freight = newFreight(box.node)
	box.devices[other.Index] = other
	r := &resident{node: box.node}
	photo := r.photograph(t, 1, 1000, 0)
	r.attach(t, 1, photo)
	if may := box.mayHave(other)(photo.Root); !may || len(box.told()) > 0 {
		t.Fatalf("a neighbour may have it: %t, told: %+v", may, box.told())
	}
	other.Holds = nil
	if box.mayHave(other)(wire.Hash{5}) || len(box.told()) > 0 {
		t.Errorf("of a file that no record here names: %+v", box.told())
	}
	for range 3 {
		if box.mayHave(other)(photo.Root) {
			t.Error("it is given without a right")
		}
	}
	if all := box.told(); len(all) != 1 || all[0].Grave || len(all[0].Records) != 1 || !strings.Contains(all[0].Detail, "站1") {
		t.Errorf("told: %+v", all)
	}
	other.Holds = p.boxes[1].id.Device.Holds // the right came
	if !box.mayHave(other)(photo.Root) || len(box.told()) > 0 {
		t.Errorf("still told: %+v", box.told())
	}
	box.id.Device.Holds = nil // it only writes there, and gives nothing to neighbours
	if box.mayHave(other)(photo.Root) || len(box.told()) > 0 {
		t.Errorf("who may hold the record is told of: %+v", box.told())
	}
}

// What a box may hold no more, or only wrote, nobody gives it: to ask would be told as asking
// without a right.
func TestABoxAsksForNothingThatItMayNotHold(t *testing.T) {
	p := newProvince(t, 2)
	box, hub, near := p.boxes[0], p.hub.id.Device, p.boxes[1].id.Device
	box.freight = newFreight(box.node)
	l := &lacking{spaces: []crdt.Space{field}, authors: map[uint32]bool{near.Index: true}}
	for _, holds := range []bool{true, false} {
		if !holds {
			box.id.Device.Holds = nil
		}
		if box.mayTrade(hub, l) != holds || box.mayTrade(near, l) != holds {
			t.Errorf("may hold it: %t; asks the hub: %t, a neighbour: %t", holds, box.mayTrade(hub, l), box.mayTrade(near, l))
		}
	}
}

// One that lies must not make what is told of others forgotten.
func TestWhatIsToldOfDeclinedFilesIsBoundedForEachDevice(t *testing.T) {
	all := declines{}
	all.note(declineOf{sent, 2, wire.Hash{1}}, wire.WhyRoom, "")
	for i := range declinesMax + 50 {
		all.note(declineOf{sent, 1, wire.Hash{byte(i), byte(i >> 8)}}, wire.WhyRoom, "")
	}
	if len(all) != declinesMax+1 {
		t.Errorf("%d are kept", len(all))
	}
	if _, there := all[declineOf{sent, 1, wire.Hash{}}]; there {
		t.Error("the oldest is kept")
	}
	if _, there := all[declineOf{sent, 2, wire.Hash{1}}]; !there {
		t.Error("another device's is forgotten")
	}
}

// Who gives does not learn that a file came from elsewhere: what is not told again goes.
// What is not taken here stands for as long as the file is lacking.
func TestWhatIsNotToldAgainForADayStandsNoLonger(t *testing.T) {
	box, hub, _ := falseBox(t)
	f := box.freight
	lacks, gone := declineOf{brought, hub.Index, wire.Hash{1}}, []declineOf{
		{brought, hub.Index, wire.Hash{2}}, {sent, hub.Index, wire.Hash{1}}, {sought, hub.Index, wire.Hash{1}}, {brought, hub.Index, wire.Hash{}},
	}
	f.lacks[fileName{wire.Hash{1}, 9}] = &lacking{}
	for _, of := range append(gone, lacks) {
		f.declines.note(of, wire.WhyUnproven, "")
	}
	if all, _ := f.standing(); len(all) != 5 {
		t.Errorf("at once there stand %d", len(all))
	}
	for of, is := range f.declines {
		is.last = is.last.Add(-declinedFor - time.Second)
		f.declines[of] = is
	}
	all, _ := f.standing()
	if _, there := all[lacks]; len(all) != 1 || !there {
		t.Errorf("a day later there stand %+v", all)
	}
}

func TestADiskThatTakesAgainIsSaidToBeFullNoLonger(t *testing.T) {
	all := declines{}
	full, other := declineOf{brought, 1, wire.Hash{1}}, declineOf{brought, 1, wire.Hash{2}}
	all.note(full, wire.WhyRoom, "")
	all.note(other, wire.WhyUnproven, "")
	if all.roomy(time.Now()); len(all) != 2 {
		t.Error("a file that the disk does not take is forgotten for another that it takes")
	}
	if all.roomy(time.Now().Add(roomyAfter + time.Second)); len(all) != 1 || all[other].times != 1 {
		t.Errorf("what stands: %+v", all)
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
		r.freight.mu.Lock()
		defer r.freight.mu.Unlock()
		r.freight.start = r.freight.start.Add(-2 * time.Minute) // which the files rest that the disk failed
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
	d.until("a replica is met", func() bool { return box.freight.replica() != 0 && near.freight.replica() != 0 })
	first := slices.IndexFunc(d.peers, func(p Peer) bool { return p.Device == box.freight.replica() })
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
	for _, r := range []*resident{hub, replica, near} {
		r.freight.hurry()
	}
	d.until("all has come, and nothing is told", func() bool {
		for _, r := range d.nodes {
			if len(r.told()) > 0 {
				return false
			}
		}
		return hub.has(photos[0].File) && replica.has(photos[1].File) && near.has(photos[2].Preview)
	})
	box.freight.askAll()
	d.until("the light is green", func() bool { return box.Status().Light == web.LightSafe })
}
