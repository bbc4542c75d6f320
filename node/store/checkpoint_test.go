package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// sealer is the hub whose seal counts.
var sealer = newDevice(200)

func seal(content []byte) wire.Seal {
	return wire.Seal{Credential: sealer.Credential(), Signature: sealer.Sign(content)}
}

func sealed(content []byte, s wire.Seal) error {
	signatory, err := verify(s.Credential)
	if err != nil || signatory.Writer() != sealer.writer || !signatory.Signed(content, s.Signature) {
		return errors.New("not the hub's seal")
	}
	return nil
}

// offer returns a hub's checkpoint of a space and its pages.
func offer(t testing.TB, hub *Store, sp crdt.Space) (wire.Checkpoint, []wire.Page) {
	t.Helper()
	c, ok, err := hub.Offer(sp)
	if err != nil || !ok {
		t.Fatalf("no checkpoint: %v", err)
	}
	var pages []wire.Page
	for n := range c.Pages {
		b, ok, err := hub.Page(c, uint64(n))
		if err != nil || !ok {
			t.Fatalf("page %d is gone: %v", n, err)
		}
		pages = append(pages, wire.Page{Space: sp, Checkpoint: c.Name(), Number: uint64(n), Data: b})
	}
	return c, pages
}

// start has a store take a hub's checkpoint and reports whether it joined it.
func start(t testing.TB, hub, s *Store, sp crdt.Space) bool {
	t.Helper()
	c, pages := offer(t, hub, sp)
	next, wanted, err := s.Meet(c)
	for err == nil && wanted && next < uint64(len(pages)) {
		next, wanted, err = s.Take(pages[next])
	}
	if err != nil {
		t.Fatal(err)
	}
	return wanted
}

// commitAll brings everything that a store holds and a hub lacks to the hub, and
// tells the store so.
func commitAll(t testing.TB, from, hub *Store) {
	t.Helper()
	pull(t, from, hub)
	for sp, f := range from.Frontiers(func(crdt.Space) bool { return true }) {
		for w, seq := range f {
			from.Reached([]wire.Mark{{Space: sp, Writer: w, Seq: min(seq, hub.Held(sp, w)), Level: wire.AtCounty}})
		}
	}
}

func soundFile(t testing.TB, o Options) {
	t.Helper()
	found, err := Verify(o, nil)
	if err != nil || len(found.Faults) > 0 {
		t.Errorf("the file is not sound: %+v, %v", found.Faults, err)
	}
}

func TestANewStoreStartsFromACheckpointThoughItHasWorkOfItsOwn(t *testing.T) {
	hub, old := newHub(t), newStore(t, 1)
	o := newDevice(2).options(filepath.Join(t.TempDir(), "store.db"))
	fresh := open(t, o)
	for i := range 400 { // several pages
		save(t, old, village, recordID(i%300), strings.Repeat("走访", 150)+fmt.Sprint(i))
	}
	commitAll(t, old, hub)
	for i := range 3 {
		save(t, fresh, village, recordID(299+i), "apart")
	}
	if !start(t, hub, fresh, village) {
		t.Fatal("the checkpoint was not joined")
	}
	own := newDevice(1).writer
	if fresh.Held(village, own) != 400 || fresh.Level(village, crdt.Dot{Writer: own, Seq: 400}) != wire.AtCounty {
		t.Error("the streams of the checkpoint are not held at the county's level")
	}
	rec, err := fresh.Record(village, recordID(299))
	if err != nil || len(rec.Cells[1].Values()) != 2 {
		t.Errorf("the record that both wrote shows %v, %v", rec.Cells[1].Values(), err)
	}
	commitAll(t, fresh, hub)
	if digest(t, fresh, village) != digest(t, hub, village) {
		t.Error("digests differ")
	}
	save(t, old, village, recordID(5), "later")
	pull(t, old, fresh)
	commitAll(t, old, hub)
	fresh.Close()
	soundFile(t, o)
	if fresh = open(t, o); digest(t, fresh, village) != digest(t, hub, village) {
		t.Error("digests differ after a restart")
	}
	if _, ok, err := fresh.Run(village, own, 0, 1000); ok || err != nil {
		t.Errorf("a run of what is not in the log: %v", err)
	}
}

func TestACheckpointThatWasCutOffGoesOnAfterARestart(t *testing.T) {
	hub, old := newHub(t), newStore(t, 1)
	for i := range 600 {
		save(t, old, village, recordID(i), strings.Repeat(fmt.Sprint("走访", i), 100))
	}
	commitAll(t, old, hub)
	c, pages := offer(t, hub, village)
	o := newDevice(2).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	if len(pages) < 3 {
		t.Fatalf("%d pages are too few for this test", len(pages))
	}
	for n := range pages {
		next, wanted, err := s.Meet(c)
		if err != nil || !wanted || next != uint64(n) {
			t.Fatalf("with %d pages held, page %d is asked for (%v, %v)", n, next, wanted, err)
		}
		if _, wanted, err := s.Take(pages[n]); err != nil || !wanted {
			t.Fatalf("page %d was not taken: %v", n, err)
		}
		s.Close()
		s = open(t, o)
	}
	if digest(t, s, village) != digest(t, hub, village) {
		t.Error("digests differ")
	}
	if left, _ := os.ReadDir(filepath.Join(filepath.Dir(o.Path), "checkpoints")); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
}

func TestWhatIsNotTheCountysCheckpointChangesNothing(t *testing.T) {
	hub, old := newHub(t), newStore(t, 1)
	for i := range 300 {
		save(t, old, village, recordID(i), strings.Repeat("走访", 150))
	}
	commitAll(t, old, hub)
	c, pages := offer(t, hub, village)
	for name, change := range map[string]func(*wire.Checkpoint, []wire.Page){
		"another's seal":     func(c *wire.Checkpoint, _ []wire.Page) { c.Seal.Credential = newDevice(7).Credential() },
		"a changed head":     func(c *wire.Checkpoint, _ []wire.Page) { c.Heads[0].Seq++ },
		"another space":      func(c *wire.Checkpoint, _ []wire.Page) { c.Space = street },
		"an unknown class":   func(c *wire.Checkpoint, _ []wire.Page) { c.Space.Class = 9 },
		"a changed page":     func(_ *wire.Checkpoint, p []wire.Page) { p[1].Data[40] ^= 1 },
		"a page cut short":   func(_ *wire.Checkpoint, p []wire.Page) { p[1].Data = p[1].Data[:40] },
		"a page of no place": func(_ *wire.Checkpoint, p []wire.Page) { p[1].Number = 900 },
		"sealed nonsense": func(c *wire.Checkpoint, p []wire.Page) {
			c.Records++
			c.Seal = seal(c.Content(county))
			for i := range p {
				p[i].Checkpoint = c.Name()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, pages := c, append([]wire.Page(nil), pages...)
			c.Heads = append([]wire.Head(nil), c.Heads...)
			for i := range pages {
				pages[i].Data = append([]byte(nil), pages[i].Data...)
			}
			change(&c, pages)
			s := newStore(t, 2)
			save(t, s, village, recordID(1), "own")
			before := dump(t, s)
			next, wanted, err := s.Meet(c)
			for err == nil && wanted && next < uint64(len(pages)) {
				next, wanted, err = s.Take(pages[next])
			}
			if err != nil || wanted || dump(t, s) != before {
				t.Errorf("wanted %v, error %v, or the file changed", wanted, err)
			}
			if !start(t, hub, s, village) {
				t.Error("the true checkpoint is not joined after it")
			}
		})
	}
}

func TestACheckpointDoesNotTakeThePlaceOfWorkThatTheCountyLacks(t *testing.T) {
	hub, old, s := newHub(t), newStore(t, 1), newStore(t, 2)
	save(t, old, village, recordID(1), "one")
	pull(t, old, s) // and the county has none of it yet, as far as s knows
	save(t, old, village, recordID(2), "two")
	commitAll(t, old, hub)
	if start(t, hub, s, village) {
		t.Error("batches that may be another branch were thrown away")
	}
	pull(t, old, s)
	if !start(t, hub, s, village) || digest(t, s, village) != digest(t, hub, village) {
		t.Error("with all of the stream at hand the checkpoint is not joined, or shows something else")
	}
}

// TestHoweverStoresTrimJoinAndMeetTheyEndWithTheSame lets boxes save, meet, trim,
// compact and start anew in an order that a seed decides.
func TestHoweverStoresTrimJoinAndMeetTheyEndWithTheSame(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 3))
		hub := newHub(t)
		now := morning
		var boxes []*Store
		var files []Options
		join := func() {
			o := newDevice(uint32(len(boxes) + 1)).options(filepath.Join(t.TempDir(), "store.db"))
			o.Now = func() time.Time { return now }
			files = append(files, o)
			boxes = append(boxes, open(t, o))
		}
		join()
		for range 60 {
			now = now.Add(time.Hour)
			s := boxes[r.IntN(len(boxes))]
			switch r.IntN(9) {
			case 8:
				i := slices.Index(boxes, s)
				s.Close()
				if _, _, err := Compact(files[i].Path); err != nil {
					t.Fatal(err)
				}
				boxes[i] = open(t, files[i])
			case 0:
				if len(boxes) < 5 {
					join()
				}
			case 1:
				commitAll(t, s, hub)
			case 2:
				if _, err := s.Trim(crdt.NewStamp(now.Add(-time.Duration(r.IntN(30)) * time.Hour).UnixMilli())); err != nil {
					t.Fatal(err)
				}
			case 3:
				if hub.Frontiers(func(crdt.Space) bool { return true })[village] != nil {
					start(t, hub, s, village)
				}
			case 4:
				pullAbove(t, hub, s)
			case 5:
				pullAbove(t, boxes[r.IntN(len(boxes))], s)
			default:
				save(t, s, village, recordID(r.IntN(6)), fmt.Sprint(seed, now))
			}
		}
		for range 2 {
			for _, s := range boxes {
				commitAll(t, s, hub)
				pullAbove(t, hub, s)
			}
		}
		want := recount(t, hub, village) // the hub's log is whole
		for i, s := range boxes {
			if digest(t, s, village) != want {
				t.Fatalf("seed %d: box %d differs from the hub", seed, i+1)
			}
			s.Close()
			soundFile(t, files[i])
		}
	}
}

// pullAbove brings what from can still say and to lacks.
func pullAbove(t testing.TB, from, to *Store) {
	t.Helper()
	for sp, f := range from.Frontiers(func(crdt.Space) bool { return true }) {
		for _, w := range f.Writers() {
			for to.Held(sp, w) < f[w] {
				run, ok, err := from.Run(sp, w, to.Held(sp, w), 1000)
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					break
				}
				credential, err := from.Credential(w)
				if err != nil {
					t.Fatal(err)
				}
				keep(t, to, wire.Chunk{Credentials: [][]byte{credential}, Runs: []wire.Run{run}})
			}
		}
	}
}
