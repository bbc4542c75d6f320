package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const fullDir = "WANGGE_STORE_FULL_DIR"

// saveUntilFull is a child process that may not write files beyond a size, as
// on a full disk. It saves until it is refused, looks around, is given room, and
// saves on.
func saveUntilFull(dir string) error {
	now := time.Unix(1_760_000_000, 0)
	o := newDevice(1).options(filepath.Join(dir, "store.db"))
	o.Now = func() time.Time { return now }
	s, err := Open(o)
	if err != nil {
		return err
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: was.Max}); err != nil {
		return err
	}
	saved := 0
	word := strings.Repeat("x", 20_000)
	for err == nil && saved < 200 {
		if err = s.Save(visit(village, recordID(saved), word)); err == nil {
			saved++
		}
	}
	fmt.Println("refused:", errors.Is(err, ErrReadOnly), s.ReadOnly() != nil, err)
	rec, err := s.Record(village, recordID(saved-1))
	fmt.Println("still readable:", rec.Kind == "visit", err)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	fmt.Println("at once refused again:", errors.Is(s.Save(visit(village, recordID(saved), word)), ErrReadOnly))
	now = now.Add(retryAfter)
	err = s.Save(visit(village, recordID(saved), word))
	fmt.Println("healed:", err == nil && s.ReadOnly() == nil, err)
	fmt.Println("exact:", s.Held(village, newDevice(1).writer) == uint64(saved+1))
	return s.Close()
}

func TestAFullDiskMakesTheStoreReadOnlyUntilThereIsRoom(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fullDir+"="+dir)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{
		"refused: true true nothing can be saved now: the disk is full", "still readable: true",
		"at once refused again: true", "healed: true", "exact: true",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if found := examined(t, newDevice(1).options(filepath.Join(dir, "store.db"))); len(found.Faults) > 0 {
		t.Errorf("the file has %+v", found.Faults)
	}
}

func TestAClockThatIsSetBackKeepsNoDiskFromBeingTriedAgain(t *testing.T) {
	now := time.Unix(4_000_000_000, 0)
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	o.Now = func() time.Time { return now }
	s := open(t, o)
	for _, later := range []time.Duration{retryAfter, -50 * 365 * 24 * time.Hour} {
		s.rest(syscall.ENOSPC, false)
		if err := s.refuseWrite(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("at once: %v", err)
		}
		now = now.Add(later)
		if err := s.refuseWrite(); err != nil {
			t.Errorf("after %v: %v", later, err)
		}
	}
}
