package sim

import (
	"bytes"
	"testing"
)

// Photos must be taken and travel, and some disks take theirs with them: else their runs
// try nothing.
func TestPhotosTravelInEveryCounty(t *testing.T) {
	c := stage(t)
	took, came, lost := 0, 0, 0
	for seed := range seeds(4) {
		w, err := newWorld(c, 4000+seed, Setting{Out: &bytes.Buffer{}})
		if err != nil {
			t.Fatal(err)
		}
		w.live(nil)
		if w.report.Violation != nil {
			t.Errorf("seed %d: %s", 4000+seed, w.report.Violation)
		}
		took += len(w.photos)
		came += w.came
		for _, p := range w.photos {
			if p.lost {
				lost++
			}
		}
		w.end()
	}
	if took < 20 || came < 2*took {
		t.Errorf("%d files were saved, %d came to others, %d were lost", took, came, lost)
	}
	t.Log(took, came, lost)
}
