package store

import (
	"fmt"
	"path/filepath"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// tell sends what a store holds of an author's own streams as one chunk whose
// runs lean on each other, as a conversation does.
func tell(t testing.TB, from, to *Store, w crdt.Writer) wire.Chunk {
	t.Helper()
	var c wire.Chunk
	credential, err := from.Credential(w)
	if err != nil {
		t.Fatal(err)
	}
	c.Credentials = [][]byte{credential}
	for _, sp := range from.Spaces() {
		if after := to.Held(sp.Space, w); from.Held(sp.Space, w) > after {
			run, _, err := from.Run(sp.Space, w, after, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			c.Runs = append(c.Runs, run)
		}
	}
	return leaning(t, c, to)
}

// leaning returns a chunk as it comes to a store when its runs lean on each other.
func leaning(t testing.TB, c wire.Chunk, to *Store) wire.Chunk {
	t.Helper()
	b := wire.EncodeFor(c, wire.Shared{Lean: func(crdt.Space, crdt.Writer) bool { return true }})
	m, err := wire.DecodeFrom(b, wire.Shared{Head: to.Head, County: county})
	if err != nil {
		t.Fatal(err)
	}
	return m.(wire.Chunk)
}

// attentive counts how many signatures a store checks.
type attentive struct {
	Signatory
	checks *int
}

func (a attentive) Signed(message, signature []byte) bool {
	*a.checks++
	return a.Signatory.Signed(message, signature)
}

func TestADaysFormsAreCheckedByOneSignature(t *testing.T) {
	from, checks := newStore(t, 1), 0
	for i := range 30 {
		save(t, from, hamlet(i), recordID(i), "x")
	}
	o := newDevice(2).options(filepath.Join(t.TempDir(), "store.db"))
	o.Signatory = func(credential []byte) (Signatory, error) {
		s, err := verify(credential)
		return attentive{s, &checks}, err
	}
	to := open(t, o)
	keep(t, to, tell(t, from, to, newDevice(1).writer))
	if checks != 1 {
		t.Errorf("30 runs of one tree took %d checks", checks)
	}
	for i := range 30 {
		if digest(t, to, hamlet(i)) != digest(t, from, hamlet(i)) {
			t.Fatal("another state arrived")
		}
	}
	next := newStore(t, 3)
	keep(t, next, tell(t, to, next, newDevice(1).writer)) // they lean on each other again
}

func TestOfATreeThatDoesNotFitAllRunsAreUnprovenAndEachMayComeByItself(t *testing.T) {
	d, same := newDevice(1), func(*Store, *Store, *wire.Chunk) {}
	for what, spoil := range map[string][2]func(from, to *Store, told *wire.Chunk){
		"another first batch is held": {func(from, to *Store, _ *wire.Chunk) {
			run := forge(d, hamlet(2), 1, origin(d, hamlet(2)), batch(1, "another"))
			keep(t, to, wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: []wire.Run{run}})
			save(t, from, hamlet(2), recordID(3), "second")
		}, same},
		"a run was changed": {same, func(_, _ *Store, told *wire.Chunk) {
			told.Runs[2].Batches = [][]byte{batch(1, "changed")}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			from, to := newStore(t, 1), newStore(t, 2)
			for i := range 5 {
				save(t, from, hamlet(i), recordID(i), "x")
			}
			spoil[0](from, to, nil)
			told := wire.Chunk{Credentials: [][]byte{d.Credential()}}
			for i := range 5 {
				told.Runs = append(told.Runs, chunk(t, from, hamlet(i), d.writer, to.Held(hamlet(i), d.writer), 1<<20).Runs...)
			}
			spoil[1](from, to, &told)
			refusals := kept(t, to, leaning(t, told, to))
			for _, r := range refusals {
				if r.Why != wire.WhyUnproven {
					t.Errorf("%v does not say that it was not proven", r)
				}
			}
			if len(refusals) < 4 {
				t.Errorf("refused %v", refusals)
			}
			if refusals = kept(t, to, told); len(refusals) != 1 || refusals[0].Mark.Space != hamlet(2) {
				t.Errorf("by themselves refused %v", refusals)
			}
		})
	}
}

// kept has a store keep what it can of a chunk, and returns the rest.
func kept(t *testing.T, s *Store, c wire.Chunk) []wire.Refusal {
	t.Helper()
	_, refusals, err := s.Keep(c)
	if err != nil {
		t.Fatal(err)
	}
	return refusals
}

// BenchmarkKeepADay is what taking a day of 83 streams costs, all of one tree.
func BenchmarkKeepADay(b *testing.B) {
	from := newStore(b, 1)
	err := from.Save(func(d *Draft) error {
		for i := range 83 {
			for f := range 8 {
				d.Write(hamlet(i), crdt.Record{}.Assign(recordID(i), "visit", crdt.FieldID(f+1), crdt.Text(fmt.Sprint("走访独居老人一户", i))))
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		b.StopTimer()
		to := newStore(b, 2)
		b.StartTimer()
		if _, refusals, err := to.Keep(tell(b, from, to, newDevice(1).writer)); err != nil || len(refusals) > 0 {
			b.Fatal(refusals, err)
		}
	}
}
