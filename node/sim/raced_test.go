//go:build race

package sim

import (
	"os/exec"
	"testing"
)

// watched says that the race detector looks on. A county is lived by one goroutine, so it
// finds little here and takes three times as long: under it each test lives a few seeds.
const watched = true

// All seeds are lived, and all mutants caught, by the same tests without the race detector.
func TestAllSeedsAreLivedUnwatched(t *testing.T) {
	args := []string{"test", "-race=false", "-count=1", "-shuffle=on", "-timeout=15m"}
	if testing.Short() {
		args = append(args, "-short")
	}
	said, err := exec.CommandContext(t.Context(), "go", append(args, ".")...).CombinedOutput()
	t.Logf("%s", said)
	if err != nil {
		t.Errorf("without the race detector: %v", err)
	}
}
