package sim

import (
	"container/heap"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"wangge/node"
	"wangge/node/policy"
	"wangge/node/store"
)

// World is one run: a county's machines, and what is still to happen to them.
type World struct {
	Options
	cast     *Cast
	seed     uint64
	dir      string
	seam     func(*Machine, node.Log) node.Log // of a mutant
	parts    Parts
	now      int64 // ms since the beginning
	queue    events
	order    int        // of the last event that was thought of
	machines []*Machine // replicas first
	county   county
	talks    []*talk
	severed  map[[2]*Machine]int64 // frames from one to the other vanish until then
	healed   bool
	staying  bool // who is connected stays so
	cloned   bool // a box was copied with its key
	works    []*work
	parcels  int // bundles that were made
	photos   []*photo
	trades   []*trade   // that are open
	traded   int        // that were begun
	came     int        // files that came whole to a machine
	cuts     *rand.Rand // of exchanges of files
	liar     *liar
	visits   []place // records to edit
	vouched  map[string]store.Signatory
	report   Report
	told     func(*Machine, store.Event) // of commits, if not nil
	hash     hash.Hash
	lines    io.Writer
}

// Report is what a run came to.
type Report struct {
	Seed      uint64
	Options   Options
	Violation *Violation
	Hash      [sha256.Size]byte // of all that happened
	Acts      int               // that were planned
	Events    int
	Days      float64 // virtual
	Saved     int     // forms
	Bytes     int     // of all frames
}

// Violation is a promise that was broken.
type Violation struct {
	Rule string // such as I1
	What string
	At   time.Duration
}

func (v *Violation) String() string { return fmt.Sprintf("%s after %s: %s", v.Rule, v.At, v.What) }

// Setting is how a run differs from its seed's.
type Setting struct {
	Keep []int                             // the planned acts that happen; nil for all
	Seam func(*Machine, node.Log) node.Log // of a mutant
	Tune func(*Options)                    // of a test
	Disk func(*Machine, *store.FaultyDisk) // of a mutant
	Parts
	Out io.Writer // takes the transcript; nil for nobody
}

// Run lives one seed.
func Run(cast *Cast, seed uint64, s Setting) (Report, error) {
	w, err := newWorld(cast, seed, s)
	if err != nil {
		return Report{}, err
	}
	defer w.end()
	w.live(s.Keep)
	w.report.Days = float64(w.now) / 86_400_000
	w.hash.Sum(w.report.Hash[:0])
	return w.report, nil
}

func newWorld(cast *Cast, seed uint64, s Setting) (*World, error) {
	dir, err := os.MkdirTemp(cast.dir, fmt.Sprintf("seed-%d-", seed))
	if err != nil {
		return nil, err
	}
	w := &World{
		Options: draw(seed), cast: cast, seed: seed, dir: dir, seam: s.Seam, parts: s.Parts, lines: s.Out,
		severed: map[[2]*Machine]int64{}, vouched: map[string]store.Signatory{}, hash: sha256.New(),
	}
	if s.Tune != nil {
		s.Tune(&w.Options)
	}
	w.liar, w.cuts = w.newLiar(), w.rand(11)
	w.report = Report{Seed: seed, Options: w.Options}
	ids := slices.Concat(cast.hubs, cast.boxes[:w.Boxes], cast.tablets[:w.Tablets])
	for i, id := range ids {
		m := w.newMachine(id, id.Device.Name)
		if s.Disk != nil {
			s.Disk(m, m.disk)
		}
		if err := m.open(); err != nil {
			w.end()
			return nil, fmt.Errorf("opening %s: %w", m.name, err)
		}
		if i < replicas {
			w.county.replicas = append(w.county.replicas, m)
		}
	}
	return w, nil
}

// end closes all and removes the run's folder.
func (w *World) end() {
	for _, m := range w.machines {
		if m.store != nil {
			m.store.Close()
		}
	}
	os.RemoveAll(w.dir)
}

// live lets everything happen, heals the county, and asks that it comes to rest.
func (w *World) live(keep []int) {
	w.note("seed %d: %s", w.seed, w.Options)
	plan := w.plan(w.seed)
	w.report.Acts = len(plan)
	for i, p := range plan {
		if keep == nil || slices.Contains(keep, i) {
			w.at(p.at, func() { w.act(i, p) })
		}
	}
	every := max(w.Span.Milliseconds()/12, 1)
	for at := every; at <= w.Span.Milliseconds(); at += every {
		w.at(at, w.look)
	}
	w.run(max(w.Span.Milliseconds(), plan[len(plan)-1].at))
	w.rest()
}

// eventsMax is far more than a run takes that comes to rest.
const eventsMax = 300_000

// run lets happen what is to happen by a moment, until a promise is broken.
func (w *World) run(until int64) {
	for len(w.queue) > 0 && w.queue[0].at <= until && w.report.Violation == nil {
		e := heap.Pop(&w.queue).(event)
		w.now = max(w.now, e.at)
		w.report.Events++
		e.do()
		if w.report.Events == eventsMax && w.told == nil {
			w.violated("I8", "after %d events there is no end of them", eventsMax)
		}
	}
}

// violated notes the first promise that is broken.
func (w *World) violated(rule, format string, args ...any) {
	if w.report.Violation == nil {
		w.report.Violation = &Violation{rule, fmt.Sprintf(format, args...), time.Duration(w.now) * time.Millisecond}
		w.note("VIOLATION %s", w.report.Violation)
	}
}

// note writes a line of the transcript.
func (w *World) note(format string, args ...any) {
	line := fmt.Sprintf("%12.3f  %s\n", float64(w.now)/1000, fmt.Sprintf(format, args...))
	io.WriteString(w.hash, line)
	if w.lines != nil {
		io.WriteString(w.lines, line)
	}
}

// rand returns a source that a name controls, whatever else happens.
func (w *World) rand(of uint64) *rand.Rand { return rand.New(rand.NewPCG(w.seed, of)) }

// signatory verifies each credential once a run.
func (w *World) signatory(credential []byte) (store.Signatory, error) {
	if s, ok := w.vouched[string(credential)]; ok {
		return s, nil
	}
	s, err := policy.NewAuthority(w.cast.hubs[0].Root).Signatory(credential)
	if err != nil {
		return nil, err
	}
	w.vouched[string(credential)] = s
	if trusts := w.parts.Trusts; trusts != nil {
		w.vouched[string(credential)] = trusts(s)
	}
	return w.vouched[string(credential)], nil
}

func (w *World) folder(name string) string { return filepath.Join(w.dir, name) }

// event is something at a moment; those of one moment happen in the order in
// which they were thought of.
type event struct {
	at    int64
	order int
	do    func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].order < e[j].order
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// at has something happen at a moment; a moment that is over is now.
func (w *World) at(ms int64, do func()) {
	w.order++
	heap.Push(&w.queue, event{max(ms, w.now), w.order, do})
}
