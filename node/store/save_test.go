package store

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

func TestWhatIsSavedSurvivesReopening(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "deep", "store.db"))
	s := open(t, o)
	save(t, s, village, recordID(1), "王家")
	save(t, s, street, recordID(2), "李家")
	before, epoch := dump(t, s), s.Epoch()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, o)
	if got := text(t, s, village, recordID(1)); got != "王家" {
		t.Errorf("found %q", got)
	}
	if s.Epoch() != epoch || dump(t, s) != before {
		t.Error("reopening changed the file")
	}
	save(t, s, village, recordID(1), "王家2")
	if got := s.Held(village, newDevice(1).writer); got != 2 {
		t.Errorf("the stream goes on at %d", got)
	}
	if digest(t, s, village) != recount(t, s, village) {
		t.Error("the digest is not what a recount gives")
	}
}

// hold returns options whose first commit waits until release is closed, and a
// channel that hears of it.
func hold(o *Options) (commits *int, held, release chan struct{}) {
	commits, held, release = new(int), make(chan struct{}), make(chan struct{})
	o.Committed = func(Event) {
		if *commits++; *commits == 1 {
			close(held)
			<-release
		}
	}
	return commits, held, release
}

// queued waits until n requests stand in the queue.
func queued(s *Store, n int) {
	for {
		s.waiting.mu.Lock()
		now := len(s.waiting.queue)
		s.waiting.mu.Unlock()
		if now == n {
			return
		}
		runtime.Gosched()
	}
}

func TestThoseWhoSaveTogetherShareACommit(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	commits, held, release := hold(&o)
	s := open(t, o)
	var g sync.WaitGroup
	one := func(i int) { g.Go(func() { save(t, s, village, recordID(i), "x") }) }
	one(0)
	<-held
	for i := 1; i < 100; i++ {
		one(i)
	}
	queued(s, 99)
	close(release)
	g.Wait()
	if *commits != 2 {
		t.Errorf("100 saves took %d commits", *commits)
	}
	s.Close()
	s = open(t, newDevice(1).options(o.Path))
	for i := range 100 {
		if text(t, s, village, recordID(i)) != "x" {
			t.Errorf("record %d is lost", i)
		}
	}
	if digest(t, s, village) != recount(t, s, village) {
		t.Error("the digest is not what a recount gives")
	}
}

// beside saves three forms in one commit, the second by fill, and returns how
// each ended.
func beside(t *testing.T, fill func(*Draft) error) (s *Store, commits int, errs [3]error) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	count, held, release := hold(&o)
	s = open(t, o)
	var g sync.WaitGroup
	g.Go(func() { save(t, s, village, recordID(0), "first") })
	<-held
	for i, fill := range []func(*Draft) error{visit(village, recordID(1), "a"), fill, visit(village, recordID(3), "c")} {
		g.Go(func() {
			defer func() { recover() }() // as a web server does
			errs[i] = errors.New("never answered")
			errs[i] = s.Save(fill)
		})
		queued(s, i+1)
	}
	close(release)
	g.Wait()
	return s, *count, errs
}

func TestAFailingFillUndoesOnlyItself(t *testing.T) {
	fault := errors.New("the form is wrong")
	s, commits, errs := beside(t, func(d *Draft) error {
		d.Write(village, crdt.Record{}.Assign(recordID(2), "visit", 1, crdt.Text("b")))
		return fault
	})
	if errs != [3]error{nil, fault, nil} {
		t.Errorf("the three heard %v", errs)
	}
	if commits != 2 {
		t.Errorf("the others took %d commits, not one", commits-1)
	}
	for i, want := range []string{"first", "a", "", "c"} {
		if got := text(t, s, village, recordID(i)); got != want {
			t.Errorf("record %d shows %q, want %q", i, got, want)
		}
	}
	if digest(t, s, village) != recount(t, s, village) {
		t.Error("the digest is not what a recount gives")
	}
}

func TestNobodyBelievesHimselfSavedWhenAFillPanics(t *testing.T) {
	s, _, errs := beside(t, func(*Draft) error { panic("a fault in a form") })
	for i, id := range []int{1, 2, 3} {
		if errs[i] == nil && text(t, s, village, recordID(id)) == "" {
			t.Errorf("save %d was acknowledged and is not there", id)
		}
	}
	save(t, s, village, recordID(9), "after")
	if digest(t, s, village) != recount(t, s, village) {
		t.Error("the digest is not what a recount gives")
	}
}

func TestALongImportIsCutIntoBatchesThatPeersTake(t *testing.T) {
	a, b := newStore(t, 1), newStore(t, 2)
	long := strings.Repeat("走访记录", 100)
	err := a.Save(func(d *Draft) error {
		for i := range 400 {
			for f := range 5 {
				d.Write(village, crdt.Record{}.Assign(recordID(i), "visit", crdt.FieldID(f+1), crdt.Text(long)))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	pull(t, a, b)
	if digest(t, a, village) != digest(t, b, village) || b.Spaces()[0].Records != 400 {
		t.Error("the peer has another state")
	}
}

func TestCutKeepsARecordTogetherUnlessItIsTooLong(t *testing.T) {
	ops := func(sizes ...int) (all []crdt.Op) {
		for i, n := range sizes {
			for range n {
				all = append(all, crdt.Op{Record: recordID(i)})
			}
		}
		return all
	}
	for _, c := range []struct {
		ops  []crdt.Op
		want int
	}{
		{ops(3), 3}, {ops(batchOps), batchOps}, {ops(batchOps-1, 2), batchOps - 1},
		{ops(batchOps + 1), batchOps}, {ops(batchOps, 1), batchOps},
		{[]crdt.Op{{Value: crdt.Text(strings.Repeat("x", 2*batchSize))}, {}}, 1},
	} {
		if got := cut(c.ops); got != c.want {
			t.Errorf("of %d ops the first batch takes %d, want %d", len(c.ops), got, c.want)
		}
	}
}

func TestWhatNoPeerWouldTakeIsNotSaved(t *testing.T) {
	s := newStore(t, 1)
	text := crdt.Record{}.Assign(recordID(1), "visit", 1, crdt.Text("x"))
	long, kind, value := text, text, text
	long.Value = crdt.Text(strings.Repeat("x", 70_000))
	kind.Kind = strings.Repeat("k", 65)
	value.Value = "t\xff"
	for name, form := range map[string]struct {
		space crdt.Space
		op    crdt.Op
		want  string
	}{
		"a text too long":        {village, long, "too long"},
		"a kind's name too long": {village, kind, "no peer would take"},
		"a value malformed":      {village, value, "no peer would take"},
		"an area that is none":   {crdt.Space{Area: "x"}, text, "not a space"},
		"a class that is none":   {crdt.Space{Area: "14", Class: 9}, text, "not a space"},
		"another's area":         {crdt.Space{Area: "99"}, text, "may not write"},
	} {
		err := s.Save(func(d *Draft) error { d.Write(form.space, form.op); return nil })
		if err == nil || !strings.Contains(err.Error(), form.want) {
			t.Errorf("%s: got %v, want %q", name, err, form.want)
		}
	}
	if got := s.Spaces(); len(got) != 0 {
		t.Errorf("something was kept: %v", got)
	}
}

func TestLookingAtASpaceDoesNotMakeIt(t *testing.T) {
	s := newStore(t, 1)
	err := s.Save(func(d *Draft) error {
		if rec, err := d.Record(street, recordID(1)); err != nil || rec.Kind != "" {
			t.Errorf("found %v, %v", rec, err)
		}
		return visit(village, recordID(1), "x")(d)
	})
	if err != nil || len(s.Spaces()) != 1 {
		t.Errorf("%v, %v", s.Spaces(), err)
	}
}

func TestTheHubSavesNothingOfItsOwn(t *testing.T) {
	if err := newHub(t).Save(visit(village, recordID(1), "x")); err == nil {
		t.Error("saved")
	}
}

func TestAStoreRefusesAnAuthorWhomNobodyWouldBelieve(t *testing.T) {
	stranger := newDevice(1)
	stranger.county = wire.County{1}
	_, err := Open(stranger.options(filepath.Join(t.TempDir(), "store.db")))
	if err == nil || !strings.Contains(err.Error(), "enrol the device again") {
		t.Errorf("got %v", err)
	}
}

func TestARunIsNeverLongerThanAPeerTakes(t *testing.T) {
	s, far := newStore(t, 1), newStore(t, 2)
	for i := range 30 {
		save(t, s, village, recordID(i), strings.Repeat("走访", 2<<10))
	}
	keep(t, far, chunk(t, s, village, newDevice(1).writer, 0, 256<<10))
}
