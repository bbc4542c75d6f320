package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/node/sim"
)

var simulateVerb = verb{
	name: "simulate",
	does: "live whole counties in one process, with faults, and look for broken promises",
	help: `Usage: wangge simulate [flags]

Each seed is a county of its own: a hub, boxes and tablets with real stores and
real conversations, over a network, disks, clocks and people that the seed
controls. Chaos comes first; then all is healed, and the county must come to
rest, whole. The same seed gives the same run.

  --seeds N       how many (default 100)
  --from S        the first (default 1)
  --for D         go on for so long instead, such as 5m, from seeds that the clock gives
  --jobs N        how many at once (default 1)
  --shrink        leave out of a failing run what its failure does not need (default true)
  --keep DIR      where transcripts of failing seeds are kept (default: here)
  --json          print one line of JSON at the end

  --seed S        one seed alone
  --acts LIST     and of its planned acts only these, such as 0,3-5,9
  --transcript    and tell all that happens

Exit code 1 says that a promise was broken.

Example:
  wangge simulate --seeds 10000 --jobs 2
  wangge simulate --seed 39 --transcript
`,
	run: runSimulate,
}

// simulation is many seeds on their way.
type simulation struct {
	cast        *sim.Cast
	out, stderr io.Writer
	shrink      bool
	folder      string
	first       uint64
	began, told time.Time

	mu  sync.Mutex // guards what follows
	sum simulated
}

// simulated is what they came to.
type simulated struct {
	First      uint64   `json:"first"`
	Seeds      int      `json:"seeds"`
	Days       float64  `json:"days"`
	Forms      int      `json:"forms"`
	Events     int      `json:"events"`
	Seconds    float64  `json:"seconds"`
	Violations []string `json:"violations"`
}

// errBroken says that a promise was broken.
var errBroken = errors.New("a promise was broken: the transcript tells how")

func runSimulate(ctx context.Context, a *arguments) error {
	f := a.flags()
	seeds, from, jobs := f.Uint64("seeds", 100, ""), f.Uint64("from", 1, ""), f.Int("jobs", 1, "")
	long, one, acts := f.Duration("for", 0, ""), f.Uint64("seed", 0, ""), f.String("acts", "", "")
	tell, asJSON := f.Bool("transcript", false, ""), f.Bool("json", false, "")
	s := &simulation{out: a.stdout, stderr: a.stderr, began: time.Now()}
	f.BoolVar(&s.shrink, "shrink", true, "")
	f.StringVar(&s.folder, "keep", ".", "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if *jobs < 1 || *jobs > 64 {
		return misused("--jobs %d: want 1 to 64", *jobs)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // runs are short and their memory small
	var err error
	if s.cast, err = sim.NewCast(); err != nil {
		return err
	}
	defer s.cast.Close()
	if *one != 0 {
		return s.alone(*one, *acts, *tell)
	}
	s.first = *from
	if *long > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *long)
		defer cancel()
		s.first, *seeds = uint64(time.Now().Unix())*1000, 1<<32
	}
	fmt.Fprintf(s.stderr, "the first seed is %d\n", s.first)
	if err := s.all(ctx, *seeds, *jobs); err != nil {
		return err
	}
	return s.end(*asJSON)
}

// alone lives one seed.
func (s *simulation) alone(seed uint64, acts string, tell bool) error {
	setting := sim.Setting{}
	if acts != "" {
		var err error
		if setting.Keep, err = sim.ReadKeep(acts); err != nil {
			return misused("--acts: %v", err)
		}
	}
	if tell {
		setting.Out = s.out
	}
	r, err := sim.Run(s.cast, seed, setting)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "seed %d: %d forms, %d events, %.1f days, hash %x\n", seed, r.Saved, r.Events, r.Days, r.Hash[:8])
	if r.Violation != nil {
		fmt.Fprintln(s.out, r.Violation)
		return errBroken
	}
	return nil
}

// all lives seeds, several at once, until they or the time are over.
func (s *simulation) all(ctx context.Context, seeds uint64, jobs int) error {
	g, running := errgroup.WithContext(ctx)
	for job := range uint64(jobs) {
		g.Go(func() error {
			for n := job; n < seeds && running.Err() == nil; n += uint64(jobs) {
				if err := s.live(s.first + n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (s *simulation) live(seed uint64) error {
	r, err := sim.Run(s.cast, seed, sim.Setting{})
	if err != nil {
		return err
	}
	if r.Violation != nil {
		if err := s.keep(r); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sum.Seeds++
	s.sum.Days += r.Days
	s.sum.Forms += r.Saved
	s.sum.Events += r.Events
	if r.Violation != nil {
		s.sum.Violations = append(s.sum.Violations, fmt.Sprintf("seed %d: %s", seed, r.Violation))
	}
	if now := time.Now(); now.Sub(s.told) > 5*time.Second {
		s.told = now
		fmt.Fprintln(s.stderr, s.figures())
	}
	return nil
}

// keep writes the transcript of a failing run, made small if that is wanted.
func (s *simulation) keep(r sim.Report) error {
	var acts []int
	var err error
	if s.shrink {
		if acts, err = sim.Shrink(s.cast, r, sim.Setting{}, 150); err != nil {
			return err
		}
	}
	path := filepath.Join(s.folder, fmt.Sprintf("simulate-%d.txt", r.Seed))
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	command := fmt.Sprintf("wangge simulate --seed %d --transcript", r.Seed)
	if acts != nil {
		command += " --acts " + sim.Spell(acts)
	}
	fmt.Fprintf(file, "%s\n%s\n\n", command, r.Violation)
	_, err = sim.Run(s.cast, r.Seed, sim.Setting{Keep: acts, Out: file})
	s.mu.Lock()
	fmt.Fprintf(s.out, "seed %d: %s\n  %s\n  %s\n", r.Seed, r.Violation, command, path)
	s.mu.Unlock()
	return errors.Join(err, file.Close())
}

func (s *simulation) figures() string {
	seconds := time.Since(s.began).Seconds()
	return fmt.Sprintf("%d seeds from %d, %.0f virtual days, %d forms, %d events, %.1f runs/s, %.0f days an hour, %d violations",
		s.sum.Seeds, s.first, s.sum.Days, s.sum.Forms, s.sum.Events, float64(s.sum.Seeds)/seconds, s.sum.Days/seconds*3600, len(s.sum.Violations))
}

func (s *simulation) end(asJSON bool) error {
	s.sum.First, s.sum.Seconds = s.first, time.Since(s.began).Seconds()
	if asJSON {
		if err := json.NewEncoder(s.out).Encode(s.sum); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(s.out, s.figures())
	}
	if len(s.sum.Violations) > 0 {
		return errBroken
	}
	return nil
}
