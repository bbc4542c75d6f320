package gossip

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Each box tells a rumour to three others at once, and to three more each time after a pause, but to none who told it
// itself. Among thirty boxes that lose every fifth packet not one rumour in forty thousand misses anybody; with one telling
// less it was one in seven hundred, which then had to wait for a visit. It was tried out with other numbers: two a time are
// slower, and to stop when others tell the same saves a fifth and misses more.
const (
	listeners  = 3
	tellings   = 4
	tellPause  = 600 * time.Millisecond // half as much to as much again, by chance
	tellingMax = 256                    // rumours that are being passed on; the oldest is given up first
)

// whisper passes messages on to boxes that are near, some at a time and none twice.
type whisper struct {
	self uint32
	near func() []uint32 // the boxes that are there
	news chan struct{}

	lock    sync.Mutex
	telling []*telling // guarded by lock; oldest first
}

// telling is a message that is being passed on.
type telling struct {
	id      [8]byte
	message []byte
	told    map[uint32]bool // who knows it
	times   int             // how often it was told
	due     time.Time
}

func newWhisper(self uint32, near func() []uint32) whisper {
	return whisper{self: self, near: near, news: make(chan struct{}, 1)}
}

// passOn begins to pass a rumour on, at once.
func (w *whisper) passOn(one rumour) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.telling) == tellingMax {
		w.telling = slices.Delete(w.telling, 0, 1)
	}
	told := map[uint32]bool{one.origin: true, one.teller: true}
	one.teller = w.self
	w.telling = append(w.telling, &telling{id: one.id, message: one.encode(), told: told})
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// knows notes that a device has told a rumour, and need not be told.
func (w *whisper) knows(device uint32, id [8]byte) {
	w.lock.Lock()
	defer w.lock.Unlock()
	for _, t := range w.telling {
		if t.id == id {
			t.told[device] = true
		}
	}
}

// run passes on what there is until the context ends. While there is nothing, it costs nothing.
func (w *whisper) run(ctx context.Context, send func(device uint32, message []byte)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.news:
		case <-timer.C:
		}
		if next := w.round(time.Now(), send); next > 0 {
			timer.Reset(next)
		}
	}
}

// round tells what is due, and returns after how long more will be; 0 is never.
func (w *whisper) round(now time.Time, send func(uint32, []byte)) (next time.Duration) {
	near := w.near()
	w.lock.Lock()
	defer w.lock.Unlock()
	for _, t := range w.telling {
		if !t.due.After(now) {
			for _, device := range t.pick(near) {
				send(device, t.message)
			}
			t.due = now.Add(tellPause/2 + rand.N(tellPause))
		}
		if wait := t.due.Sub(now); next == 0 || wait < next {
			next = wait
		}
	}
	w.telling = slices.DeleteFunc(w.telling, func(t *telling) bool { return t.times == tellings })
	return next
}

// pick chooses, by chance, whom to tell next.
func (t *telling) pick(near []uint32) []uint32 {
	t.times++
	var chosen []uint32
	for _, i := range rand.Perm(len(near)) {
		if len(chosen) < listeners && !t.told[near[i]] {
			t.told[near[i]] = true
			chosen = append(chosen, near[i])
		}
	}
	return chosen
}
