package store

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// owes returns the roots of what a store owes the county, in order.
func owes(t *testing.T, s *Store) (roots []wire.Hash) {
	t.Helper()
	owed, err := s.Owed()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range owed {
		roots = append(roots, o.Root)
	}
	return roots
}

func sorted(files ...crdt.File) (roots []wire.Hash) {
	for _, f := range files {
		roots = append(roots, f.Root)
	}
	slices.SortFunc(roots, func(a, b wire.Hash) int { return bytes.Compare(a[:], b[:]) })
	return roots
}

func as(files ...crdt.File) (all []Wanted) {
	for _, f := range files {
		all = append(all, Wanted{Root: f.Root, Size: f.Size})
	}
	return all
}

func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatAFormNamesIsOwedUntilTheCountySaysThatItHasIt(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	var photo crdt.Attachment
	var idle crdt.File
	opened(t, o, func(s *Store) {
		photo = crdt.Attachment{File: filed(t, s, noise(1, 40_000)), Preview: filed(t, s, noise(2, 3_000))}
		idle = filed(t, s, noise(3, 3_000))
		if got := owes(t, s); got != nil {
			t.Errorf("before a record names them: %x", got)
		}
		mustDo(t, s.Save(attach(village, recordID(1), photo)))
		mustDo(t, s.Save(attach(village, recordID(2), crdt.Attachment{File: photo.File})))
	})
	opened(t, o, func(s *Store) {
		if got := owes(t, s); !slices.Equal(got, sorted(photo.File, photo.Preview)) {
			t.Errorf("after a restart: %x", got)
		}
		mustDo(t, s.Answered(as(photo.File, idle), as(photo.Preview), time.Now()))
		if got := owes(t, s); !slices.Equal(got, sorted(photo.Preview)) {
			t.Errorf("the original is at the county: %x", got)
		}
		mustDo(t, s.Save(attach(village, recordID(3), crdt.Attachment{File: photo.File})))
		if got := owes(t, s); !slices.Equal(got, sorted(photo.Preview)) {
			t.Errorf("a third record names what is at the county: %x", got)
		}
		mustDo(t, s.Save(detach(village, recordID(1), photo)))
		if got := owes(t, s); got != nil {
			t.Errorf("no record names the preview any more: %x", got)
		}
		mustDo(t, s.Save(attach(village, recordID(1), photo)))
		if got := owes(t, s); !slices.Equal(got, sorted(photo.Preview)) || s.Confirmed(idle.Root, idle.Size) {
			t.Errorf("named again, it is to be asked about anew: %x", got)
		}
	})
}

// A county that comes back from its backup may have lost photos of which it gave a receipt.
func TestReceiptsOfACountyThatWasRestoredCountForNothing(t *testing.T) {
	for what, second := range map[string]wire.Hello{
		"another file":   {Device: 200, Epoch: 8, Holds: map[crdt.Space]crdt.Frontier{village: {newDevice(1).writer: 2}}},
		"less than once": {Device: 200, Epoch: 7, Holds: map[crdt.Space]crdt.Frontier{village: {newDevice(1).writer: 1}}},
	} {
		s, other := newStore(t, 1), newStore(t, 2)
		mine := filed(t, s, noise(1, 40_000))
		theirs := filed(t, other, noise(2, 3_000))
		filed(t, s, noise(2, 3_000))
		mustDo(t, other.Save(attach(village, recordID(2), crdt.Attachment{File: theirs})))
		pull(t, other, s)
		mustDo(t, s.Save(attach(village, recordID(1), crdt.Attachment{File: mine})))
		save(t, s, village, recordID(3), "words")
		everywhere := func(crdt.Space) bool { return true }
		first := wire.Hello{Device: 200, Epoch: 7, Holds: map[crdt.Space]crdt.Frontier{village: {newDevice(1).writer: 2}}}
		s.Met(first, everywhere, wire.AtCounty)
		s.Reached([]wire.Mark{{Space: village, Writer: newDevice(1).writer, Seq: 2, Level: wire.AtCounty}})
		mustDo(t, s.Answered(as(mine, theirs), nil, time.Now()))
		s.Met(first, everywhere, wire.AtCounty)
		if got := owes(t, s); got != nil || !s.Confirmed(theirs.Root, theirs.Size) {
			t.Errorf("%s: the same county again, and %x are owed", what, got)
		}
		s.recant()
		if got := owes(t, s); !slices.Equal(got, sorted(mine)) {
			t.Errorf("%s: before that is written %x are owed", what, got)
		}
		s.Met(second, everywhere, wire.AtCounty)
		unasked, err := s.Unasked(10)
		if got := owes(t, s); !slices.Equal(got, sorted(mine)) || len(unasked) != 1 || unasked[0].Root != theirs.Root || err != nil {
			t.Errorf("%s: %x are owed, %v to be asked about, %v", what, got, unasked, err)
		}
	}
}

// A county that was restored greets while the disk takes nothing.
func TestReceiptsOfACountyThatWasRestoredCountForNothingWhateverTheDiskRefuses(t *testing.T) {
	w, all := newDevice(1).writer, func(crdt.Space) bool { return true }
	hello := wire.Hello{Device: 200, Epoch: 7, Holds: map[crdt.Space]crdt.Frontier{village: {w: 1}}}
	everywhere(t, func(t *testing.T, begin func(Options) *life) {
		l := begin(newDevice(1).options(""))
		l.start()
		root, size, err := l.Files().Write(bytes.NewReader(noise(1, 4_000)))
		if err != nil { // it is the photo that the disk refused
			l.tape.mend()
			root, size, err = l.Files().Write(bytes.NewReader(noise(1, 4_000)))
		}
		mustDo(t, err)
		photo := crdt.File{Root: root, Size: size, Media: "image/jpeg"}
		l.insist("a photo", func() error { return l.Save(attach(village, recordID(1), crdt.Attachment{File: photo})) })
		for l.acked = 1; l.met(hello.Device).epoch == 0; l.now = l.now.Add(retryAfter) {
			l.tape.mend()
			l.Met(hello, all, wire.AtCounty)
		}
		l.insist("a receipt", func() error { return l.Answered(as(photo), nil, time.Now()) })
		if !l.Confirmed(photo.Root, photo.Size) {
			t.Fatal("the county has the photo, and that is not known")
		}
		if l.Save(visit(village, recordID(2), "家")) == nil { // refused or not
			l.acked++
		}
		restored := hello
		restored.Epoch = 8
		l.Met(restored, all, wire.AtCounty)
		doubted := func(when string) {
			if l.Confirmed(photo.Root, photo.Size) || len(owes(t, l.Store)) != 1 {
				t.Fatalf("%s the photo is taken for safe: %x are owed", when, owes(t, l.Store))
			}
		}
		doubted("as soon as it greets")
		l.tape.mend()
		l.now = l.now.Add(retryAfter)
		l.insist("the next form", func() error { return l.Save(visit(village, recordID(3), "家")) })
		doubted("after the next form")
		l.stop()
		l.tape.refuse = nil
		l.start()
		doubted("after a restart")
		l.insist("a receipt", func() error { return l.Answered(as(photo), nil, time.Now()) })
		if !l.Confirmed(photo.Root, photo.Size) {
			t.Fatal("the restored county has it, and that is not known")
		}
		l.stop()
	})
}

func TestAnothersFileIsOwedOnceTheCountySaysThatItLacksIt(t *testing.T) {
	s, other := newStore(t, 1), newStore(t, 2)
	photo := filed(t, other, noise(1, 40_000))
	mustDo(t, other.Save(attach(village, recordID(1), crdt.Attachment{File: photo})))
	pull(t, other, s)
	unasked := func() int {
		all, err := s.Unasked(10)
		mustDo(t, err)
		return len(all)
	}
	mustDo(t, s.Answered(nil, as(photo), time.Now()))
	if owes(t, s) != nil || unasked() != 0 {
		t.Error("what never was here is owed")
	}
	filed(t, s, noise(1, 40_000))
	if !slices.Equal(owes(t, s), sorted(photo)) {
		t.Error("it is here, the county lacks it, and it is not owed")
	}
	mustDo(t, s.Answered(as(photo), nil, time.Now()))
	if owes(t, s) != nil || unasked() != 0 {
		t.Error("it is owed though the county has it")
	}
}

// What a record of this node's shows must not go from the account because it cannot
// be read here any more.
func TestADamagedFileStaysOwedAndIsKnownToBeDamagedAfterARestart(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	var photo, bare crdt.File
	opened(t, o, func(s *Store) {
		photo, bare = filed(t, s, noise(1, 40_000)), filed(t, s, noise(2, 40_000))
		for i, f := range []crdt.File{photo, bare} {
			mustDo(t, s.Save(attach(village, recordID(i), crdt.Attachment{File: f})))
		}
		flip(t, s.files.path(photo.Root), 20_000)
		if s.Files().Sound(photo.Root, photo.Size) {
			t.Fatal("the damage was not found")
		}
		mustDo(t, os.Remove(s.files.path(bare.Root)))
	})
	opened(t, o, func(s *Store) {
		owed, err := s.Owed()
		if len(owed) != 2 || owed[0].Here || owed[1].Here || err != nil {
			t.Errorf("owed: %+v, %v", owed, err)
		}
		if hurt := s.Files().Hurt(); len(hurt) != 1 || hurt[photo.Root].IsZero() {
			t.Errorf("damaged: %v", hurt)
		}
		filed(t, s, noise(1, 40_000))
		if owed, _ := s.Owed(); len(s.Files().Hurt()) != 0 || len(owed) != 2 || owed[0].Here == owed[1].Here {
			t.Errorf("added again, it is still damaged: %+v", owed)
		}
	})
	opened(t, o, func(s *Store) {
		if len(s.Files().Hurt()) != 0 {
			t.Error("after a restart it is damaged again")
		}
	})
}

// twinOwed is Owed by a dumb look at every record.
func twinOwed(t *testing.T, s *Store, device uint32, confirmed map[wire.Hash]bool) (roots []wire.Hash) {
	t.Helper()
	all := map[wire.Hash]bool{}
	mustDo(t, s.Walk(func(l Listed) bool {
		for _, c := range l.Record.Cells {
			for _, e := range c.Entries {
				if a, ok := e.Value.Attachment(); ok && e.Dot.Writer.Device() == device {
					all[a.Root] = true
					all[a.Preview.Root] = a.Preview != crdt.File{}
				}
			}
		}
		return true
	}))
	for root, is := range all {
		if is && !confirmed[root] {
			roots = append(roots, root)
		}
	}
	slices.SortFunc(roots, func(a, b wire.Hash) int { return bytes.Compare(a[:], b[:]) })
	return roots
}

func TestWhatIsOwedFollowsFromTheRecordsAndTheReceipts(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 7))
		o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
		s, confirmed := open(t, o), map[wire.Hash]bool{}
		var photos []crdt.Attachment
		for i := range 6 {
			photos = append(photos, crdt.Attachment{File: filed(t, s, noise(uint64(10+i), 20_000)), Preview: filed(t, s, noise(uint64(20+i%3), 500))})
		}
		for range 60 {
			photo, id := photos[rng.IntN(len(photos))], recordID(rng.IntN(3))
			switch rng.IntN(6) {
			case 0, 1:
				mustDo(t, s.Save(attach(village, id, photo)))
			case 2:
				mustDo(t, s.Save(detach(village, id, photo)))
			case 3:
				has := as(photo.File)
				mustDo(t, s.Answered(has, nil, time.Now()))
			case 4:
				mustDo(t, s.Answered(nil, as(photo.Preview, photo.File), time.Now()))
			case 5:
				mustDo(t, s.Close())
				s = open(t, o)
			}
			clear(confirmed)
			for _, p := range photos {
				confirmed[p.Root], confirmed[p.Preview.Root] = s.Confirmed(p.Root, p.Size), s.Confirmed(p.Preview.Root, p.Preview.Size)
			}
			if got, want := owes(t, s), twinOwed(t, s, 1, confirmed); !slices.Equal(got, want) {
				t.Fatalf("seed %d: owed %x, want %x", seed, got, want)
			}
		}
	}
}

// A flipped bit made a moment of the 0 that says never, and the only copy was not brought.
func TestADamagedReceiptIsNone(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	photo := filed(t, s, noise(1, 40_000))
	mustDo(t, s.Save(attach(village, recordID(1), crdt.Attachment{File: photo})))
	mustDo(t, s.Close())
	for _, mended := range []bool{false, true} {
		spoil(t, o.Path, receiptBucket, func(v []byte) { v[3] ^= 4 })
		found := examined(t, o)
		if len(found.Faults) != 1 || found.Faults[0].Part != string(receiptBucket) || found.Faults[0].Remedy != Refetch {
			t.Errorf("%+v", found.Faults)
		}
		if mended {
			_, err := Repair(o, nil)
			mustDo(t, err)
			if left := examined(t, o); len(left.Faults) > 0 {
				t.Errorf("%+v", left.Faults)
			}
		}
		s := open(t, o)
		unasked, err := s.Unasked(10)
		if mustDo(t, err); s.Confirmed(photo.Root, photo.Size) || len(unasked) != 1 {
			t.Errorf("mended %t: the county is taken to have the photo, and is asked about %d", mended, len(unasked))
		}
		mustDo(t, s.Answered(nil, as(photo), time.Now()))
		if !slices.Equal(owes(t, s), sorted(photo)) {
			t.Errorf("mended %t: the photo is not owed", mended)
		}
		mustDo(t, s.Close())
	}
}
