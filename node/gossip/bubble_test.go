package gossip_test

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// bubble is synctest.Test on one processor. Under the race detector the timers of a bubble share one context of the
// detector's, which breaks when two of them fire at once (golang/go#78156).
func bubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, f)
}
