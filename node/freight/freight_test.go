package freight

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// company are the peers of a machine under test: nobody talks to it.
type company map[uint32]policy.Device

func (c company) Device(index uint32) policy.Device        { return c[index] }
func (c company) Talking(uint32) bool                      { return false }
func (c company) Greeted(uint32, []crdt.Space) bool        { return false }
func (c company) Turn(context.Context, *link.Stream) error { return nil }

var (
	hub     = policy.Device{Index: 90, Name: "县中心", Role: policy.Hub, Holds: []policy.Pattern{"*"}}
	nearby  = policy.Device{Index: 91, Name: "邻站", Role: policy.Box, Holds: []policy.Pattern{"140581105*/personal"}}
	field   = crdt.Space{Area: "140581105211", Class: crdt.Personal}
	theFile = crdt.RecordID{1}.Of("visit")
)

// newFreight returns the freight of a machine with a store of its own and no network.
func newFreight(t testing.TB, d policy.Device) *Freight {
	t.Helper()
	dir := t.TempDir()
	return freightIn(t, dir, enrolled(t, dir, d))
}

func enrolled(t testing.TB, dir string, d policy.Device) *policy.Identity {
	t.Helper()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "试验县", time.Now())
	if err == nil {
		_, err = county.Enrol(d, filepath.Join(dir, "keys"), time.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	id, err := policy.LoadIdentity(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// freightIn starts a machine on a folder.
func freightIn(t testing.TB, dir string, id *policy.Identity) *Freight {
	t.Helper()
	authority := policy.NewAuthority(id.Root)
	s, err := store.Open(store.Options{
		Path: filepath.Join(dir, "store.db"), County: id.County, Now: time.Now, Author: func(kept []byte) (store.Author, error) { return id.WriterOf(kept) },
		Signatory: func(credential []byte) (store.Signatory, error) { return authority.Signatory(credential) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return New(Host{Self: id.Device, Store: s, Log: slog.New(slog.DiscardHandler), Peers: company{hub.Index: hub, nearby.Index: nearby}})
}

func newBox(t testing.TB) *Freight {
	return newFreight(t, policy.Device{Name: "站", Role: policy.Box, Holds: nearby.Holds, Writes: nearby.Holds})
}

// refer writes a file and a record that refers to it.
func (f *Freight) refer(t testing.TB, content string) wire.Hash {
	t.Helper()
	root, size, err := f.host.Store.Files().Write(strings.NewReader(content))
	if err == nil {
		a := crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: "image/jpeg"}}
		err = f.host.Store.Save(func(d *store.Draft) error {
			d.Write(field, crdt.Record{}.Attach(theFile, "visit", 9, a.Value()))
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// greeting is a company of which each has greeted with a space.
type greeting struct {
	company
	space crdt.Space
}

func (g greeting) Greeted(_ uint32, with []crdt.Space) bool { return slices.Contains(with, g.space) }

// What a box keeps of a space that it may hold no more may be nowhere else.
func TestTheCountyAlsoAsksForFilesOfASpaceThatLeavesABox(t *testing.T) {
	far := crdt.Space{Area: "140581106211", Class: crdt.Personal}
	county, box := newFreight(t, policy.Device{Name: "县中心", Role: policy.Hub, Holds: hub.Holds}), newBox(t)
	l := &lacking{spaces: []crdt.Space{far}}
	if county.mayTrade(nearby, l) {
		t.Error("a box is asked for what it has not greeted with and may not hold")
	}
	for _, f := range []*Freight{county, box} {
		f.host.Peers = greeting{company{nearby.Index: nearby}, far}
	}
	if !county.mayTrade(nearby, l) || box.mayTrade(nearby, l) {
		t.Error("who greeted with it is not asked by the county, or by a box")
	}
	for f, rings := range map[*Freight]bool{county: true, box: false} {
		f.Greeted(nearby)
		select {
		case <-f.changed:
		default:
			if rings {
				t.Error("the greeting has nobody look whether to ask")
			}
			continue
		}
		if !rings {
			t.Error("a greeting has a box look whether to ask")
		}
	}
}

func TestABoxIsAskedByTheReplicaThatItTalksToAlone(t *testing.T) {
	asks := func(f *Freight) bool {
		f.Met(nearby)() // a conversation that is over
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.canAsk(nearby.Index)
	}
	if asks(newFreight(t, policy.Device{Name: "县中心", Role: policy.Hub, Holds: hub.Holds})) {
		t.Error("a replica asks a box that has left: another one does so too")
	}
	if !asks(newBox(t)) {
		t.Error("a box does not ask a neighbour after its visit")
	}
}

func TestAReplicaHasOneVoteHoweverOftenItAnswers(t *testing.T) {
	a, b := wire.Hash{1}, wire.Hash{2}
	words := []wire.FileWord{wire.Stock{Root: a, Whole: true}, wire.Stock{Root: a, Whole: true}, wire.Stock{Root: b}}
	read := 0
	next := func() (wire.FileWord, error) {
		if read == len(words) {
			return nil, io.EOF
		}
		read++
		return words[read-1], nil
	}
	if held, err := attested(3, next); err != nil || len(held) != 1 || !held[a] {
		t.Errorf("held %v, %v", held, err)
	}
	if _, err := attested(1, next); err == nil {
		t.Error("an answer that never came counts")
	}
}

// A name gives nobody a right, and who asks without one is noted until the right comes.
func TestAFileIsGivenToWhoIsEntitledToARecordOfIt(t *testing.T) {
	f := newBox(t)
	root := f.refer(t, "照片")
	if !f.mayHave(nearby)(root) || len(f.Declines()) > 0 {
		t.Fatalf("a neighbour may not have it: %+v", f.Declines())
	}
	stranger := nearby
	stranger.Holds = nil
	if f.mayHave(stranger)(wire.Hash{5}) || len(f.Declines()) > 0 {
		t.Errorf("of a file that no record here names: %+v", f.Declines())
	}
	for range 3 {
		if f.mayHave(stranger)(root) {
			t.Error("it is given without a right")
		}
	}
	all := f.Declines()
	if len(all) != 1 || all[0].Way != Sought || all[0].Device != nearby.Index || all[0].Root != root || all[0].Why != wire.WhyRights {
		t.Errorf("noted: %+v", all)
	}
	if !f.mayHave(nearby)(root) || len(f.Declines()) > 0 {
		t.Errorf("the right came, and still noted: %+v", f.Declines())
	}
	f.host.Self.Holds = nil // it only writes there, and gives nothing to neighbours
	if f.mayHave(nearby)(root) || len(f.Declines()) > 0 {
		t.Errorf("who may hold the record is noted: %+v", f.Declines())
	}
}

// A store that was mended may have lost the record, and the county has it still.
func TestTheHubIsGivenAFileThatNothingHereNames(t *testing.T) {
	f, lost := newBox(t), wire.Hash{5}
	if !f.mayHave(policy.Device{Index: 1, Role: policy.Hub, Holds: hub.Holds})(lost) {
		t.Error("the hub may not have it, and nobody else can give it")
	}
	if f.mayHave(nearby)(lost) {
		t.Error("a neighbour may have it")
	}
}

// Most lengths are some file's, so one that was cut looked like one of another size, which names
// nothing: it never came again, and nobody was told.
func TestAFileThatWasCutComesAgain(t *testing.T) {
	for _, left := range []int64{0, 10, 40, 33_000} { // two that are no file's length, and two that are
		dir := t.TempDir()
		id := enrolled(t, dir, policy.Device{Name: "站", Role: policy.Box, Holds: nearby.Holds, Writes: nearby.Holds})
		f := freightIn(t, dir, id)
		root := f.refer(t, strings.Repeat("照片", 10_000))
		f.host.Store.Close()
		name := hex.EncodeToString(root[:])
		if err := os.Truncate(filepath.Join(dir, "files", name[:2], name), left); err != nil {
			t.Fatal(err)
		}
		f = freightIn(t, dir, id)
		if err := f.rescan(); err != nil {
			t.Fatal(err)
		}
		if files := f.host.Store.Files(); !files.IsHurt(root) || files.Size(root) > 0 || len(f.lacks) != 1 {
			t.Errorf("of %d bytes: told %t, %d files are lacking", left, files.IsHurt(root), len(f.lacks))
		}
	}
}

// What a box may hold no more, or only wrote, nobody gives it: to ask would be told as asking
// without a right.
func TestABoxAsksForNothingThatItMayNotHold(t *testing.T) {
	f := newBox(t)
	l := &lacking{spaces: []crdt.Space{field}, authors: map[uint32]bool{nearby.Index: true}}
	for _, holds := range []bool{true, false} {
		if !holds {
			f.host.Self.Holds = nil
		}
		if f.mayTrade(hub, l) != holds || f.mayTrade(nearby, l) != holds {
			t.Errorf("may hold it: %t; asks the hub: %t, a neighbour: %t", holds, f.mayTrade(hub, l), f.mayTrade(nearby, l))
		}
	}
}

func TestWhatIsNotTheFileIsNotedAndCountedAndOthersAreAsked(t *testing.T) {
	f := newBox(t)
	root := wire.Hash{1}
	say := func(device uint32, words ...wire.FileWord) {
		t.Helper()
		for _, m := range words {
			if _, err := f.seeker.Step(device, m, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.seeker.Seek([]pieces.Wish{{Root: root, Size: 100, From: func(uint32) bool { return true }}}, 0)
	f.seeker.Join(hub.Index, 0)
	say(hub.Index, wire.Stock{Root: root, Size: 100, Whole: true}, wire.Piece{Root: root, Size: 100, Bytes: make([]byte, 100)})
	all := f.Declines()
	if len(all) != 1 || all[0].Way != Brought || all[0].Device != hub.Index || all[0].Why != wire.WhyUnproven || all[0].Times != 1 || !all[0].Alone {
		t.Fatalf("noted: %+v", all)
	}
	if n := f.Account().False[hub.Index]; n != 1 {
		t.Errorf("counted: %d", n)
	}
	f.seeker.Join(nearby.Index, 2)
	say(nearby.Index, wire.Stock{Root: root, Size: 100, Whole: true})
	if all := f.Declines(); len(all) != 1 || all[0].Alone {
		t.Errorf("another one has the file: %+v", all)
	}
}

// One that lies must not make what is noted of others forgotten.
func TestWhatIsDeclinedIsBoundedForEachDevice(t *testing.T) {
	all := declines{}
	all.note(declineOf{Sent, 2, wire.Hash{1}}, wire.WhyRoom, "")
	for i := range declinesMax + 50 {
		all.note(declineOf{Sent, 1, wire.Hash{byte(i), byte(i >> 8)}}, wire.WhyRoom, "")
	}
	if len(all) != declinesMax+1 {
		t.Errorf("%d are kept", len(all))
	}
	if _, there := all[declineOf{Sent, 1, wire.Hash{}}]; there {
		t.Error("the oldest is kept")
	}
	if _, there := all[declineOf{Sent, 2, wire.Hash{1}}]; !there {
		t.Error("another device's is forgotten")
	}
}

// Who gives does not learn that a file came from elsewhere: what is not told again goes.
// What is not taken here stands for as long as the file is lacking.
func TestWhatIsNotToldAgainForADayStandsNoLonger(t *testing.T) {
	f := newBox(t)
	lacks, gone := declineOf{Brought, hub.Index, wire.Hash{1}}, []declineOf{
		{Brought, hub.Index, wire.Hash{2}}, {Sent, hub.Index, wire.Hash{1}}, {Sought, hub.Index, wire.Hash{1}}, {Brought, hub.Index, wire.Hash{}},
	}
	f.lacks[fileName{wire.Hash{1}, 9}] = &lacking{}
	for _, of := range append(gone, lacks) {
		f.declines.note(of, wire.WhyUnproven, "")
	}
	if all := f.Declines(); len(all) != 5 {
		t.Errorf("at once there stand %d", len(all))
	}
	for of, is := range f.declines {
		is.last = is.last.Add(-declinedFor - time.Second)
		f.declines[of] = is
	}
	if all := f.Declines(); len(all) != 1 || all[0].Root != lacks.root || all[0].Way != lacks.way {
		t.Errorf("a day later there stand %+v", all)
	}
}

func TestADiskThatTakesAgainIsSaidToBeFullNoLonger(t *testing.T) {
	all := declines{}
	full, other := declineOf{Brought, 1, wire.Hash{1}}, declineOf{Brought, 1, wire.Hash{2}}
	all.note(full, wire.WhyRoom, "")
	all.note(other, wire.WhyUnproven, "")
	if all.roomy(time.Now()); len(all) != 2 {
		t.Error("a file that the disk does not take is forgotten for another that it takes")
	}
	if all.roomy(time.Now().Add(roomyAfter + time.Second)); len(all) != 1 || all[other].times != 1 {
		t.Errorf("what stands: %+v", all)
	}
}
