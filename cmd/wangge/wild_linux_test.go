package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"wangge/node/policy"
)

var (
	wildTime  = flag.Duration("wild", 30*time.Second, "how long people write in TestThroughWildWeatherNothingIsLost")
	wildBoxes = flag.Int("wild-boxes", 6, "how many boxes they write at, in three townships")
	wildKeep  = flag.Bool("wild-keep", false, "keep its folder with all logs, as after a failure")
	wildSeed  = flag.Uint64("wild-seed", 0, "seed of its troubles (default: by the clock, and printed)")
)

// wild is a county of processes, each in a network of its own.
type wild struct {
	t        *testing.T
	seed     uint64
	dir      string
	machines []*machine // hub replicas first
	cast     cast
	clerks   []*clerk
	journal  *journal
	growth   *growth
	began    time.Time

	mu       sync.Mutex
	timeline []string // guarded by mu
}

const hubReplicas = 3

// wildFolder begins the names of runs' folders, and then comes their process number. What
// a person is to look at bears another name, so that no later run removes it.
const (
	wildFolder = "wangge-wild-"
	keptFolder = "wangge-wild-kept-"
)

// wildDevices are three replicas and so many boxes, which stand in three townships by turns.
func wildDevices(boxes int) []policy.Device {
	devices := demoDevices()[:hubReplicas]
	for i := range boxes {
		township := []string{"140581105", "140581106", "140581108"}[i%3]
		community := fmt.Sprintf("%s2%02d", township, 11+i/3)
		own := policy.Pattern(community + "/confidential")
		devices = append(devices, policy.Device{
			Name: "站" + community[6:], Role: policy.Box, Ring: township,
			Holds: []policy.Pattern{
				policy.Pattern(township + "*/open"), policy.Pattern(township + "*/personal"), "140581/personal", own,
			},
			Writes: []policy.Pattern{"140581*/open", "140581*/personal", own},
		})
	}
	return devices
}

func community(d policy.Device) string { return string(d.Holds[len(d.Holds)-1])[:12] }

// newWild sets a county up and has all of it start.
func newWild(t *testing.T, seed uint64, boxes int) *wild {
	t.Helper()
	l := newLab(t)
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", wildFolder, os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	w := &wild{t: t, seed: seed, dir: dir, journal: newJournal(), began: time.Now()}
	w.growth = newGrowth(w)
	t.Cleanup(w.leave)
	county, err := policy.NewCounty(filepath.Join(dir, "county"), demoCounty, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range wildDevices(boxes) {
		d.Index = uint32(len(w.machines) + 1)
		if d, err = county.Enrol(d, filepath.Join(actorFolder(dir, d), "keys"), time.Now()); err != nil {
			t.Fatal(err)
		}
		plug, err := l.plug(int(d.Index))
		if err != nil {
			t.Fatal(err)
		}
		w.machines = append(w.machines, newMachine(&actor{device: d, dir: actorFolder(dir, d), program: os.Args[0]}, plug))
	}
	w.chooseCast()
	w.each(func(m *machine) error { return m.configure(w.machines) })
	w.each(func(m *machine) error { return m.start(t.Context()) })
	return w
}

// chooseCast spares one replica and every fourth box from being ended.
func (w *wild) chooseCast() {
	for _, m := range w.machines {
		if m.isHub() {
			w.cast.hubs = append(w.cast.hubs, m.device.Index)
		} else {
			w.cast.boxes = append(w.cast.boxes, m.device.Index)
		}
	}
	w.cast.spared = []uint32{w.cast.hubs[int(w.seed%hubReplicas)]}
	for i := range (len(w.cast.boxes) + 3) / 4 {
		w.cast.spared = append(w.cast.spared, w.cast.boxes[i])
	}
}

// each does one thing to all machines at once.
func (w *wild) each(do func(*machine) error) {
	w.t.Helper()
	errs := make([]error, len(w.machines))
	var all sync.WaitGroup
	for i, m := range w.machines {
		all.Go(func() { errs[i] = do(m) })
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			w.t.Fatalf("device %d: %v", w.machines[i].device.Index, err)
		}
	}
}

func (w *wild) machine(device uint32) *machine { return w.machines[device-1] }

// note writes what happens to the timeline.
func (w *wild) note(format string, args ...any) {
	line := fmt.Sprintf("%s %6.1f s  ", time.Now().Format("15:04:05.000"), time.Since(w.began).Seconds()) + fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timeline = append(w.timeline, line)
	w.t.Log(line)
}

// leave ends all processes. What a failed run leaves to look at stays.
func (w *wild) leave() {
	look := w.t.Failed() || *wildKeep
	if look {
		w.keepEvidence()
	}
	if w.t.Failed() {
		w.each((*machine).confess)
	}
	var all sync.WaitGroup
	for _, m := range w.machines {
		all.Go(m.end)
	}
	all.Wait()
	if look {
		kept := filepath.Join(filepath.Dir(w.dir), fmt.Sprint(keptFolder, w.seed))
		if err := os.Rename(w.dir, kept); err != nil { // there is one of an earlier run
			kept = w.dir
		}
		w.t.Logf("seed %d, repeat with -wild-seed; logs, statuses, timeline and journal are in %s", w.seed, kept)
		return
	}
	os.RemoveAll(w.dir)
}

func (w *wild) keepEvidence() {
	keep := func(name string, v any) {
		b, err := json.MarshalIndent(v, "", " ")
		if err == nil {
			err = os.WriteFile(filepath.Join(w.dir, name), b, 0o600)
		}
		if err != nil {
			w.t.Log(err)
		}
	}
	keep("timeline.json", w.timeline)
	keep("journal.json", w.journal.entries)
	for _, m := range w.machines {
		if s, err := m.status(context.Background()); err == nil {
			keep(filepath.Join(filepath.Base(m.dir), "status.json"), s)
		}
	}
}

// Replicas and boxes are real processes on wires that lose, are slow and are cut.
// Some are killed, frozen or moved. People write all the while. Afterwards everything
// that was acknowledged is everywhere where it belongs, and counted once.
func TestThroughWildWeatherNothingIsLost(t *testing.T) {
	seed := *wildSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d: repeat with -wild-seed", seed)
	t.Setenv("GOGC", "100") // for what a collector has not looked at yet would look like growth
	w := newWild(t, seed, *wildBoxes)
	w.open()
	w.settle()
	w.growth.look("before")
	stop := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writing sync.WaitGroup
	for _, c := range w.clerks {
		writing.Go(func() { c.work(ctx, stop) })
	}
	writing.Go(func() { w.growth.watch(stop) })
	w.suffer(ctx)
	close(stop)
	w.heal()
	writing.Wait()
	w.note("all have finished: %d forms were acknowledged", len(w.journal.entries))
	w.settle()
	w.expectAll()
	w.growth.expectNone()
}

// open gives each box a clerk. The first of each township saves what the others of it share.
func (w *wild) open() {
	w.t.Helper()
	shared := map[string]*clerk{}
	for _, m := range w.machines[hubReplicas:] {
		c := &clerk{
			box: m.device.Index, community: community(m.device), township: m.device.Ring,
			rng: rand.New(rand.NewPCG(w.seed, 100+uint64(m.device.Index))), client: m.client(), journal: w.journal, wrong: w.t.Errorf,
		}
		for _, other := range w.machines[hubReplicas:] {
			if other.device.Ring != m.device.Ring {
				c.far = append(c.far, community(other.device))
			} else {
				c.near = append(c.near, community(other.device))
			}
		}
		w.clerks = append(w.clerks, c)
		if first, ok := shared[c.township]; ok {
			c.hazard, c.visit = first.hazard, first.visit
			continue
		}
		shared[c.township] = c
		c.share(w.t.Context())
	}
}

func (w *wild) clerk(box uint32) *clerk { return w.clerks[box-hubReplicas-1] }

// suffer lets all troubles come and go.
func (w *wild) suffer(ctx context.Context) {
	lanes := map[string][]trouble{}
	plan := planTroubles(rand.New(rand.NewPCG(w.seed, 1)), w.cast, *wildTime)
	for _, t := range plan {
		key := "hub"
		if t.victims[0] > hubReplicas {
			key = fmt.Sprint(t.victims[0], slices.Contains([]harm{killed, restarted, frozen}, t.what))
		}
		lanes[key] = append(lanes[key], t)
	}
	began := time.Now()
	var all sync.WaitGroup
	for _, lane := range lanes {
		all.Go(func() {
			for _, t := range lane {
				await(ctx, began.Add(t.at))
				w.befall(ctx, t, began.Add(t.at+t.lasts))
			}
		})
	}
	await(ctx, began.Add(*wildTime))
	all.Wait()
}

func await(ctx context.Context, moment time.Time) {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// befall lets one trouble come and go.
func (w *wild) befall(ctx context.Context, t trouble, until time.Time) {
	t.victims = slices.Clone(t.victims)
	for i, v := range t.victims {
		if v == anyLeader {
			t.victims[i] = w.leader(ctx)
		}
	}
	if t.what == killed || t.what == restarted {
		t.victims = slices.DeleteFunc(t.victims, func(d uint32) bool { return slices.Contains(w.cast.spared, d) })
	}
	for _, v := range t.victims {
		w.note("%s %s for %.1f s%s", w.machine(v).device.Name, t.what, time.Until(until).Seconds(), t.aside())
		if err := w.machine(v).begin(t); err != nil {
			w.t.Errorf("device %d %s: %v", v, t.what, err)
		}
	}
	await(ctx, until)
	for _, v := range t.victims {
		if err := w.machine(v).mend(ctx, t); err != nil {
			w.t.Errorf("device %d %s, and that cannot be mended: %v", v, t.what, err)
		}
		w.note("%s no longer %s", w.machine(v).device.Name, t.what)
	}
}

// leader returns the replica that leads, or the first.
func (w *wild) leader(ctx context.Context) uint32 {
	for _, m := range w.machines[:hubReplicas] {
		if m.isLeader(ctx) {
			return m.device.Index
		}
	}
	return w.cast.hubs[0]
}

// heal gives everybody a good wire.
func (w *wild) heal() {
	w.each(func(m *machine) error {
		return m.cable.change(func(c *cable) { c.air, c.deaf, c.mute = calm, false, false })
	})
	w.note("all is mended")
}
