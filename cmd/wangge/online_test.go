package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wangge/node"
	"wangge/node/store"
)

// A box is backed up while people save at it: the backup holds all that had been
// called saved when it began, and the box never stops.
func TestARunningBoxIsBackedUp(t *testing.T) {
	c := newCounty(t)
	dir := c.actors[riverBox-1].dir
	data := filepath.Join(dir, "data")
	if info, err := os.Stat(filepath.Join(data, "control.sock")); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the socket: %v, %v", info, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &scribe{box: riverBox, rng: rand.New(rand.NewPCG(3, 3)), told: make(chan struct{})}
	acks := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() { s.write(ctx, c, "140581108213") })
	writing.Go(func() { s.pass(ctx, acks) })
	defer writing.Wait()
	defer cancel()
	var saved []string
	var backups []string
	for i := range 2 {
		awaitAcks(t, acks, 20)
		s.mu.Lock()
		saved = slices.Clone(s.acked)
		s.mu.Unlock()
		file := filepath.Join(t.TempDir(), "river.db")
		args := []string{"backup", "--data", data, file}
		if i == 1 {
			args = append(args, "--json")
		}
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-acks: // people save on
				case <-done:
					return
				}
			}
		}()
		code, out, bad := wangge(t, nil, args...)
		close(done)
		if code != 0 || !strings.Contains(bad, "goes on") || i == 0 && !strings.Contains(out, "all is well") {
			t.Fatalf("backup: code %d, %s%s", code, out, bad)
		}
		if i == 1 && !json.Valid([]byte(out)) {
			t.Errorf("backup --json prints %s", out)
		}
		backups = append(backups, file)
		expectIn(t, file, filepath.Join(dir, "keys"), saved)
	}
	if code, _, bad := wangge(t, nil, "backup", "--data", data, backups[0]); code != exitFailed || !strings.Contains(bad, "there already") {
		t.Errorf("over a backup: code %d, %s", code, bad)
	}
	for _, verb := range []string{"verify", "compact"} {
		if code, _, bad := wangge(t, nil, verb, "--data", data); code != exitFailed || !strings.Contains(bad, "wangge backup") {
			t.Errorf("%s beside a running node: code %d, %s", verb, code, bad)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(data, "copy-*")); len(left) > 0 {
		t.Errorf("left in the data folder: %s", left)
	}
	cancel()
	writing.Wait()
	c.killedLeavesNothingInTheWay(data)
}

// expectIn restores a backup and looks for visits in it.
func expectIn(t *testing.T, file, keys string, visits []string) {
	t.Helper()
	d := folder{data: filepath.Join(t.TempDir(), "data"), keys: keys}
	if code, out, bad := wangge(t, nil, "restore", "--data", d.data, "--keys", keys, file); code != 0 {
		t.Fatalf("restore: code %d, %s%s", code, out, bad)
	}
	if code, out, bad := wangge(t, nil, "verify", "--data", d.data, "--keys", keys); code != 0 || !strings.Contains(out, "all is well") {
		t.Fatalf("verify: code %d, %s%s", code, out, bad)
	}
	o, id, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	o.Author = func(kept []byte) (store.Author, error) {
		if kept != nil {
			t.Error("the writer's key is in the backup")
		}
		return id.NewWriter()
	}
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	held := map[string]bool{}
	if err := s.Walk(func(l store.Listed) bool { held[l.ID.String()] = true; return true }); err != nil {
		t.Fatal(err)
	}
	for _, id := range visits {
		if !held[id] {
			t.Errorf("visit %s was saved before the backup began and is not in it", id)
		}
	}
	if len(visits) == 0 {
		t.Error("nothing was saved")
	}
}

// killedLeavesNothingInTheWay kills the box: its socket stays, tells that nobody
// is there, and the next start takes its place and removes an unfinished copy.
func (c *county) killedLeavesNothingInTheWay(data string) {
	t := c.t
	t.Helper()
	c.Stop(riverBox)
	if running, err := node.Running(data); running || err != nil {
		t.Errorf("a killed node runs: %t, %v", running, err)
	}
	left := filepath.Join(data, "copy-1.db")
	if err := os.WriteFile(left, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.restart(riverBox)
	if running, err := node.Running(data); !running || err != nil {
		t.Errorf("the node that took its place: %t, %v", running, err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("an unfinished copy is left")
	}
}

func TestAPathTooLongForASocketIsToldClearly(t *testing.T) {
	data := filepath.Join(t.TempDir(), strings.Repeat("县", 40), "data")
	if running, err := node.Running(data); running || err == nil || !strings.Contains(err.Error(), "shorter path") {
		t.Errorf("%t, %v", running, err)
	}
}
