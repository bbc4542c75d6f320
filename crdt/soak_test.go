package crdt_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestLaws is the soak: go test ./crdt -v -run Laws -runs 500000 -timeout 0. A
// run is a county of honest writers, one with faulty writers, and every fifth
// time a room of people who write one text.
func TestLaws(t *testing.T) {
	s := soak{last: *seed + uint64(*runs)}
	s.next.Store(*seed)
	began := time.Now()
	done := make(chan struct{})
	go func() {
		var all sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			all.Go(s.work)
		}
		all.Wait()
		close(done)
	}()
	for tick := time.NewTicker(5 * time.Second); ; {
		select {
		case <-tick.C:
			t.Logf("%d runs, %.0f a second, %s", s.runs.Load(), float64(s.runs.Load())/time.Since(began).Seconds(), s.verdict())
		case <-done:
			tick.Stop()
			t.Logf("seeds from %d: %d runs in %s, %s", *seed, s.runs.Load(), time.Since(began).Round(time.Millisecond), s.verdict())
			if s.fault != "" {
				t.Fatal(s.fault)
			}
			return
		}
	}
}

// soak is seeds that are being tried by several goroutines.
type soak struct {
	next, runs          atomic.Uint64
	last                uint64
	divergences, losses atomic.Uint64
	once                sync.Once
	fault               string // the first one, for whoever wants to see it again
}

func (s *soak) verdict() string {
	return fmt.Sprintf("%d divergences, %d losses", s.divergences.Load(), s.losses.Load())
}

func (s *soak) work() {
	for i := s.next.Add(1) - 1; i < s.last; i = s.next.Add(1) - 1 {
		wrong := run(i)
		s.runs.Add(1)
		if wrong == "" {
			continue
		}
		if strings.HasPrefix(wrong, "lost") {
			s.losses.Add(1)
		} else {
			s.divergences.Add(1)
		}
		s.once.Do(func() {
			s.fault = fmt.Sprintf("seed %d: %s (again: go test ./crdt -v -run Laws -seed %d -runs 1)", i, wrong, i)
		})
	}
}

func run(seed uint64) string {
	for _, faulty := range []bool{false, true} {
		if wrong := newWorld(seed, faulty).laws(); wrong != "" {
			return fmt.Sprintf("%s (faulty writers: %v)", wrong, faulty)
		}
	}
	if seed%5 == 0 {
		return newRoom(seed).laws()
	}
	return ""
}
