package main

import (
	"os"
	"runtime/debug"
)

// A box lives in a few megabytes, which the collector would go through at every
// four that are asked for: a quarter of what a form costs. It may wait for twice
// as much, and hurries again well before the machine would notice.
const (
	collectAfter = 200      // percent of what is live
	collectMost  = 96 << 20 // bytes, from which on it hurries
)

// spareCollector lets the collector of a box's process run less often, unless
// GOGC or GOMEMLIMIT say otherwise.
func spareCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAfter)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(collectMost)
	}
}

// collectLeast is how many bytes a replica asks for at the least before its collector runs. What
// is live there begins at some twenty megabytes and grows to hundreds over a year: while it was
// little, a visit's 10 KB had the collector go through all of it 45 times in 120,000 visits, and
// do so 7 times now. Twice as much spares three more times, and its machine has room for either.
const collectLeast = 128 << 20

// delayCollector lets the collector of a replica's process wait for that much, unless GOGC says
// otherwise, as long as what it returns is kept: memory that counts as live and that nobody ever
// touches, so that the system has no page for it. From what is really live on the collector runs as
// ever, so that a year takes that much more room and no multiple.
func delayCollector() (keep []byte) {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	return make([]byte, collectLeast)
}
