package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/node/sink/cluster"
	"wangge/node/web"
)

// sunk is a county whose replicas are all told of one database.
type sunk struct {
	*county
	server *cluster.Cluster
	urls   string // the file with the database's address
}

const sinkPassword = "kept-to-itself"

// newSunk starts a county and a server, and has some replicas keep its database in step.
func newSunk(t *testing.T, replicas ...uint32) *sunk {
	t.Helper()
	c := database(t)
	s := &sunk{newCounty(t), c, filepath.Join(t.TempDir(), "sink-url")}
	s.address("create role wangge_sink login password '" + sinkPassword + "'; create database county owner wangge_sink")
	for _, device := range replicas {
		s.told(device)
	}
	return s
}

// address runs a script in the server, and writes the file with the database's address.
func (s *sunk) address(script string) {
	s.t.Helper()
	for one := range strings.SplitSeq(script, "; ") {
		s.sql("postgres", one)
	}
	s.writeAddress(sinkPassword)
}

func (s *sunk) writeAddress(password string) {
	s.t.Helper()
	url := fmt.Sprintf("host=%s user=wangge_sink dbname=county password=%s", s.server.Dir(), password)
	if err := os.WriteFile(s.urls, []byte(url+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// told has a replica begin anew with the database's address.
func (s *sunk) told(device uint32) {
	s.t.Helper()
	a, err := s.actor(device)
	if err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(a.dir, "node.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, append(b, "\nsink_url_file: "+s.urls+"\n"...), 0o600); err != nil {
		s.t.Fatal(err)
	}
	a.stop()
	if err := s.Start(device); err != nil {
		s.t.Fatal(err)
	}
}

// sql asks the server as its superuser.
func (s *sunk) sql(database, query string) string {
	s.t.Helper()
	said, err := s.trySQL(database, query)
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return said
}

func (s *sunk) trySQL(database, query string) (string, error) {
	run := exec.Command("psql", "-At", "-v", "ON_ERROR_STOP=1", "-d", strings.Replace(s.server.URL, "dbname=postgres", "dbname="+database, 1), "-c", query)
	var out, bad bytes.Buffer
	run.Stdout, run.Stderr = &out, &bad
	if err := run.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, bad.String())
	}
	return strings.TrimSpace(out.String()), nil
}

// has waits until a query of the county's database says so.
func (s *sunk) has(query, want string) {
	s.t.Helper()
	said := ""
	s.until(fmt.Sprintf("%s says %s", query, want), func() bool {
		now, err := s.trySQL("county", query)
		if err != nil {
			now = err.Error()
		}
		if now != said {
			s.t.Logf("%s says %s", query, now)
			said = now
		}
		return now == want
	})
}

// stands waits until a replica says how the database stands.
func (s *sunk) stands(device uint32, holds func(web.Sink) bool) (last web.Sink) {
	s.t.Helper()
	s.until("the replica says how the database stands", func() bool {
		st, err := s.Status(s.t.Context(), device)
		if err != nil || st.Sink == nil {
			return false
		}
		last = *st.Sink
		return holds(last)
	})
	return last
}

const visitsCount = "select count(*), count(distinct record) from wangge.grid_visit"

// Whatever happens to the server, the password, the database or the replica: what boxes
// write arrives as rows, each once, and the replica says how it stands.
func TestADatabaseFollowsTheCountyThroughEveryTrouble(t *testing.T) {
	s := newSunk(t, 1)
	first := s.save(eastBox, "grid_visit", visit("140581105211", 1))
	s.has(visitsCount, "1|1")
	s.edit(eastBox, first, web.Edit{Field: "status", Set: "已解决"})
	s.has("select status from wangge.grid_visit where record = '"+first.ID+"'", "已解决")
	s.stands(1, func(d web.Sink) bool { return d.State == web.SinkCurrent && d.Rows >= 2 && !d.Current.IsZero() })

	if err := s.server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.save(riverBox, "grid_visit", visit("140581108213", 2))
	s.save(riverBox, "grid_visit", visit("140581108213", 3))
	away := s.stands(1, func(d web.Sink) bool { return d.State == web.SinkFailed && d.Records >= 2 && d.Batches >= 2 })
	if code, out, _ := wangge(t, nil, "status", "--node", s.page(1)); code != 0 || !strings.Contains(out, "could not be written at") || !strings.Contains(out, "(sink)") {
		t.Errorf("wangge status says of %+v: code %d\n%s", away, code, out)
	}
	if metrics := s.metrics(1); !strings.Contains(metrics, `wangge_sink_state{state="failed"} 1`) || !strings.Contains(metrics, "wangge_sink_lag_records 2") || !strings.Contains(metrics, "wangge_sink_lag_seconds") {
		t.Error("the metrics do not tell that the database is away")
	}
	if err := s.server.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.has(visitsCount, "3|3")

	s.writeAddress("a-wrong-one") // and the server's own sessions end, so that it is asked for
	s.guarded()
	s.save(eastBox, "grid_visit", visit("140581105211", 4))
	wrong := s.stands(1, func(d web.Sink) bool { return d.State == web.SinkFailed && strings.Contains(d.Error, "28P01") })
	if strings.Contains(wrong.Error, "a-wrong-one") || strings.Contains(s.logOf(1), "a-wrong-one") {
		t.Errorf("the password is told: %s", wrong.Error)
	}
	s.writeAddress(sinkPassword)
	s.has(visitsCount, "4|4")

	s.sql("postgres", "drop database county with (force)")
	s.stands(1, func(d web.Sink) bool { return d.State == web.SinkFailed && strings.Contains(d.Error, "3D000") })
	s.sql("postgres", "create database county owner wangge_sink")
	s.has(visitsCount, "4|4")

	if err := s.Stop(1); err != nil { // as by kill -9
		t.Fatal(err)
	}
	s.save(eastBox, "grid_visit", visit("140581105211", 5))
	if err := s.Start(1); err != nil {
		t.Fatal(err)
	}
	s.has(visitsCount, "5|5")
	if strings.Contains(s.logOf(1), sinkPassword) {
		t.Error("the log tells the password")
	}
}

// guarded has the server ask for passwords from now on, and ends the sessions of before.
func (s *sunk) guarded() {
	s.t.Helper()
	s.sql("postgres", "copy (select 'local all wangge trust' union all select 'local all all scram-sha-256') to '"+s.server.Dir()+"/data/pg_hba.conf'")
	s.sql("postgres", "select pg_reload_conf(), pg_terminate_backend(pid) from pg_stat_activity where usename = 'wangge_sink'")
}

// All replicas may be told of the database: one writes, and another takes over when that
// one is gone, or cut off from the others.
func TestAnotherReplicaTakesOverTheDatabase(t *testing.T) {
	s := newSunk(t, 1, 2, 3)
	s.save(eastBox, "grid_visit", visit("140581105211", 1))
	s.has(visitsCount, "1|1")
	writes := func() (who uint32) {
		s.until("one replica writes and the others stand by", func() bool {
			who = 0
			standby := 0
			for device := uint32(1); device <= 3; device++ {
				st, err := s.Status(t.Context(), device)
				switch {
				case err != nil || st.Sink == nil:
				case st.Sink.State == web.SinkStandby:
					standby++
				default:
					who = device
				}
			}
			return who != 0 && standby >= 1
		})
		return who
	}
	gone := writes()
	if err := s.Stop(gone); err != nil {
		t.Fatal(err)
	}
	s.save(riverBox, "grid_visit", visit("140581108213", 2))
	s.has(visitsCount, "2|2")
	heir := writes()
	if heir == gone {
		t.Errorf("replica %d writes and was killed", heir)
	}
	if err := s.Start(gone); err != nil {
		t.Fatal(err)
	}

	// One that is cut off from the others goes on with what it has, and with the rest once it is back.
	if err := s.Cut(heir, true); err != nil {
		t.Fatal(err)
	}
	s.save(eastBox, "grid_visit", visit("140581105211", 3))
	s.until("the others have a leader", func() bool { l := s.leader(); return l != 0 && l != heir })
	s.until("the county counts three", func() bool { l := s.leader(); return l != 0 && l != heir && s.total(l, "grid_visit.visits") == 3 })
	if err := s.Cut(heir, false); err != nil {
		t.Fatal(err)
	}
	s.has(visitsCount, "3|3")
}

// page returns the address of a machine's pages.
func (s *sunk) page(device uint32) string {
	s.t.Helper()
	a, err := s.actor(device)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Actor().Web
}

func (s *sunk) metrics(device uint32) string {
	s.t.Helper()
	asked, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.page(device)+"/metrics", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	browser := http.Client{Timeout: 10 * time.Second}
	answer, err := browser.Do(asked)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(answer.Body); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}
