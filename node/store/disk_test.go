package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A node that is started while the one before it, or a rewriting, still has the
// file waits for the lock. What it opens then must be the file that the path
// names by then: of the old one nothing would be found again.
func TestWhoWaitedForAFileOpensTheOneThatTookItsPlace(t *testing.T) {
	o := worked(t)
	type opened struct {
		s   *Store
		err error
	}
	done := make(chan opened, 1)
	err := reserved(o.Path, func(*os.File) error {
		before := holders(o.Path)
		go func() {
			s, err := Open(o)
			done <- opened{s, err}
		}()
		for before > 0 && holders(o.Path) == before { // until it waits
		}
		return rewrite(realDisk{}, o.Path, func(r *rewriter) error {
			p, err := os.Open(o.Path)
			if err != nil {
				return err
			}
			defer p.Close()
			pages, err := openPages(p, func(string, error) {}, func(int64) {})
			if err != nil {
				return err
			}
			return r.copy(pages, func(_, _ []byte) bool { return false })
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	next := <-done
	if next.err != nil {
		t.Fatal(next.err)
	}
	save(t, next.s, village, recordID(7000), "into the file that stays")
	if err := next.s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, o)
	if got := text(t, again, village, recordID(7000)); got == "" {
		t.Error("it was saved into a file that is gone")
	}
}

// holders counts how often this process has a file open, if the system tells.
func holders(path string) (n int) {
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range fds {
		if to, _ := os.Readlink(fd); to == path {
			n++
		}
	}
	return n
}

func TestWhatAnInterruptedRewritingLeftIsRemoved(t *testing.T) {
	o := worked(t)
	for name, begin := range map[string]func() error{
		"a start":    func() error { s, err := Open(o); s.Close(); return err },
		"compacting": func() error { _, _, err := Compact(o.Path); return err },
	} {
		if err := os.WriteFile(fresh(o.Path), make([]byte, 20_000), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := begin(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(fresh(o.Path)); err == nil {
			t.Errorf("%s leaves it", name)
		}
	}
}

func TestAFileIsNotRewrittenTwiceAtOnce(t *testing.T) {
	o := worked(t)
	other, err := realDisk{}.database(fresh(o.Path), false)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, _, err := Compact(o.Path); err == nil || !strings.Contains(err.Error(), "wait for it") {
		t.Errorf("got %v", err)
	}
}
