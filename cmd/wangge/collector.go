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
