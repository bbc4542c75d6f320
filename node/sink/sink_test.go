package sink_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/sink"
	"wangge/node/sink/cluster"
	"wangge/schema"
	"wangge/schema/kindfile"
)

const tree = `
kind: tree
title: {zh: 树, en: Tree}
class: open
area: {field: area, level: community}
when: planted
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: planted, title: {zh: 种植日期, en: Planted}, type: date}
  - {id: 3, name: height, title: {zh: 高度, en: Height}, type: decimal}
  - {id: 4, name: seen, title: {zh: 查看时间, en: Seen}, type: instant}
  - {id: 5, name: tags, title: {zh: 标签, en: Tags}, type: choices, options: [{value: 古树, en: Old}, {value: 病树, en: Ill}]}
  - {id: 6, name: note, title: {zh: 备注, en: Note}, type: text}
`

func registry(t *testing.T, text string) *schema.Registry {
	t.Helper()
	r, err := kindfile.Load(fstest.MapFS{"tree.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// server starts one for all tests of this package that ask.
var server = sync.OnceValues(func() (*cluster.Cluster, error) { return cluster.Start(context.Background()) })

func TestMain(m *testing.M) {
	m.Run()
	if c, err := server(); err == nil {
		c.Close()
	}
}

// database returns a new database's address and a connection to it.
func database(t *testing.T) (string, *pgx.Conn) {
	t.Helper()
	c, err := server()
	if errors.Is(err, cluster.ErrAbsent) {
		t.Skip("NOT CHECKED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ToLower(t.Name())
	admin, err := pgx.Connect(t.Context(), c.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(t.Context(), "create database "+name); err != nil {
		t.Fatal(err)
	}
	admin.Close(t.Context())
	url := strings.Replace(c.URL, "dbname=postgres", "dbname="+name, 1)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return url, conn
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func now() time.Time { return time.Now() }

// both loads two kinds together.
func both(t *testing.T, one, other string) *schema.Registry {
	t.Helper()
	r, err := kindfile.Load(fstest.MapFS{"tree.yaml": {Data: []byte(one)}, "shrub.yaml": {Data: []byte(other)}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newSink(t *testing.T, url, kinds string, m sink.Source) *sink.Sink {
	t.Helper()
	s, err := sink.New(sink.Options{URL: url, Kinds: registry(t, kinds), Source: m, Log: quiet(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func once(t *testing.T, s *sink.Sink, want sink.Account) {
	t.Helper()
	if done, err := s.Once(t.Context()); err != nil || done != want {
		t.Fatalf("a round did %+v (%v), want %+v", done, err, want)
	}
}

// asked returns a query's rows as a text.
func asked(t *testing.T, conn *pgx.Conn, query string) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Trim(fmt.Sprint(values), "[]"))
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return strings.Join(lines, "\n")
}

var (
	north = crdt.Space{Area: "140581105211", Class: crdt.Open}
	south = crdt.Space{Area: "140581105212", Class: crdt.Open}
)

func TestRowsFollowTheRecords(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	m.set(north, 1, 3, crdt.Float(2.5))
	m.set(north, 2, 6, crdt.Text("两\x00行"))
	m.set(south, 3, 2, crdt.Text("2024-02-29"))
	s := newSink(t, url, tree, m)
	once(t, s, sink.Account{Spaces: 2, Rows: 3})
	once(t, s, sink.Account{})

	m.set(north, 1, 3, crdt.Float(3))
	m.set(north, 1, 4, crdt.Int(1763775000000))
	m.do(north, m.at(north, 1).AddElement(id(1), "tree", 5, crdt.Text("古树")))
	m.do(north, m.at(north, 2).Delete(id(2)))
	once(t, s, sink.Account{Spaces: 1, Rows: 1})
	if got, want := asked(t, conn, "select height, extract(epoch from seen)::bigint, tags[1], space from wangge.tree order by record"),
		"3 1763775000 古树 140581105211/open\n<nil> <nil> <nil> 140581105212/open"; got != want {
		t.Errorf("the table has\n%s\nwant\n%s", got, want)
	}
	if got := asked(t, conn, `select "种植日期"::text from wangge.tree_zh where "种植日期" is not null`); got != "2024-02-29" {
		t.Errorf("the view has %q", got)
	}
	if m.runs == 0 {
		t.Error("what was new was not read from the log")
	}
}

func TestASinkGoesOnWhereTheDatabaseIs(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	for i := range 10 {
		m.set(north, i, 3, crdt.Float(1))
	}
	first := newSink(t, url, tree, m)
	once(t, first, sink.Account{Spaces: 1, Rows: 10})
	if _, err := newSink(t, url, tree, m).Once(t.Context()); !errors.Is(err, sink.ErrTaken) {
		t.Errorf("a second sink beside the first: %v", err)
	}
	first.Close()
	m.set(north, 3, 3, crdt.Float(9))
	m.set(south, 11, 3, crdt.Float(9))
	second := newSink(t, url, tree, m)
	once(t, second, sink.Account{Spaces: 2, Rows: 2})
	if got := asked(t, conn, "select count(*), sum(height) from wangge.tree"); !strings.HasPrefix(got, "11 27") {
		t.Errorf("the table has %s rows and sum, want 11 and 27", got)
	}

	m.trimmed = true // the log has what is new no more
	m.set(north, 4, 3, crdt.Float(5))
	once(t, second, sink.Account{Spaces: 1, Rows: 10})

	m.batches[north][writer()] = m.batches[north][writer()][:3] // an older copy of the county
	once(t, second, sink.Account{Behind: 1})

	if _, err := conn.Exec(t.Context(), "drop schema wangge cascade"); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Once(t.Context()); err == nil {
		t.Error("a schema that is gone was not missed")
	}
	once(t, second, sink.Account{Spaces: 2, Rows: 11})
}

func TestColumnsComeAndAreNotTakenAway(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	m.set(north, 1, 6, crdt.Text("旧"))
	m.set(north, 1, 7, crdt.Text("先到的新内容")) // a newer form wrote it
	old := newSink(t, url, tree, m)
	once(t, old, sink.Account{Spaces: 1, Rows: 1})
	if got := asked(t, conn, "select newer::text from wangge.tree"); got != "{#7}" {
		t.Errorf("what a newer form wrote is named %q", got)
	}
	old.Close()
	newer := strings.Replace(tree, "  - {id: 6, name: note, title: {zh: 备注, en: Note}, type: text}", "  - {id: 7, name: kind_of, title: {zh: 树种, en: Sort}, type: text}\nretired: [6]", 1)
	once(t, newSink(t, url, newer, m), sink.Account{}) // the one kind that changed was written as its table was
	if got := asked(t, conn, `select kind_of, note, "树种" from wangge.tree join wangge.tree_zh on tree.record = "记录编号"`); got != "先到的新内容 <nil> 先到的新内容" {
		t.Errorf("the new column has %q", got)
	}
}

func TestAServerThatDiesLosesAndDoublesNothing(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	for i := range 300 {
		m.set(north, i, 3, crdt.Float(1))
	}
	s := newSink(t, url, tree, m)
	once(t, s, sink.Account{Spaces: 1, Rows: 300})
	c, err := server()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		m.set(north, i, 3, crdt.Float(2))
	}
	if _, err := s.Once(t.Context()); err == nil {
		t.Fatal("a round without a server did well")
	}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What the crash took with its position is written again.
	if done, err := s.Once(t.Context()); err != nil || done.Rows != 10 && done.Rows != 300 {
		t.Fatalf("a round did %+v (%v)", done, err)
	}
	conn.Close(t.Context())
	if conn, err = pgx.Connect(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if got := asked(t, conn, "select count(*), sum(height) from wangge.tree"); !strings.HasPrefix(got, "300 310") {
		t.Errorf("the table has %s, want 300 rows and 310", got)
	}
}

func TestNoErrorTellsThePassword(t *testing.T) {
	for _, url := range []string{"postgres://u:secret@127.0.0.1:1/x?connect_timeout=1", "postgres://u:secret@127.0.0.1:port/x", "postgres://u:secret@%zz/"} {
		s, err := sink.New(sink.Options{URL: url, Kinds: registry(t, tree), Source: newMemory(), Now: time.Now})
		if err == nil {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			_, err = s.Once(ctx)
			cancel()
		}
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
	}
}
