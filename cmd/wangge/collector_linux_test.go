package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestAReplicasCollectorWaitsForMuchAndTakesNoRoomForThat(t *testing.T) {
	t.Setenv("GOGC", "")
	resident, most := residentOf(t), next()
	if most >= collectLeast {
		t.Fatalf("the collector waits for %d MB before", most>>20)
	}
	keep := delayCollector()
	if got := next(); got < collectLeast {
		t.Errorf("the collector waits for %d MB, want %d", got>>20, collectLeast>>20)
	}
	if grown := residentOf(t) - resident; grown > collectLeast/8 {
		t.Errorf("the process took %d MB for it", grown>>20)
	}
	runtime.KeepAlive(keep)
	t.Setenv("GOGC", "50")
	if delayCollector() != nil {
		t.Error("GOGC is not heeded")
	}
}

// next returns how many bytes may be asked for until the collector runs.
func next() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.NextGC) - int64(m.HeapAlloc)
}

// residentOf returns the bytes that this process has in memory.
func residentOf(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n * int64(os.Getpagesize())
}
