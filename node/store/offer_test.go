package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hubWithPages is a hub whose village comes to several pages.
func hubWithPages(t *testing.T) (hub, old *Store) {
	t.Helper()
	hub, old = newHub(t), newStore(t, 1)
	for i := range 300 {
		save(t, old, village, recordID(i), strings.Repeat("走访", 150)+fmt.Sprint(i))
	}
	commitAll(t, old, hub)
	return hub, old
}

func TestAnOfferedCheckpointThatIsDamagedIsMadeAnew(t *testing.T) {
	hub, _ := hubWithPages(t)
	c, _ := offer(t, hub, village)
	path := hub.pageFile(village, "checkpoint").pages()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1 // as after a power cut: as long as it was
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := hub.Page(c, uint64(len(c.Pages)-1)); ok || err != nil {
		t.Errorf("a false page is handed out, or %v", err)
	}
	s := newStore(t, 2)
	if !start(t, hub, s, village) || digest(t, s, village) != digest(t, hub, village) {
		t.Error("the next offer is not whole")
	}
}

func TestADiskThatTakesNoPagesLeavesTheSpaceToItsStreams(t *testing.T) {
	hub, _ := hubWithPages(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(hub.options.Path), "checkpoints"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := hub.Offer(village); ok || err != nil {
		t.Errorf("offered %v, %v", ok, err)
	}
}

func TestAWriterOfAnotherRootDoesNotKeepACheckpointFromBeingJoined(t *testing.T) {
	hub, _ := hubWithPages(t)
	o := newDevice(2).options(filepath.Join(t.TempDir(), "store.db"))
	foreign := newDevice(1).writer
	o.Signatory = func(credential []byte) (Signatory, error) {
		s, err := verify(credential)
		if err == nil && s.Writer() == foreign {
			return nil, errors.New("of a root that was replaced")
		}
		return s, err
	}
	s := open(t, o)
	if !start(t, hub, s, village) || digest(t, s, village) != digest(t, hub, village) {
		t.Error("the checkpoint was not joined")
	}
	s.Close()
	soundFile(t, o)
}

func TestACheckpointThatDoesNotFitIsDeclinedBeforeAnyPageComes(t *testing.T) {
	hub, _ := hubWithPages(t)
	other, s := newStore(t, 3), newStore(t, 2)
	save(t, other, village, recordID(1), "one")
	pull(t, other, s)
	save(t, other, village, recordID(2), "two")
	commitAll(t, other, hub)
	c, _ := offer(t, hub, village)
	if _, wanted, err := s.Meet(c); wanted || err != nil {
		t.Errorf("wanted %v, %v", wanted, err)
	}
	if _, err := os.Stat(s.pageFile(village, "incoming").path); err == nil {
		t.Error("what is not wanted is kept")
	}
}

func TestMakingOneSpacesCheckpointDoesNotHoldUpAnothers(t *testing.T) {
	hub, old := hubWithPages(t)
	save(t, old, street, recordID(1), "街道")
	commitAll(t, old, hub)
	defer hub.offered.lock(village)()
	done := make(chan struct{})
	go func() {
		hub.Offer(street)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("the street waits for the village")
	}
}

func TestWhatComesWhilePagesComeIsNotThrownAway(t *testing.T) {
	hub, _ := hubWithPages(t)
	other, s := newStore(t, 3), newStore(t, 2)
	save(t, other, village, recordID(1), "one")
	first := chunk(t, other, village, newDevice(3).writer, 0, 1<<20)
	save(t, other, village, recordID(2), "two")
	commitAll(t, other, hub)
	c, pages := offer(t, hub, village)
	next, wanted, err := s.Meet(c)
	keep(t, s, first) // from a box, and the county is not known to have it
	for err == nil && wanted && next < uint64(len(pages)) {
		next, wanted, err = s.Take(pages[next])
	}
	if err != nil || wanted || s.Held(village, newDevice(3).writer) != 1 {
		t.Errorf("wanted %v, %v: the batch gave way to what may be another branch", wanted, err)
	}
}
