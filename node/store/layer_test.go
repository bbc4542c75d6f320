package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// told is all that a store says of what it holds.
func told(t *testing.T, s *Store) string {
	t.Helper()
	var out strings.Builder
	for _, sp := range s.Spaces() {
		fmt.Fprintln(&out, sp)
	}
	if err := s.Walk(func(l Listed) bool { fmt.Fprintln(&out, l); return true }); err != nil {
		t.Fatal(err)
	}
	var last []byte
	err := s.Recent("visit", nil, func(l Listed, cursor []byte) bool {
		fmt.Fprintln(&out, l)
		last = cursor
		return true
	})
	if err != nil {
		t.Fatal(err, last)
	}
	held := s.Frontiers(func(crdt.Space) bool { return true })
	for _, sp := range slices.SortedFunc(maps.Keys(held), crdt.Space.Compare) {
		for _, w := range held[sp].Writers() {
			for seq := range held[sp][w] {
				id, ok := s.Subject(sp, crdt.Dot{Writer: w, Seq: seq + 1})
				fmt.Fprintln(&out, sp, w, seq+1, id, ok)
			}
		}
	}
	return out.String()
}

// batches returns every batch of a store, run by run, and fails on a gap.
func batches(t *testing.T, s *Store) (all [][]byte) {
	t.Helper()
	for sp, f := range s.Frontiers(func(crdt.Space) bool { return true }) {
		for _, w := range f.Writers() {
			for after := uint64(0); after < f[w]; {
				run, ok, err := s.Run(sp, w, after, 2000)
				if err != nil || !ok {
					t.Fatalf("no run of %s in %s after %d: %v", w, sp, after, err)
				}
				all, after = append(all, run.Batches...), run.Last()
			}
		}
	}
	return all
}

func TestACompactedFileSaysTheSameInLessRoomAndGoesOn(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	s, other := open(t, o), newStore(t, 2)
	for i := range 300 {
		save(t, s, village, recordID(i%200), "走访独居老人，情况正常"+fmt.Sprint(i))
		save(t, other, []crdt.Space{village, street}[i%2], recordID(i%150), "燃气管老化，已约物业更换"+fmt.Sprint(i))
	}
	pull(t, other, s)
	for round := range 3 {
		before, log := told(t, s), batches(t, s)
		s.Close()
		old, now, err := Compact(o.Path)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 && now*3 > old {
			t.Errorf("%d bytes became %d", old, now)
		}
		soundFile(t, o)
		if n := keysOf(t, o.Path, keptTreeBucket); n != 1 {
			t.Errorf("round %d: %d trees are kept, want the other's one", round, n)
		}
		s = open(t, o)
		if got := told(t, s); got != before {
			t.Fatalf("round %d: the file says\n%s\nand said\n%s", round, got, before)
		}
		again := batches(t, s)
		if len(again) != len(log) {
			t.Fatalf("%d batches became %d", len(log), len(again))
		}
		for i := range 40 { // fresh over packed, and new between packed
			save(t, s, village, recordID(i*7), fmt.Sprint("round ", round, i))
		}
		if text(t, s, village, recordID(7)) != fmt.Sprint("round ", round, 1) || digest(t, s, village) == digest(t, other, village) {
			t.Error("what was saved over a pack does not show")
		}
	}
	far := newStore(t, 3)
	pull(t, s, far)
	if digest(t, far, village) != digest(t, s, village) {
		t.Error("what packs hold cannot be told to a peer")
	}
	touches, err := func() ([]Touch, error) { s.Close(); return History(o, village, recordID(7)) }()
	if err != nil || len(touches) < 4 {
		t.Errorf("the history of a record over all layers: %v, %v", touches, err)
	}
}

func keysOf(t *testing.T, path string, bucket []byte) int {
	t.Helper()
	weights, err := Weigh(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range weights {
		if w.Bucket == string(bucket) {
			return w.Keys
		}
	}
	return 0
}

func TestADamagedPackIsFoundAndMended(t *testing.T) {
	for _, bucket := range [][]byte{recordPackBucket, logPackBucket} {
		for seed := range uint64(6) {
			o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
			s, other := open(t, o), newStore(t, 2)
			for i := range 60 {
				save(t, other, village, recordID(i), strings.Repeat("走访", 20)+fmt.Sprint(i))
			}
			pull(t, other, s)
			want, said := digest(t, s, village), told(t, s)
			s.Close()
			if _, _, err := Compact(o.Path); err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(seed, 1))
			spoil(t, o.Path, bucket, func(v []byte) { v[r.IntN(len(v))] ^= 1 << r.IntN(8) })
			found := examined(t, o)
			if len(found.Faults) == 0 { // a bit behind the last that the coder reads
				if s = open(t, o); told(t, s) != said {
					t.Errorf("%s, seed %d: nothing is found, and the file says something else", bucket, seed)
				}
				continue
			}
			if _, err := Repair(o, nil); err != nil {
				t.Fatal(err)
			}
			soundFile(t, o)
			s = open(t, o)
			pull(t, other, s)
			if digest(t, s, village) != want {
				t.Errorf("%s, seed %d: after repair and a meeting the records differ", bucket, seed)
			}
		}
	}
}

func FuzzUnpack(f *testing.F) {
	rec := crdt.Record{Kind: "visit", Cells: map[crdt.FieldID]crdt.Cell{1: {Type: crdt.Register, Entries: []crdt.Entry{
		{Dot: crdt.Dot{Writer: 1, Seq: 1}, Stamp: 5, Value: crdt.Text("走访")},
	}}}}
	f.Add(wire.AppendPage(nil, wire.Content{Records: []wire.Merged{{ID: recordID(1), Record: rec}}}))
	d := newDevice(2)
	f.Add(wire.Encode(wire.Chunk{Runs: []wire.Run{forge(d, numbered(7), 1, origin(d, village), batch(1, "a"), batch(2, "b"))}}))
	f.Add(wire.Encode(wire.Chunk{Runs: []wire.Run{forge(d, village, 1, origin(d, village), batch(1, "a"), batch(2, "b"))}}))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, l := range []layer{logLayer, recordLayer} {
			pairs, err := l.unpack(7, body)
			if err != nil {
				continue
			}
			if again, err := l.open(pairs[0].key, appendPack(pairs, body)); err != nil || len(again) != len(pairs) {
				t.Errorf("a pack of %d pairs opens as %d, %v", len(pairs), len(again), err)
			}
		}
		if _, err := logLayer.open(body[:min(len(body), keySize)], body); err == nil {
			t.Errorf("%x opens as a pack", body)
		}
	})
}

func TestACompactionKeepsAsManySignaturesAsPeersAskFor(t *testing.T) {
	o := newDevice(2).options(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	d := newDevice(1)
	from, seq := origin(d, village), uint64(1)
	for _, sizes := range [][]int{{31 << 10, 31 << 10}, {40 << 10, 40 << 10, 40 << 10}, {1}} {
		var bs [][]byte
		for _, n := range sizes {
			bs = append(bs, batch(int(seq)+len(bs), strings.Repeat("x", n)))
		}
		run := forge(d, village, seq, from, bs...)
		for _, b := range run.Batches {
			from, seq = from.Next(b), seq+1
		}
		keep(t, s, wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: []wire.Run{run}})
	}
	s.Close()
	if _, _, err := Compact(o.Path); err != nil {
		t.Fatal(err)
	}
	soundFile(t, o)
	s = open(t, o)
	pull(t, s, newStore(t, 3))
}
