package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// taken is what a process takes of the system.
type taken struct {
	at         time.Time
	process    int
	goroutines int
	peers      int   // with which there is a connection
	files      int   // open, sockets too
	threads    int   // of the system
	memory     int64 // bytes of its own, without pages of files
	disk       int64 // bytes that the machine's folder takes
	records    uint64
}

func (t taken) String() string {
	return fmt.Sprintf("%d goroutines for %d peers, %d open files, %d threads, %.1f MB of memory, %.1f MB of disk",
		t.goroutines, t.peers, t.files, t.threads, float64(t.memory)/1e6, float64(t.disk)/1e6)
}

func readTaken(ctx context.Context, m *machine) (taken, error) {
	s, err := m.status(ctx)
	if err != nil {
		return taken{}, err
	}
	t := taken{at: time.Now(), process: s.Process, goroutines: s.Goroutines, disk: weighed(m.dir)}
	proc := fmt.Sprintf("/proc/%d", s.Process)
	open, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return t, err
	}
	about, err := os.ReadFile(proc + "/status")
	if err != nil {
		return t, err
	}
	for line := range strings.Lines(string(about)) {
		fmt.Sscanf(line, "Threads: %d", &t.threads)
		if n, _ := fmt.Sscanf(line, "RssAnon: %d kB", &t.memory); n == 1 {
			t.memory <<= 10
		}
	}
	t.files = len(open)
	for _, p := range s.Peers {
		if p.Connected {
			t.peers++
		}
	}
	for _, sp := range s.Spaces {
		t.records += sp.Records
	}
	return t, nil
}

// growth follows what the machines' processes take from a quiet county to a quiet county.
type growth struct {
	county *wild
	looks  map[uint32][]taken // by device, in order of time
}

func newGrowth(w *wild) *growth { return &growth{county: w, looks: map[uint32][]taken{}} }

// look notes what all processes take.
func (g *growth) look(when string) {
	for _, m := range g.county.machines {
		m.http.CloseIdleConnections()
		now, err := readTaken(g.county.t.Context(), m)
		if err != nil {
			g.county.t.Errorf("%s: not known what it takes %s: %v", m.device.Name, when, err)
			continue
		}
		g.looks[m.device.Index] = append(g.looks[m.device.Index], now)
		g.county.note("%s %s: %s", m.device.Name, when, now)
	}
}

// watch notes for the record what the spared take meanwhile.
func (g *growth) watch(stop <-chan struct{}) {
	tick := time.NewTicker(max(10*time.Second, *wildTime/8))
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		for _, device := range g.county.cast.spared {
			m := g.county.machine(device)
			if now, err := readTaken(g.county.t.Context(), m); err == nil { // else it is frozen
				g.county.note("%s meanwhile: %s", m.device.Name, now)
			}
		}
	}
}

// What a process may take in the end beyond what it took in the beginning. A
// connection has some eight goroutines, up to fifteen with all that goes on over it, and no file of
// its own; to whom there are connections is a matter of chance.
const (
	goroutinesMore = 40 // and
	goroutinesPeer = 10 // for each peer more
	filesMore      = 8
	threadsMore    = 12
	memoryMore     = 24 << 20 // and
	memoryRecord   = 4 << 10  // for each record, of caches and figures
	diskMore       = 16 << 20 // and
	diskRecord     = 8 << 10
)

// growthSettles is longer than a connection lives whose other end has died.
const growthSettles = 90 * time.Second

// expectNone compares what processes take in the end with what they took in the
// beginning, and gives them time to let go of what the last troubles left.
func (g *growth) expectNone() {
	g.county.t.Helper()
	late := time.Now().Add(growthSettles)
	for {
		g.look("after")
		grown := g.grown()
		if len(grown) == 0 {
			return
		}
		if time.Now().After(late) {
			for _, s := range grown {
				g.county.t.Error(s)
			}
			return
		}
		await(g.county.t.Context(), time.Now().Add(10*time.Second))
	}
}

// grown says which machines take more than they may: of memory, goroutines and files
// only where the process is the same as in the beginning.
func (g *growth) grown() (all []string) {
	for _, m := range g.county.machines {
		looks := g.looks[m.device.Index]
		if len(looks) < 2 {
			continue
		}
		first, last := looks[0], looks[len(looks)-1]
		records := int64(last.records - first.records)
		grown := last.disk-first.disk > diskMore+records*diskRecord+2*g.county.journal.photoBytes()
		if first.process == last.process {
			grown = grown || last.goroutines-first.goroutines > goroutinesMore+goroutinesPeer*max(0, last.peers-first.peers) || last.files-first.files > filesMore ||
				last.threads-first.threads > threadsMore || last.memory-first.memory > memoryTimes*(memoryMore+records*memoryRecord)
		}
		if grown {
			all = append(all, fmt.Sprintf("%s takes more and more: %s; and then, with %d records more: %s", m.device.Name, first, records, last))
		}
	}
	return all
}

// weighed returns the bytes that a folder takes on the disk. Files may go while it looks.
func weighed(dir string) (sum int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}
