package main

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestAReplicasCollectorWaitsForMuchAndTakesNoRoomForThat(t *testing.T) {
	t.Setenv("GOGC", "")
	most := next() // which brings in what the system has put out of memory meanwhile
	own := ownOf(t)
	if most >= collectLeast {
		t.Fatalf("the collector waits for %d MB before", most>>20)
	}
	keep := delayCollector()
	if got := next(); got < collectLeast {
		t.Errorf("the collector waits for %d MB, want %d", got>>20, collectLeast>>20)
	}
	if grown := ownOf(t) - own; grown > collectLeast/8 {
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

// ownOf returns the bytes that this process has in memory and that are no file's: its program
// comes and goes by the page, as it is used and as the system needs room.
func ownOf(t *testing.T) int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(b))
	resident, err := strconv.ParseInt(words[1], 10, 64)
	files, err2 := strconv.ParseInt(words[2], 10, 64)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return (resident - files) * int64(os.Getpagesize())
}
