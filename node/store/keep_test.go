package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// forge returns a run of a device's own making, signed properly.
func forge(d device, sp crdt.Space, first uint64, from wire.Hash, batches ...[]byte) wire.Run {
	for _, b := range batches {
		from = from.Next(b)
	}
	run := wire.Run{Space: sp, Writer: d.writer, First: first, Batches: batches}
	run.Signature = d.Sign(wire.HeadMessage(county, sp, d.writer, run.Last(), from))
	return run
}

func batch(n int, text string) []byte {
	op := crdt.Record{}.Assign(recordID(n), "visit", 1, crdt.Text(text))
	return wire.AppendBatch(nil, crdt.Batch{Stamp: crdt.NewStamp(morning.UnixMilli()), Ops: []crdt.Op{op}})
}

func origin(d device, sp crdt.Space) wire.Hash { return wire.Origin(county, sp, d.writer) }

func TestKeepRefusesWhatIsFalseAndKeepsTheRest(t *testing.T) {
	good, bad := newDevice(2), newDevice(3)
	foreign, narrow := newDevice(4), newDevice(5)
	foreign.county, narrow.area = wire.County{1}, "140581105212"
	sound := forge(bad, village, 1, origin(bad, village), batch(1, "a"), batch(2, "b"))
	with := func(change func(*wire.Run)) wire.Run {
		r := sound
		r.Batches = slices.Clone(r.Batches)
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		run        wire.Run
		credential []byte
		want       string
	}{
		"another's signature":     {with(func(r *wire.Run) { r.Signature = good.Sign([]byte("x")) }), bad.Credential(), "signature"},
		"no signature":            {with(func(r *wire.Run) { r.Signature = nil }), bad.Credential(), "signature"},
		"an endless signature":    {with(func(r *wire.Run) { r.Signature = make([]byte, wire.SignatureMax+1) }), bad.Credential(), "measure"},
		"a batch left out":        {with(func(r *wire.Run) { r.Batches = r.Batches[1:] }), bad.Credential(), "signature"},
		"batches in wrong order":  {with(func(r *wire.Run) { slices.Reverse(r.Batches) }), bad.Credential(), "signature"},
		"no batches":              {with(func(r *wire.Run) { r.Batches = nil }), bad.Credential(), "measure"},
		"numbers from 0":          {with(func(r *wire.Run) { r.First = 0 }), bad.Credential(), "measure"},
		"another space":           {with(func(r *wire.Run) { r.Space = street }), bad.Credential(), "signature"},
		"a class unknown":         {with(func(r *wire.Run) { r.Space.Class = 7 }), bad.Credential(), "not a space"},
		"corrupted bytes":         {forge(bad, village, 1, origin(bad, village), []byte("garbage")), bad.Credential(), "cannot be read"},
		"a gap":                   {forge(bad, village, 2, origin(bad, village), batch(1, "a")), bad.Credential(), "does not follow"},
		"an unknown writer":       {sound, good.Credential(), "nobody vouches"},
		"another county's writer": {forge(foreign, village, 1, origin(foreign, village), batch(1, "a")), foreign.Credential(), "nobody vouches"},
		"no right to the space":   {forge(narrow, village, 1, origin(narrow, village), batch(1, "a")), narrow.Credential(), "may not write"},
		"a run too long to carry": {forge(bad, village, 1, origin(bad, village), slices.Repeat([][]byte{batch(1, strings.Repeat("x", 60_000))}, 3)...), bad.Credential(), "measure"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, 1)
			rest := forge(good, village, 1, origin(good, village), batch(9, "good"))
			ack, refusals, err := s.Keep(wire.Chunk{
				Credentials: [][]byte{c.credential, good.Credential()}, Runs: []wire.Run{c.run, rest},
			})
			if err != nil || len(refusals) != 1 || !strings.Contains(refusals[0].Reason, c.want) {
				t.Fatalf("refusals %v, error %v, want %q", refusals, err, c.want)
			}
			want := wire.Mark{Space: c.run.Space, Writer: c.run.Writer, Seq: c.run.First}
			if refusals[0].Mark != want {
				t.Errorf("refused %v, want %v", refusals[0].Mark, want)
			}
			if len(ack.Marks) != 1 || ack.Marks[0] != (wire.Mark{Space: village, Writer: good.writer, Seq: 1}) {
				t.Errorf("acknowledged %v", ack.Marks)
			}
			if text(t, s, village, recordID(9)) != "good" || s.Held(c.run.Space, c.run.Writer) != 0 {
				t.Error("not just the rest was kept")
			}
			if _, err := s.Credential(c.run.Writer); err == nil && c.run.Writer != good.writer {
				t.Error("a credential was kept for no stream")
			}
			if digest(t, s, village) != recount(t, s, village) {
				t.Error("the digest is not what a recount gives")
			}
		})
	}
}

func TestKeepTakesOneBranchOfAForkAndOfTheOtherTheProof(t *testing.T) {
	d := newDevice(2)
	one := batch(1, "one")
	after := origin(d, village).Next(one)
	arms := [2]wire.Chunk{}
	for i, word := range []string{"left", "right"} {
		arms[i] = wire.Chunk{
			Credentials: [][]byte{d.Credential()},
			Runs:        []wire.Run{forge(d, village, 1, origin(d, village), one, batch(2, word), batch(3, word))},
		}
	}
	short := wire.Chunk{Runs: []wire.Run{forge(d, village, 2, after, batch(2, "left"))}}
	for i := range arms {
		s := newStore(t, 1)
		keep(t, s, arms[i])
		before := dump(t, s)
		ack, refusals, err := s.Keep(arms[1-i])
		if err != nil || len(ack.Marks) != 0 || len(refusals) != 1 || !strings.Contains(refusals[0].Reason, "two different batches 2") {
			t.Errorf("arm %d after the other: %v, %v, %v", 1-i, ack, refusals, err)
		}
		_, refusals, _ = s.Keep(short)
		if (len(refusals) == 0) != (i == 0) {
			t.Errorf("after arm %d the left arm's batch 2: %v", i, refusals)
		}
		proof := fmt.Sprintf("forks %x%x ", writerKey(d.writer), village.String())
		lines := strings.Split(dump(t, s), "\n")
		without := slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, proof) })
		if strings.Join(without, "\n") != before || len(s.Proofs()) != 1 || s.proves(s.Proofs()[0].(wire.Fork)) != nil {
			t.Error("a refused branch changed more in the file than that its proof is there")
		}
	}
}

func TestDuplicatesChangeNothing(t *testing.T) {
	a, b := newStore(t, 1), newStore(t, 2)
	for i := range 5 {
		save(t, a, village, recordID(i), "x")
	}
	w := newDevice(1).writer
	pull(t, a, b)
	before := dump(t, b)
	for after := range uint64(5) {
		for _, room := range []int{0, 100, 10_000} {
			c := chunk(t, a, village, w, after, room)
			c.Runs = append(c.Runs, c.Runs[0])
			ack, refusals, err := b.Keep(c)
			if err != nil || len(refusals) > 0 || len(ack.Marks) != 2 || ack.Marks[0].Seq != 5 {
				t.Fatalf("%v, %v, %v", ack, refusals, err)
			}
		}
	}
	if dump(t, b) != before {
		t.Error("the file changed")
	}
}

func TestRunsOfOneStreamInOneChunkFollowEachOther(t *testing.T) {
	a, b := newStore(t, 1), newStore(t, 2)
	w := newDevice(1).writer
	var c wire.Chunk
	for i := range uint64(3) {
		save(t, a, village, recordID(int(i)), "x")
		next := chunk(t, a, village, w, i, 1)
		c.Credentials, c.Runs = next.Credentials, append(c.Runs, next.Runs...)
	}
	keep(t, b, c)
	if b.Held(village, w) != 3 || digest(t, b, village) != digest(t, a, village) {
		t.Errorf("held up to %d", b.Held(village, w))
	}
}

func TestTwoPeersBringOverlappingRunsAtOnce(t *testing.T) {
	a, b := newStore(t, 1), newStore(t, 2)
	const n = 60
	for i := range n {
		save(t, a, village, recordID(i%7), "x")
	}
	w := newDevice(1).writer
	var g sync.WaitGroup
	for peer := range uint64(3) {
		g.Go(func() {
			for held := uint64(0); held < n; held = b.Held(village, w) {
				c := chunk(t, a, village, w, held-min(held, peer), 100+50*int(peer))
				if _, refusals, err := b.Keep(c); err != nil || len(refusals) > 0 {
					t.Errorf("%v, %v", refusals, err)
					return
				}
			}
		})
	}
	g.Wait()
	if digest(t, b, village) != digest(t, a, village) || digest(t, b, village) != recount(t, b, village) {
		t.Error("the digests differ")
	}
}

func TestARunEndsAtASignedHead(t *testing.T) {
	d := newDevice(2)
	s, next := newStore(t, 1), newStore(t, 3)
	var batches [][]byte
	hash := origin(d, village)
	for i := range 9 {
		batches = append(batches, batch(i, strings.Repeat("x", 1000)))
		if i%3 == 2 { // heads signed after 3, 6 and 9
			run := forge(d, village, uint64(i-1), hash, batches[i-2:]...)
			keep(t, s, wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: []wire.Run{run}})
			for _, b := range run.Batches {
				hash = hash.Next(b)
			}
		}
	}
	for _, c := range []struct {
		after uint64
		room  int
		want  uint64
	}{{0, 0, 3}, {0, 100, 3}, {0, 5000, 3}, {0, 7000, 6}, {0, 1 << 20, 9}, {1, 100, 3}, {2, 2000, 3}, {3, 1, 6}, {8, 1, 9}} {
		run, ok, err := s.Run(village, d.writer, c.after, c.room)
		if err != nil || !ok || run.First != c.after+1 || run.Last() != c.want {
			t.Errorf("after %d with room %d: %d to %d, %v, %v; want up to %d", c.after, c.room, run.First, run.Last(), ok, err, c.want)
		}
	}
	if _, ok, err := s.Run(village, d.writer, 9, 1000); ok || err != nil {
		t.Errorf("a run after the end: %v, %v", ok, err)
	}
	pull(t, s, next)
	if digest(t, next, village) != digest(t, s, village) {
		t.Error("the next store has another state")
	}
}

func TestARenewedCertificateTakesEffectAndTravels(t *testing.T) {
	old := newDevice(1)
	old.area = street.Area
	path := filepath.Join(t.TempDir(), "store.db")
	a := open(t, old.options(path))
	b, c := newStore(t, 2), newStore(t, 3)
	save(t, a, street, recordID(1), "old")
	pull(t, a, b)
	pull(t, b, c)
	a.Close()
	a = open(t, newDevice(1).options(path)) // may write for the village too
	save(t, a, village, recordID(2), "new")
	pull(t, a, b)
	pull(t, b, c)
	save(t, a, village, recordID(2), "newer")
	pull(t, a, c)
	if text(t, c, village, recordID(2)) != "newer" {
		t.Error("not all arrived")
	}
}

func TestASecondKeyOfAWriterStaysUnheard(t *testing.T) {
	s, d, twin := newStore(t, 1), newDevice(2), newDevice(3)
	twin.writer = d.writer
	keep(t, s, wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: []wire.Run{forge(d, village, 1, origin(d, village), batch(1, "a"))}})
	next := forge(twin, village, 2, origin(d, village).Next(batch(1, "a")), batch(2, "b"))
	_, refusals, err := s.Keep(wire.Chunk{Runs: []wire.Run{next}})
	if err != nil || len(refusals) != 1 {
		t.Errorf("%v, %v", refusals, err)
	}
}

func TestAnOlderCredentialDoesNotReplaceANewerOne(t *testing.T) {
	s, renewed := newStore(t, 1), newDevice(2)
	old := renewed
	old.area = street.Area
	for _, c := range []struct {
		d  device
		sp crdt.Space
	}{{renewed, village}, {old, street}} {
		run := forge(c.d, c.sp, 1, origin(c.d, c.sp), batch(1, "a"))
		keep(t, s, wire.Chunk{Credentials: [][]byte{c.d.Credential()}, Runs: []wire.Run{run}})
	}
	if got, err := s.Credential(renewed.writer); err != nil || string(got) != string(renewed.Credential()) {
		t.Errorf("held is %q, %v", got, err)
	}
}

func TestARunCheckedBeforeARestoreIsCheckedAgain(t *testing.T) {
	s, other, d := newStore(t, 1), newStore(t, 3), newDevice(2)
	first := func(word string) wire.Chunk {
		return wire.Chunk{Credentials: [][]byte{d.Credential()}, Runs: []wire.Run{forge(d, village, 1, origin(d, village), batch(1, word))}}
	}
	keep(t, s, first("left"))
	keep(t, other, first("right"))
	next := forge(d, village, 2, origin(d, village).Next(batch(1, "left")), batch(2, "left"))
	runs, _, _ := s.check(wire.Chunk{Runs: []wire.Run{next}})
	if err := s.Restore(bytes.NewReader(snapshot(t, other))); err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	err := s.commit(func(tx *transaction) error {
		_, refusals, err := tx.keep(runs)
		if len(refusals) != 1 {
			t.Errorf("refusals %v", refusals)
		}
		return err
	})
	if err != nil || s.Held(village, d.writer) != 1 {
		t.Error(err)
	}
}

func TestCheckReturnsWhatKeepWouldKeep(t *testing.T) {
	s, d, idle := newStore(t, 1), newDevice(2), newDevice(3)
	good := forge(d, village, 1, origin(d, village), batch(1, "a"))
	more := forge(d, street, 1, origin(d, street), batch(1, "a"))
	bad := forge(d, village, 9, origin(d, village), batch(1, "a"))
	c, refusals := s.Check(wire.Chunk{
		Credentials: [][]byte{d.Credential(), idle.Credential(), []byte("nonsense")}, Runs: []wire.Run{good, bad, more},
	})
	if len(c.Runs) != 2 || len(refusals) != 1 || len(c.Credentials) != 1 || string(c.Credentials[0]) != string(d.Credential()) {
		t.Errorf("good %v, refused %v", c, refusals)
	}
	if len(s.Spaces()) != 0 {
		t.Error("checking wrote")
	}
}

func TestAStoreThatCannotReadDoesNotBlameTheSender(t *testing.T) {
	s, d := newStore(t, 1), newDevice(2)
	s.Close()
	ack, refusals, err := s.Keep(wire.Chunk{
		Credentials: [][]byte{d.Credential()}, Runs: []wire.Run{forge(d, village, 1, origin(d, village), batch(1, "a"))},
	})
	if err == nil || len(refusals) > 0 || len(ack.Marks) > 0 {
		t.Errorf("%v, %v, %v", ack, refusals, err)
	}
}
