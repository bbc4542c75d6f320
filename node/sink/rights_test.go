package sink_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/sink"
)

// do runs statements as the superuser.
func do(t *testing.T, conn *pgx.Conn, statements ...string) {
	t.Helper()
	for _, one := range statements {
		if _, err := conn.Exec(t.Context(), one); err != nil {
			t.Fatalf("%s: %v", one, err)
		}
	}
}

// A role that owns the schema and has no other right in the database is enough, as the
// runbook says; one that may make schemas can rebuild too. Analysts read, and write nothing.
func TestTheSinkNeedsNoRightsButThoseOfItsSchema(t *testing.T) {
	url, conn := database(t)
	m := newMemory()
	m.set(north, 1, 3, crdt.Float(7))
	name := strings.ToLower(t.Name())
	do(t, conn, "drop role if exists wangge_sink", "drop role if exists analyst_of_rights", "create role wangge_sink login", "create role analyst_of_rights login",
		"revoke all on database "+name+" from public", "revoke all on schema public from public", "grant connect on database "+name+" to wangge_sink, analyst_of_rights",
		"create schema wangge authorization wangge_sink", "create table public.other (secret text)")
	as := func(role string) string { return strings.Replace(url, "user=wangge ", "user="+role+" ", 1) }
	s := newSink(t, as("wangge_sink"), tree, m)
	once(t, s, sink.Account{Spaces: 1, Rows: 1})
	s.Close()

	owner, err := pgx.Connect(t.Context(), as("wangge_sink"))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	do(t, owner, "grant usage on schema wangge to analyst_of_rights", "grant select on all tables in schema wangge to analyst_of_rights",
		"alter default privileges for role wangge_sink grant select on tables to analyst_of_rights")
	if _, err := owner.Exec(t.Context(), "select * from public.other"); err == nil {
		t.Error("the sink's role reads what is not its own")
	}
	if _, err := newSink(t, as("wangge_sink"), tree, m).Rebuild(t.Context()); err == nil || !strings.Contains(err.Error(), "42501") {
		t.Errorf("a rebuild by a role that may make no schema: %v", err)
	}
	do(t, conn, "grant create on database "+name+" to wangge_sink")
	if _, err := newSink(t, as("wangge_sink"), tree, m).Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	shrub := strings.Replace(tree, "kind: tree", "kind: shrub", 1) // a kind that comes later
	later, err := sink.New(sink.Options{URL: as("wangge_sink"), Kinds: both(t, tree, shrub), Source: m, Log: quiet(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer later.Close()
	once(t, later, sink.Account{})

	analyst, err := pgx.Connect(t.Context(), as("analyst_of_rights"))
	if err != nil {
		t.Fatal(err)
	}
	defer analyst.Close(t.Context())
	if got := asked(t, analyst, "select (select count(*) from wangge.tree), (select count(*) from wangge.tree_zh), (select count(*) from wangge.shrub), (select count(*) from wangge.sink_state)"); got != "1 1 0 1" {
		t.Errorf("the analyst reads %s", got)
	}
	if _, err := analyst.Exec(t.Context(), "delete from wangge.tree"); err == nil {
		t.Error("the analyst writes")
	}
}
