package sink_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/node/sink"
)

// trouble writes what people write: new records, changes, changes of two who do not know of
// each other, deletions, some of them disputed, and records that are said to be one.
func (m *memory) trouble(r *rand.Rand, changes int) {
	spaces := []crdt.Space{north, south, {Area: "140581108213", Class: crdt.Open}}
	other := crdt.NewWriter(2, 1)
	for range changes {
		space, n := spaces[r.IntN(len(spaces))], r.IntN(3000)
		rec := m.at(space, n)
		what := r.IntN(12)
		if rec.Kind == "" {
			what = -1 // there is nothing yet
		}
		switch what {
		case 0:
			m.do(space, rec.Delete(id(n)))
		case 1: // who changes it has not seen that it is deleted
			m.doBy(other, space, rec.Assign(id(n), "tree", 3, crdt.Float(float64(r.IntN(90)))))
			m.do(space, rec.Delete(id(n)))
		case 2, 3: // neither saw what the other wrote
			m.do(space, rec.Assign(id(n), "tree", 6, crdt.Text("左")))
			m.doBy(other, space, rec.Assign(id(n), "tree", 6, crdt.Text("右")))
		case 4:
			m.do(space, rec.AddElement(id(n), "tree", 5, crdt.Text("古树")), rec.AddElement(id(n), "tree", 5, crdt.Text("病树")))
		case 5:
			m.do(space, rec.AddElement(id(n), "tree", crdt.Alias, crdt.Ref(id(n+1))))
			m.do(space, m.at(space, n+1).AddElement(id(n+1), "tree", crdt.Alias, crdt.Ref(id(n))))
		case 6:
			m.doBy(other, space, rec.Assign(id(n), "tree", 17, crdt.Text("新表单")))
		default:
			m.set(space, n, 3, crdt.Float(float64(r.IntN(90))))
		}
	}
}

// twin is what the table must say: every record, as exports have it.
func (m *memory) twin(t *testing.T, kinds string) (rows []string) {
	t.Helper()
	kind, _ := registry(t, kinds).Kind("tree")
	records := export.Of(kind, false, nil)
	for space, all := range m.records {
		for id, rec := range all {
			if rec.Fate() == crdt.Dead {
				continue
			}
			row := records.Row(space, id, rec)
			for i, value := range row {
				if at, ok := value.(time.Time); ok {
					row[i] = at.UTC()
				}
			}
			rows = append(rows, fmt.Sprint(row[:2], row[2:]))
		}
	}
	slices.Sort(rows)
	return rows
}

// table is what the table says, in the order of the columns of exports.
func table(t *testing.T, conn *pgx.Conn, kinds string) (rows []string) {
	t.Helper()
	kind, _ := registry(t, kinds).Kind("tree")
	var columns []string
	for _, c := range export.Of(kind, false, nil).Table().Columns {
		columns = append(columns, c.Name)
	}
	found, err := conn.Query(t.Context(), "select "+strings.Join(columns, ", ")+" from wangge.tree")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		row, err := found.Values()
		if err != nil {
			t.Fatal(err)
		}
		for i, value := range row {
			if at, ok := value.(time.Time); ok {
				row[i] = at.UTC()
			}
		}
		rows = append(rows, fmt.Sprint(row[:2], row[2:]))
	}
	slices.Sort(rows)
	return rows
}

// equal holds the table against its twin.
func equal(t *testing.T, conn *pgx.Conn, m *memory) {
	t.Helper()
	want, got := m.twin(t, tree), table(t, conn, tree)
	if slices.Equal(want, got) {
		return
	}
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			t.Fatalf("of %d rows and a twin's %d the first that differ are\n%v\n%v", len(got), len(want), got[i:min(i+1, len(got))], want[i:min(i+1, len(want))])
		}
	}
}

// Sessions are ended at any moment of a catch-up, people write meanwhile, the log is
// trimmed: once it was let be the table is its twin.
func TestASessionThatIsEndedAtAnyMomentLosesAndDoublesNothing(t *testing.T) {
	url, conn := database(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r, m := rand.New(rand.NewPCG(seed, 1)), newMemory()
	s := newSink(t, url, tree, m)
	cut := 0
	for round := range 6 {
		m.trouble(r, 400+r.IntN(3000))
		m.trimmed = r.IntN(4) == 0
		for range 4 {
			ended := make(chan error, 1)
			go func() { _, err := s.Once(t.Context()); ended <- err }()
			<-time.After(time.Duration(r.IntN(40)) * time.Millisecond)
			if _, err := conn.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"); err != nil {
				t.Fatal(err)
			}
			m.trouble(r, 20)
			if err := <-ended; err != nil {
				cut++
			}
		}
		finish(t, s)
		equal(t, conn, m)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	if cut < 5 {
		t.Errorf("only %d rounds were cut", cut)
	}
	t.Logf("%d of 24 rounds were cut", cut)
}

// finish lets a sink come to its end. A session that was ended may show at the next use.
func finish(t *testing.T, s *sink.Sink) {
	t.Helper()
	for tries := 0; ; tries++ {
		_, err := s.Once(t.Context())
		if err == nil {
			return
		}
		if tries > 5 {
			t.Fatal(err)
		}
	}
}

// A server that loses its power in the midst of a catch-up comes back with what it had
// on its disk, and is brought up to date from there.
func TestAServerThatLosesPowerInATransactionLosesAndDoublesNothing(t *testing.T) {
	url, conn := database(t)
	c, err := server()
	if err != nil {
		t.Fatal(err)
	}
	r, m := rand.New(rand.NewPCG(3, uint64(time.Now().UnixNano()))), newMemory()
	s := newSink(t, url, tree, m)
	for range 2 {
		m.trouble(r, 4000)
		ended := make(chan error, 1)
		go func() { _, err := s.Once(t.Context()); ended <- err }()
		<-time.After(time.Duration(r.IntN(120)) * time.Millisecond)
		if err := c.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-ended
		if err := c.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		finish(t, s)
		conn.Close(t.Context())
		if conn, err = pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		equal(t, conn, m)
	}
	conn.Close(context.Background())
}
