package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wangge/node/sink/cluster"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// saved makes a box's data folder with so many visits, and returns it.
func saved(t *testing.T, visits int) string {
	t.Helper()
	kinds, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	county, err := newBenchCounty(t.TempDir(), kinds)
	if err != nil {
		t.Fatal(err)
	}
	box, err := county.enrol("站")
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(1)
	for done := 0; done < visits; done += 500 {
		var page [][]schema.Filled
		for range min(500, visits-done) {
			form, err := county.fill(box, g.visit(g.author(authors)))
			if err != nil {
				t.Fatal(err)
			}
			page = append(page, form)
		}
		if err := box.save(g.now, page...); err != nil {
			t.Fatal(err)
		}
	}
	county.close()
	return filepath.Join(box.dir, "data")
}

// database returns a server of the test's own, where PostgreSQL is installed.
func database(t *testing.T) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Start(t.Context())
	if errors.Is(err, cluster.ErrAbsent) {
		t.Skip("NOT CHECKED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// A process that is killed in the midst of writing loses no row and doubles none.
func TestASinkThatIsKilledGoesOnExactly(t *testing.T) {
	c := database(t)
	const visits = 4000
	data := saved(t, visits)
	file := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(file, []byte(c.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sinking := func(ctx context.Context) (string, error) {
		said, err := exec.CommandContext(ctx, os.Args[0], "sink", "postgres", "--data", data, "--url-file", file).CombinedOutput()
		return string(said), err
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r, killed, whole := rand.New(rand.NewPCG(seed, 1)), 0, false
	for within := 100 * time.Millisecond; !whole; within = within*5/4 + time.Duration(r.IntN(50))*time.Millisecond {
		ctx, cancel := context.WithTimeout(t.Context(), within) // then it is killed, as by kill -9
		said, err := sinking(ctx)
		if ctx.Err() == nil && err != nil {
			t.Fatal(said)
		}
		if whole = err == nil; !whole {
			killed++
		}
		cancel()
	}
	if killed == 0 {
		t.Error("it was never killed in the midst of anything")
	}
	t.Logf("killed %d times", killed)
	if said, err := sinking(t.Context()); err != nil || !strings.HasPrefix(said, "0 rows") {
		t.Errorf("once more: %s (%v), want nothing new", said, err)
	}
	if said, err := exec.Command(os.Args[0], "sink", "postgres", "--data", data, "--url-file", file, "--check").CombinedOutput(); err != nil || string(said) != "4000 rows say what their records say\n" {
		t.Errorf("held against the records: %s (%v)", said, err)
	}
	if said, err := exec.Command("psql", "-d", c.URL, "-c", "update wangge.grid_visit set topic = null where record = (select min(record) from wangge.grid_visit)").CombinedOutput(); err != nil {
		t.Fatal(string(said))
	}
	if said, err := exec.Command(os.Args[0], "sink", "postgres", "--data", data, "--url-file", file, "--check").CombinedOutput(); err == nil || !strings.Contains(string(said), "1 say something else") {
		t.Errorf("held against the records with a row that says something else: %s (%v)", said, err)
	}
}
