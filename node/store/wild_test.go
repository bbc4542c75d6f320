package store

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

var wildSeeds = flag.Uint64("wild-seeds", 3, "how many worlds TestWhateverBefallsBoxesAndCountyTheyEndWithTheSame lives through")
var wildFrom = flag.Uint64("wild-from", 0, "the first of them")

// wildLife is a device that mints a writer of its own for each life of its file.
type wildLife struct{ device }

func (l wildLife) Keep() []byte { return binary.BigEndian.AppendUint32(nil, l.writer.Incarnation()) }

func newWildLife(index, incarnation uint32) wildLife {
	d := newDevice(index)
	seed := sha256.Sum256(fmt.Append(nil, index, incarnation))
	d.writer, d.key = crdt.NewWriter(index, incarnation), ed25519.NewKeyFromSeed(seed[:])
	return wildLife{d}
}

// wild is a county of boxes that save, meet, trim, compact, are damaged and
// repaired, and of a hub that now and then comes back from its last backup.
type wild struct {
	t      *testing.T
	r      *rand.Rand
	now    time.Time
	hub    *Store
	hubAt  Options
	backup string    // of the hub
	since  time.Time // when it was made
	boxes  []*Store
	files  []Options
	faulty device
	forged map[crdt.Space][][]byte
	minted uint32
}

func (w *wild) settle() { w.now = w.now.Add(time.Hour) }

func (w *wild) clock() time.Time { return w.now }

func (w *wild) box() {
	index := uint32(len(w.boxes) + 1)
	o := newDevice(index).options(filepath.Join(w.t.TempDir(), "store.db"))
	o.Now = w.clock
	o.Author = func(kept []byte) (Author, error) {
		if kept != nil {
			return newWildLife(index, binary.BigEndian.Uint32(kept)), nil
		}
		w.minted++
		return newWildLife(index, w.minted), nil
	}
	w.files, w.boxes = append(w.files, o), append(w.boxes, open(w.t, o))
}

// forge adds a batch of a writer who replaces what he likes, in kinds and types
// that he likes.
func (w *wild) forge() {
	sp := []crdt.Space{village, street}[w.r.IntN(2)]
	b := crdt.Batch{Stamp: crdt.NewStamp(w.now.UnixMilli())}
	for range 1 + w.r.IntN(4) {
		op := crdt.Op{
			Record: recordID(w.r.IntN(6)), Kind: []string{"visit", "house", "a"}[w.r.IntN(3)], Field: crdt.FieldID(1 + w.r.IntN(3)),
			Type: []crdt.Type{crdt.Register, crdt.Set, crdt.Log}[w.r.IntN(3)],
		}
		if w.r.IntN(3) > 0 {
			op.Value = crdt.Text(fmt.Sprint("f", w.r.IntN(9)))
		}
		for range w.r.IntN(3) {
			d := crdt.Dot{Writer: w.someone(), Seq: 1 + w.r.Uint64N(20), Index: w.r.Uint32N(2)}
			op.Replaces = append(op.Replaces, d)
		}
		op.Replaces = sortedDots(op.Replaces)
		if op.Value != "" || len(op.Replaces) > 0 {
			b.Ops = append(b.Ops, op)
		}
	}
	if len(b.Ops) == 0 {
		return
	}
	text := wire.AppendBatch(nil, b)
	if _, err := wire.DecodeBatch(text); err != nil {
		w.t.Fatal(err)
	}
	w.forged[sp] = append(w.forged[sp], text)
}

func (w *wild) someone() crdt.Writer {
	if w.r.IntN(3) == 0 {
		return w.faulty.writer
	}
	return newWildLife(uint32(1+w.r.IntN(5)), 1+w.r.Uint32N(w.minted+1)).writer
}

// spread hands a store the faulty writer's batches.
func (w *wild) spread(s *Store) {
	for sp, all := range w.forged {
		held := int(s.Held(sp, w.faulty.writer))
		if held < len(all) {
			run := forge(w.faulty, sp, 1, origin(w.faulty, sp), all...)
			keep(w.t, s, wire.Chunk{Credentials: [][]byte{w.faulty.Credential()}, Runs: []wire.Run{run}})
		}
	}
}

func (w *wild) everything(crdt.Space) bool { return true }

// greet has a box hear what the hub holds, take checkpoints where it asks for
// them, and bring what it has.
func (w *wild) greet(i int) {
	s := w.boxes[i]
	s.Met(wire.Hello{Device: 200, Epoch: w.hub.Epoch(), Holds: w.hub.Frontiers(w.everything)}, w.everything, wire.AtCounty)
	for _, sp := range []crdt.Space{village, street} { // in one order, so that a seed lives one life
		_, here := s.Frontiers(w.everything)[sp]
		_, there := w.hub.Frontiers(w.everything)[sp]
		if here && there && (s.Hollow(sp) || w.r.IntN(3) == 0) {
			start(w.t, w.hub, s, sp)
		}
	}
	pullAbove(w.t, s, w.hub)
	for sp, f := range s.Frontiers(w.everything) {
		for v, seq := range f {
			s.Reached([]wire.Mark{{Space: sp, Writer: v, Seq: min(seq, w.hub.Held(sp, v)), Level: wire.AtCounty}})
		}
	}
	pullAbove(w.t, w.hub, s)
	for sp, f := range w.hub.Frontiers(w.everything) {
		for v, seq := range f {
			s.Reached([]wire.Mark{{Space: sp, Writer: v, Seq: min(seq, s.Held(sp, v)), Level: wire.AtCounty}})
		}
	}
}

func (w *wild) step() {
	i := w.r.IntN(len(w.boxes))
	s := w.boxes[i]
	switch w.r.IntN(16) {
	case 0:
		if len(w.boxes) < 5 {
			w.box()
		}
	case 1, 2:
		w.greet(i)
	case 3:
		if s.Heard() < crdt.NewStamp(w.since.UnixMilli()) {
			return
		}
		if _, err := s.Trim(crdt.NewStamp(w.since.UnixMilli())); err != nil {
			w.t.Fatal(err)
		}
	case 4, 5:
		pullAbove(w.t, w.boxes[w.r.IntN(len(w.boxes))], s)
	case 6:
		w.reopen(i, func(o Options) error { _, _, err := Compact(o.Path); return err })
	case 7:
		w.forge()
		w.spread(s)
	case 8:
		w.greet(i) // what it has is at the county and in a backup: what a repair takes out of a log may be nowhere else
		w.saveHub()
		w.reopen(i, w.spoil)
	case 9:
		w.saveHub()
	case 10:
		w.restoreHub()
	default:
		write(w.t, w.r, s)
	}
}

func (w *wild) reopen(i int, do func(Options) error) {
	w.boxes[i].Close()
	if err := do(w.files[i]); err != nil {
		w.t.Fatal(err)
	}
	w.sound(w.files[i])
	w.boxes[i] = open(w.t, w.files[i])
}

// spoil flips a bit in a value of the log or the records and repairs the file.
func (w *wild) spoil(o Options) error {
	db, err := bolt.Open(o.Path, 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		name := [][]byte{recordBucket, logBucket, recordPackBucket, logPackBucket}[w.r.IntN(4)]
		k, v := tx.Bucket(name).Cursor().Seek([]byte{0, 0, 0, byte(1 + w.r.IntN(2)), byte(w.r.IntN(256))})
		if len(v) == 0 {
			return nil
		}
		v = append([]byte(nil), v...)
		v[w.r.IntN(len(v))] ^= 1 << w.r.IntN(8)
		return tx.Bucket(name).Put(append([]byte(nil), k...), v)
	})
	if err == nil {
		err = db.Close()
	}
	if err == nil {
		_, err = Repair(o, nil)
	}
	return err
}

func (w *wild) saveHub() {
	w.hub.Close()
	w.backup, w.since = filepath.Join(w.t.TempDir(), "backup.db"), w.now
	if err := Backup(w.hubAt.Path, w.backup); err != nil {
		w.t.Fatal(err)
	}
	w.hub = open(w.t, w.hubAt)
}

func (w *wild) restoreHub() {
	w.hub.Close()
	w.hubAt.Path = filepath.Join(w.t.TempDir(), "store.db")
	if _, err := Reinstate(w.hubAt, w.backup, 0, nil); err != nil {
		w.t.Fatal(err)
	}
	w.hub = open(w.t, w.hubAt)
}

func sortedDots(dots []crdt.Dot) []crdt.Dot {
	out := dots[:0]
	for len(dots) > 0 {
		least := 0
		for i, d := range dots {
			if d.Compare(dots[least]) < 0 {
				least = i
			}
		}
		if d := dots[least]; len(out) == 0 || out[len(out)-1] != d {
			out = append(out[:len(out):len(out)], d)
		}
		dots = append(dots[:least:least], dots[least+1:]...)
	}
	return out
}

func TestWhateverBefallsBoxesAndCountyTheyEndWithTheSame(t *testing.T) {
	for seed := *wildFrom; seed < *wildFrom+*wildSeeds; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := &wild{t: t, r: rand.New(rand.NewPCG(seed, 5)), now: morning, faulty: newDevice(77), forged: map[crdt.Space][][]byte{}}
			w.hubAt = hubOptions(filepath.Join(t.TempDir(), "store.db"))
			w.hubAt.Now = w.clock
			w.hub = open(t, w.hubAt)
			w.box()
			w.saveHub()
			for range 150 {
				w.settle()
				w.step()
			}
			w.end()
		})
	}
}

// end lets all meet until nothing is new, and compares.
func (w *wild) end() {
	for range 3 {
		for i := range w.boxes {
			w.greet(i)
		}
	}
	for _, sp := range []crdt.Space{village, street} {
		if _, held := w.hub.Frontiers(w.everything)[sp]; !held {
			continue
		}
		fresh := newHub(w.t)
		pull(w.t, w.hub, fresh)
		want := digest(w.t, fresh, sp)
		if digest(w.t, w.hub, sp) != want {
			w.t.Errorf("the hub's digest of %s is not that of its log", sp)
		}
		for i, s := range w.boxes {
			if digest(w.t, s, sp) != want {
				w.t.Errorf("box %d differs from the hub in %s", i+1, sp)
			}
		}
	}
	for i, s := range w.boxes {
		if n := s.Waiting(); n > 0 {
			w.t.Errorf("%d batches of box %d never came to the county", n, i+1)
		}
		s.Close()
		w.sound(w.files[i])
	}
}

// sound looks for faults. What a faulty writer's kills leave is none.
func (w *wild) sound(o Options) {
	w.t.Helper()
	found, err := Verify(o, nil)
	if err != nil || len(found.Faults) > 0 {
		w.t.Errorf("the file is not sound: %+v, %v", found.Faults, err)
	}
}
