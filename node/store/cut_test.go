package store

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

var (
	cutRounds = flag.Int("cut-rounds", 1, "random choices at each moment in the tests of power cuts")
	cutSeed   = flag.Uint64("cut-seed", 1, "seed of these choices")
)

// chance decides which of the writes that no fsync confirmed are on the disk: all
// of them, none, or with a source of choices some.
type chance struct {
	*rand.Rand
	all bool
}

func (c chance) takes() bool {
	if c.Rand == nil {
		return c.all
	}
	return c.IntN(2) == 0
}

// tears reports whether a write was cut off in its midst.
func (c chance) tears() bool { return c.Rand != nil && c.IntN(3) == 0 }

// image is the folder as the next start finds it.
func (t *tape) image(steps []step, c chance) map[string][]byte {
	names := map[string]int{}
	for _, s := range durableNames(steps, c) {
		switch s.act {
		case didCreate:
			names[s.name] = s.inode
		case didRename:
			names[s.to] = names[s.name]
			delete(names, s.name)
		case didRemove:
			delete(names, s.name)
		}
	}
	image := map[string][]byte{}
	for name, inode := range names {
		image[name] = content(steps, inode, c)
	}
	return image
}

// durableNames returns what was done to names, up to the folder's last fsync and
// by chance some more: a file system keeps these in order.
func durableNames(steps []step, c chance) (done []step) {
	sure := 0
	for _, s := range steps {
		switch s.act {
		case didFsyncFolder:
			sure = len(done)
		case didCreate, didRename, didRemove:
			done = append(done, s)
		}
	}
	for sure < len(done) && c.takes() {
		sure++
	}
	return done[:sure]
}

// content returns what a file has on the disk: all that an fsync confirmed, and
// by chance what else was written into it.
func content(steps []step, inode int, c chance) (b []byte) {
	for i, s := range steps {
		if s.inode != inode || s.act != didWrite && s.act != didGrow {
			continue
		}
		sure := confirmed(steps[i:], inode)
		switch {
		case s.act == didGrow && (sure || c.takes()):
			b = append(b, make([]byte, max(0, s.at-int64(len(b))))...)
		case s.act == didGrow:
		case sure || c.takes():
			b = put(b, s.data, s.at)
		case c.tears():
			for at := 0; at < len(s.data); at += sector {
				if c.takes() {
					b = put(b, s.data[at:min(at+sector, len(s.data))], s.at+int64(at))
				}
			}
		}
	}
	return b
}

// confirmed reports whether the first fsync after a write succeeded. After one
// that failed the system takes the page for clean, and no later one brings it.
func confirmed(later []step, inode int) bool {
	for _, s := range later {
		if s.inode == inode && (s.act == didFsync || s.act == didLose) {
			return s.act == didFsync
		}
	}
	return false
}

func put(b, data []byte, at int64) []byte {
	if end := int(at) + len(data); end > len(b) {
		b = append(b, make([]byte, end-len(b))...)
	}
	copy(b[at:], data)
	return b
}

// allowed returns what may be found after a cut: what was acknowledged last, or
// what was to be acknowledged next, whole.
func allowed(steps []step, cut int) (states []string) {
	for i, s := range steps {
		switch {
		case s.act == didShow:
			states = append(states, s.state)
		case s.act == didAnswer && i < cut:
			states = []string{s.state}
		case s.act == didAnswer:
			return append(states, s.state)
		}
	}
	return states
}

// play cuts the power after each step from from on, in each of several ways, and
// returns what is wrong.
func (t *tape) play(o Options, from int, scratch func() string) error {
	cuts := make(chan int)
	var mu sync.Mutex
	var wrong error
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			dir := scratch()
			for cut := range cuts {
				err := t.playOne(o, cut, dir)
				mu.Lock()
				wrong = errors.Join(wrong, err)
				mu.Unlock()
			}
		})
	}
	for cut := from; cut <= len(t.steps); cut++ {
		mu.Lock()
		stop := wrong != nil
		mu.Unlock()
		if stop {
			break
		}
		cuts <- cut
	}
	close(cuts)
	workers.Wait()
	return wrong
}

func (t *tape) playOne(o Options, cut int, dir string) error {
	ways := []chance{{all: true}, {}}
	for round := range *cutRounds {
		ways = append(ways, chance{Rand: rand.New(rand.NewPCG(*cutSeed+uint64(round), uint64(cut)))})
	}
	for i, c := range ways {
		if err := survives(o, t.image(t.steps[:cut], c), allowed(t.steps, cut), dir); err != nil {
			return fmt.Errorf("cut after step %d of %d (%+v), way %d: %w", cut, len(t.steps), t.steps[cut-1].act, i, err)
		}
	}
	return nil
}

// survives starts a store from what a cut left, and has it go on.
func survives(o Options, image map[string][]byte, states []string, dir string) error {
	if err := lay(dir, image); err != nil {
		return err
	}
	o.Path, o.disk, o.Committed, o.Reloaded = filepath.Join(dir, "store.db"), nil, nil, nil
	if image["store.db"] != nil {
		if err := faultless(o, true); err != nil {
			return err
		}
	}
	s, err := Open(o)
	if err != nil {
		return err
	}
	got, err := dumped(s)
	if err == nil && !slices.Contains(states, got) {
		err = fmt.Errorf("it shows\n%s, which is neither of\n%s", got, strings.Join(states, "or\n"))
	}
	if err == nil && o.Author != nil {
		held := s.Held(village, s.self().Name())
		if err = s.Save(visit(village, recordID(5000), "goes on")); err == nil && s.Held(village, s.self().Name()) != held+1 {
			err = errors.New("it does not go on behind what it holds")
		}
	}
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	return faultless(o, false)
}

func lay(dir string, image map[string][]byte) error {
	old, err := os.ReadDir(dir)
	for _, e := range old {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	for name, b := range image {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return err
}

// faultless verifies a file. A cut may have left one meta page torn.
func faultless(o Options, cut bool) error {
	found, err := Verify(o, nil)
	if err != nil {
		return err
	}
	for _, f := range found.Faults {
		if !cut || !strings.Contains(f.What, "one of the file's two meta pages") {
			return fmt.Errorf("verify says of %s: %s", f.Part, f.What)
		}
	}
	return nil
}
