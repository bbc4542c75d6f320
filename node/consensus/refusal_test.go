package consensus

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestStrangerIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		leader := g.leader()
		for _, p := range []Purpose{Raft, Propose} {
			conn, err := port{g.net, 9}.Open(t.Context(), leader, p)
			if err != nil {
				t.Fatal(err)
			}
			if err := writeFrame(conn, askPropose, []byte("let me in")); err == nil {
				t.Errorf("a stranger's words were read for %s", p)
			}
			conn.Close()
		}
		g.agree()
		if len(g.ledgers[leader].copy()) != 0 {
			t.Error("a stranger wrote into the county's order")
		}
	})
}

func TestNonsenseIsAnsweredOrCut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		leader := g.leader()
		other := g.follower()
		open := func() interface {
			Read([]byte) (int, error)
			Write([]byte) (int, error)
			Close() error
		} {
			conn, err := port{g.net, other}.Open(t.Context(), leader, Propose)
			if err != nil {
				t.Fatal(err)
			}
			return conn
		}
		unknown := open()
		defer unknown.Close()
		if err := writeFrame(unknown, 77, nil); err != nil {
			t.Fatal(err)
		}
		if says, reason, err := readFrame(unknown); err != nil || says != saysRefused {
			t.Errorf("an unknown request got %d %q, %v", says, reason, err)
		}
		silent := open()
		defer silent.Close()
		began := time.Now()
		if _, _, err := readFrame(silent); err == nil || time.Since(began) > time.Minute {
			t.Errorf("a silent conversation ended after %s with %v", time.Since(began), err)
		}
	})
}

func TestOnlySoManyRequestsAreInHand(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		leader, other := g.leader(), g.follower()
		for range servedMax {
			conn, err := port{g.net, other}.Open(t.Context(), leader, Propose)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := (port{g.net, other}).Open(ctx, leader, Propose); err == nil {
			t.Error("one more was taken in hand")
		}
		// The silent ones are dropped in time.
		g.propose(other, "after all")
	})
}

func TestLogOfAnotherGroupIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		g := newGroup(t).startAll()
		g.propose(g.leader(), "founded")
		g.agree()
		g.stop(1)
		o := g.options(1)
		o.Members = []uint32{1, 2, 3, 4, 5}
		refuses(t, o, "was founded by other members")
		o = g.options(1)
		o.Dir = t.TempDir()
		refuses(t, o, "holds no log of them")
	})
}

func refuses(t *testing.T, o Options, why string) {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("Run returned %v, want: %s", err, why)
	}
	if _, err := c.Propose(t.Context(), nil); !errors.Is(err, errStopped) {
		t.Errorf("Propose after a failed start returned %v", err)
	}
}
