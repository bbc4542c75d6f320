package store

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// pushes returns what three boxes, one after the other, would have the county
// commit: runs that overlap, some of them twice, one forked and one after a gap.
func pushes(t *testing.T) []wire.Chunk {
	r := rand.New(rand.NewPCG(7, 7))
	var all []wire.Chunk
	for i := range uint32(3) {
		s := newStore(t, i+1)
		w := newDevice(i + 1).writer
		for range 12 {
			write(t, r, s)
			for sp, f := range s.Frontiers(func(crdt.Space) bool { return true }) {
				all = append(all, chunk(t, s, sp, w, r.Uint64N(f[w]), r.IntN(500)))
			}
		}
	}
	fork := newDevice(1)
	all = append(all, wire.Chunk{Runs: []wire.Run{
		forge(fork, village, 1, origin(fork, village), batch(1, "another first")),
		forge(fork, village, 99, origin(fork, village), batch(1, "far ahead")),
		{Space: village, Writer: fork.writer, First: 1, Batches: [][]byte{[]byte("nonsense")}},
		{Space: crdt.Space{Area: "14", Class: 7}, Writer: fork.writer, First: 1, Batches: [][]byte{batch(1, "a")}},
	}}, wire.Chunk{})
	return all
}

func TestReplicasThatApplyTheSameGiveTheSameAnswers(t *testing.T) {
	all := pushes(t)
	one, many := newHub(t), newHub(t)
	var acks [2][]wire.Ack
	var refusals [2][][]wire.Refusal
	apply := func(i int, s *Store, from, to int) {
		var indexes []uint64
		for n := from; n < to; n++ {
			indexes = append(indexes, uint64(10+n))
		}
		a, r, err := s.Apply(indexes, entries(all[from:to]))
		if err != nil {
			t.Fatal(err)
		}
		acks[i], refusals[i] = append(acks[i], a...), append(refusals[i], r...)
	}
	for n := range all {
		apply(0, one, n, n+1)
	}
	for n := 0; n < len(all); n += 5 {
		apply(1, many, n, min(n+5, len(all)))
	}
	if !reflect.DeepEqual(acks[0], acks[1]) || !reflect.DeepEqual(refusals[0], refusals[1]) {
		t.Error("the answers differ")
	}
	if got := len(refusals[0][len(all)-2]); got != 4 {
		t.Errorf("of the four bad runs %d were refused", got)
	}
	if dump(t, one) != dump(t, many) {
		t.Error("the files differ")
	}
	for _, sp := range one.Spaces() {
		if sp.Digest != recount(t, one, sp.Space) {
			t.Errorf("the digest of %s is not what a recount gives", sp.Space)
		}
	}
}

func TestWhatWasAppliedIsNotAppliedAgain(t *testing.T) {
	all := pushes(t)
	o := hubOptions(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	for i, c := range all {
		if _, _, err := s.Apply([]uint64{uint64(i + 1)}, []wire.Message{c}); err != nil {
			t.Fatal(err)
		}
	}
	last := uint64(len(all))
	s.Close()
	s = open(t, o)
	if s.Applied() != last {
		t.Fatalf("applied up to %d, want %d", s.Applied(), last)
	}
	before := dump(t, s)
	again, refusals, err := s.Apply([]uint64{3}, entries(all[2:3]))
	if err != nil || len(refusals[0]) > 0 || len(again[0].Marks) != 1 {
		t.Errorf("%v, %v, %v", again, refusals, err)
	}
	if s.Applied() != last || dump(t, s) != before {
		t.Error("an entry applied before changed the store")
	}
}

func TestEventsTellEachChangeOnceInOrder(t *testing.T) {
	o := newDevice(9).options(filepath.Join(t.TempDir(), "store.db"))
	state := map[recordName]crdt.Record{}
	heads := map[stream]uint64{}
	o.Committed = func(e Event) {
		for _, m := range e.Heads {
			st := stream{m.Space, m.Writer}
			if m.Seq <= heads[st] {
				t.Errorf("the head of %v came to %d after %d", st, m.Seq, heads[st])
			}
			heads[st] = m.Seq
		}
		for _, c := range e.Changes {
			name := recordName{c.Space, c.ID}
			if fmt.Sprint(c.Before) != fmt.Sprint(state[name]) {
				t.Errorf("record %v before is %v, was %v", name, c.Before, state[name])
			}
			state[name] = c.After
		}
	}
	s := open(t, o)
	r := rand.New(rand.NewPCG(3, 3))
	for _, c := range pushes(t) {
		s.Keep(c)
		if r.IntN(3) == 0 {
			write(t, r, s)
		}
	}
	found := 0
	err := s.Walk(func(l Listed) bool {
		found++
		if name := (recordName{l.Space, l.ID}); fmt.Sprint(state[name].Cells) != fmt.Sprint(l.Record.Cells) {
			t.Errorf("%v: events came to %v, the file holds %v", name, state[name], l.Record)
		}
		return true
	})
	if err != nil || found == 0 || found != len(state) {
		t.Errorf("%d records of %d, %v", found, len(state), err)
	}
	for sp, f := range s.Frontiers(func(crdt.Space) bool { return true }) {
		for w, seq := range f {
			if heads[stream{sp, w}] != seq {
				t.Errorf("events told of %s in %s up to %d, held up to %d", w, sp, heads[stream{sp, w}], seq)
			}
		}
	}
}

func entries(chunks []wire.Chunk) (all []wire.Message) {
	for _, c := range chunks {
		all = append(all, c)
	}
	return all
}

func TestTheLatestMomentAtWhichAllWorkWasThereIsKept(t *testing.T) {
	o := hubOptions(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	for i, at := range []int64{5, 9, 7} {
		c := wire.Complete{Device: 4, Name: "城东站", At: at}
		if _, _, err := s.Apply([]uint64{uint64(i + 1)}, []wire.Message{c}); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	s = open(t, o)
	if got := s.Completes(); len(got) != 1 || got[0] != (wire.Complete{Device: 4, Name: "城东站", At: 9}) {
		t.Errorf("got %v, want the moment 9", got)
	}
	if s.Applied() != 3 {
		t.Errorf("applied up to %d, want 3", s.Applied())
	}
}

func TestWhenADeviceWasHeardLastIsKept(t *testing.T) {
	o := hubOptions(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	told := wire.Heard{Device: 4, Name: "城东站", At: 9, Told: true, Skew: -7, Greeted: true, Wants: 3}
	notes := []wire.Message{
		wire.Heard{Device: 4, Name: "城东站", At: 5}, told, wire.Heard{Device: 4, Name: "城东站", At: 7},
		wire.Complete{Device: 4, Name: "城东站", At: 12}, wire.Complete{Device: 5, Name: "城西站", At: 3}, wire.Heard{Device: 6, Name: "河口站", At: 2},
	}
	for i, note := range notes {
		if _, _, err := s.Apply([]uint64{uint64(i + 1)}, []wire.Message{note}); err != nil {
			t.Fatal(err)
		}
	}
	told.At, told.Wants = 12, 0 // whose work is all here was heard then
	want := []wire.Heard{told, {Device: 5, Name: "城西站", At: 3, Greeted: true}, {Device: 6, Name: "河口站", At: 2}}
	for range 2 {
		if got := s.Contacts(); !slices.Equal(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		s.Close()
		s = open(t, o)
	}
}

func TestWhatReplicasLastSaidOfThemselvesIsKept(t *testing.T) {
	o := hubOptions(filepath.Join(t.TempDir(), "store.db"))
	s := open(t, o)
	full := wire.Troubles{Device: 2, At: 7, All: []wire.Trouble{{ID: "room-1", Sort: "room", Grave: true, What: wire.Words{Zh: "放不下", En: "no room"}}}}
	for i, said := range []wire.Troubles{
		{Device: 3, At: 9, All: []wire.Trouble{{Sort: "disk"}}}, {Device: 2, At: 8, All: []wire.Trouble{{Sort: "disk"}}}, full, {Device: 3, At: 5},
	} {
		if _, _, err := s.Apply([]uint64{uint64(i + 1)}, []wire.Message{said}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if got, err := s.Troubles(); err != nil || !reflect.DeepEqual(got, []wire.Troubles{full}) {
			t.Errorf("got %+v, %v", got, err)
		}
		s.Close()
		s = open(t, o)
	}
}
