package sink_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/sink"
)

// A rebuild leaves the old tables to who reads them until the new ones are whole, takes the
// place of a sink that runs, and keeps what others were granted and what they build.
func TestARebuildTakesThePlaceOfWhatIsThereAtOnce(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	for i := range 200 {
		m.set(north, i, 3, crdt.Float(1))
	}
	running := newSink(t, url, tree, m)
	once(t, running, sink.Account{Spaces: 1, Rows: 200})
	for _, do := range []string{
		"drop role if exists analyst", "create role analyst login", "grant usage on schema wangge to analyst", "grant select on wangge.tree to analyst",
		"delete from wangge.tree where height = 1", // somebody's mistake, of which no position tells
	} {
		if _, err := conn.Exec(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	m.batches[north][writer()] = m.batches[north][writer()][:150] // and an older copy of the county
	ended := make(chan error, 1)
	var done sink.Rebuilt
	go func() { var err error; done, err = newSink(t, url, tree, m).Rebuild(t.Context()); ended <- err }()
	standby := 0
	for tick := time.Tick(20 * time.Millisecond); ; {
		select {
		case err := <-ended:
			if err != nil || done.Rows != 200 || len(done.Builders) > 0 {
				t.Fatalf("the rebuild did %+v (%v)", done, err)
			}
			if standby == 0 {
				t.Error("the sink that ran did not give way")
			}
			running.Close()
			once(t, newSink(t, url, tree, m), sink.Account{})
			if got := asked(t, conn, "select count(*), has_table_privilege('analyst', 'wangge.tree', 'select'), has_schema_privilege('analyst', 'wangge', 'usage') from wangge.tree"); got != "200 true true" {
				t.Errorf("after the rebuild there are %s", got)
			}
			return
		case <-tick:
			if _, err := running.Once(t.Context()); err != nil {
				running.Close()
				standby++
			}
		}
	}
}

func TestWhatOthersBuildUponOutlivesARebuildAndIsNamed(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	m.set(north, 1, 3, crdt.Float(7))
	first := newSink(t, url, tree, m)
	once(t, first, sink.Account{Spaces: 1, Rows: 1})
	first.Close()
	if _, err := conn.Exec(t.Context(), "create view public.tall as select record from wangge.tree where height > 5"); err != nil {
		t.Fatal(err)
	}
	done, err := newSink(t, url, tree, m).Rebuild(t.Context())
	if err != nil || strings.Join(done.Builders, " ") != "tall" {
		t.Fatalf("the rebuild did %+v (%v)", done, err)
	}
	if got := asked(t, conn, "select count(*) from tall"); got != "1" {
		t.Errorf("the view has %s", got)
	}
	if _, err := newSink(t, url, tree, m).Rebuild(t.Context()); err == nil || !strings.Contains(err.Error(), "wangge_old") {
		t.Errorf("a second rebuild: %v", err)
	}
}

// A rebuild that is ended in the midst has changed nothing.
func TestARebuildThatIsEndedLeavesTheTablesAsTheyWere(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	for i := range 20_000 {
		m.set(north, i, 3, crdt.Float(1))
	}
	first := newSink(t, url, tree, m)
	once(t, first, sink.Account{Spaces: 1, Rows: 20_000})
	first.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := newSink(t, url, tree, m).Rebuild(ctx); err == nil {
		t.Skip("the rebuild was over before it could be ended")
	}
	equal(t, conn, m)
	if _, err := newSink(t, url, tree, m).Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, conn, m)
}
