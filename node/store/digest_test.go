package store

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// write saves a random form: registers, sets and counters of few records, so
// that writers meet, over what this store sees.
func write(t testing.TB, r *rand.Rand, s *Store) {
	t.Helper()
	err := s.Save(func(d *Draft) error {
		for range 1 + r.IntN(3) {
			sp := []crdt.Space{village, street}[r.IntN(2)]
			id := recordID(r.IntN(6))
			rec, err := d.Record(sp, id)
			if err != nil {
				return err
			}
			text := crdt.Text(fmt.Sprint("v", r.IntN(4)))
			switch r.IntN(5) {
			case 0:
				d.Write(sp, rec.AddElement(id, "visit", 2, text))
			case 1:
				d.Write(sp, rec.RemoveElement(id, "visit", 2, text))
			case 2:
				d.Write(sp, rec.Add(id, "visit", 3, d.Writer(), int64(r.IntN(9))))
				return nil // two additions of one form would count the first twice
			default:
				d.Write(sp, rec.Assign(id, "visit", 1, text))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// carry brings a random part of what from holds, sometimes what to holds already.
func carry(t testing.TB, r *rand.Rand, from, to *Store) {
	t.Helper()
	for sp, f := range from.Frontiers(func(crdt.Space) bool { return true }) {
		for _, w := range f.Writers() {
			held := min(to.Held(sp, w), f[w]-1)
			if r.IntN(3) > 0 {
				keep(t, to, chunk(t, from, sp, w, held-min(held, r.Uint64N(3)), r.IntN(400)))
			}
		}
	}
}

func TestReplicasThatHoldTheSameBatchesHaveTheSameDigest(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			var stores []*Store
			for i := range 4 {
				stores = append(stores, newStore(t, uint32(i+1)))
			}
			for range 40 {
				write(t, r, stores[r.IntN(3)]) // the fourth only receives
				carry(t, r, stores[r.IntN(4)], stores[r.IntN(4)])
			}
			for range 2 {
				for i := range stores {
					pull(t, stores[i], stores[(i+1)%4])
				}
			}
			for i := range stores {
				pull(t, stores[i], stores[(i+1)%4])
			}
			for _, sp := range []crdt.Space{village, street} {
				want := recount(t, stores[0], sp)
				for i, s := range stores {
					if got := digest(t, s, sp); got != want {
						t.Errorf("store %d has digest %s of %s, a recount of the first gives %s", i, got, sp, want)
					}
				}
			}
		})
	}
}

func TestAChangedValueChangesTheDigest(t *testing.T) {
	s := newStore(t, 1)
	save(t, s, village, recordID(1), "a")
	first := digest(t, s, village)
	save(t, s, village, recordID(1), "b")
	if second := digest(t, s, village); second == first || second != recount(t, s, village) {
		t.Errorf("digest %s after %s, a recount gives %s", second, first, recount(t, s, village))
	}
}

func TestAFaultyWritersKillsDoNotPartDigests(t *testing.T) {
	a, b, c, d := newStore(t, 1), newStore(t, 2), newStore(t, 3), newStore(t, 4)
	save(t, a, village, recordID(1), "a")
	pull(t, a, b)
	err := b.Save(func(d *Draft) error { // names a dot of field 1 in field 2
		dot := crdt.Dot{Writer: newDevice(1).writer, Seq: 1}
		d.Write(village, crdt.Op{Record: recordID(1), Kind: "visit", Field: 2, Type: crdt.Register, Replaces: []crdt.Dot{dot}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	one, two := chunk(t, a, village, newDevice(1).writer, 0, 1000), chunk(t, b, village, newDevice(2).writer, 0, 1000)
	for _, step := range []struct {
		s *Store
		c wire.Chunk
	}{{c, one}, {c, two}, {d, two}, {d, one}} {
		keep(t, step.s, step.c)
	}
	if digest(t, c, village) != digest(t, d, village) {
		t.Error("the order of arrival decided the digest")
	}
}
