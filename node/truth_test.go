package node

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/sync/wire"
)

// Mistakes that others made in saying what is synced; TRUTH.md lists them.

// light returns the light of a machine that is connected to the county.
func (p *province) light(m *party) string {
	now := time.Now()
	hub := web.Peer{Role: string(policy.Hub), Connected: true, Heard: now}
	return light(web.Status{Waiting: m.store.Waiting(), Troubles: m.troubles(), Peers: []web.Peer{hub}}, now)
}

func (p *province) lit(want string, all ...*party) {
	p.t.Helper()
	for _, m := range all {
		if got := p.light(m); got != want {
			p.t.Errorf("the light of %s is %s, want %s: %d wait, %+v", m.id.Device.Name, got, want, m.store.Waiting(), m.troubles())
		}
	}
}

// reopen stops a machine and starts it again.
func (p *province) reopen(m *party) {
	p.t.Helper()
	m.store.Close()
	again := p.open(m.keys, m.config.Data)
	m.node, m.at = again.node, again.at
}

func TestARecordEditedDuringItsUploadStaysUnsent(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "as it was sent")
	l := p.call(box, p.hub)
	for p.hub.store.Held(field, box.store.Writer()) == 0 { // the answer is under way
		l.hears(1)
		if p.hub.store.Held(field, box.store.Writer()) == 0 {
			l.hears(0)
		}
	}
	p.write(box, 1, "as it was changed meanwhile")
	for l.hears(0) { // what it says then is lost
	}
	l.ends()
	if got := p.level(box, 1); got != wire.Saved {
		t.Errorf("what was changed during its upload is at level %s", got)
	}
	p.lit(web.LightSending, box)
	p.meet(box, p.hub)
	if got := p.shows(p.hub, 1); p.level(box, 1) != wire.AtCounty || got[0] != "as it was changed meanwhile" {
		t.Errorf("in the end: level %s, the county shows %q", p.level(box, 1), got)
	}
	p.lit(web.LightSafe, box)
}

// The county has it, and the answer is lost: nobody is told that it arrived, and
// the second try makes no second record. Nobody has to save anything for that.
func TestALostAnswerIsNoSuccessAndMakesNoSecondRecord(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "x")
	l := p.call(box, p.hub)
	for p.hub.store.Held(field, box.store.Writer()) == 0 {
		l.hears(1)
		if p.hub.store.Held(field, box.store.Writer()) == 0 {
			l.hears(0)
		}
	}
	l.ends()
	p.lit(web.LightSending, box)
	if got := p.level(box, 1); got != wire.Saved {
		t.Errorf("without an answer the record is at level %s", got)
	}
	p.reopen(box)
	p.lit(web.LightSending, box)
	p.meet(box, p.hub)
	p.lit(web.LightSafe, box)
	if got := p.hub.store.Spaces()[0]; got.Records != 1 || got.Batches != 1 {
		t.Errorf("the county holds %+v", got)
	}
}

// A day's work is cut off after each of its frames: what is shown as sent is what
// was answered, and never all of it before the last answer.
func TestAHalfSentDayIsNotComplete(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	rng := rand.New(rand.NewPCG(1, 1))
	const day = 60
	for i := range day {
		noise := make([]rune, 3000)
		for j := range noise {
			noise[j] = rune(0x4e00 + rng.IntN(20000))
		}
		p.write(box, i, string(noise))
	}
	cuts := 0
	for frames := 1; box.store.Waiting() > 0; frames++ {
		l := p.call(box, p.hub)
		for range frames {
			_ = l.hears(1) || l.hears(0)
			waits, held := box.store.Waiting(), p.hub.store.Held(field, box.store.Writer())
			if waits < day-held {
				t.Fatalf("%d wait, and the county has %d of %d", waits, held, day)
			}
			if u, err := box.store.Unsent(); err != nil || u.Batches != waits || len(u.Records[field]) != int(waits) {
				t.Fatalf("%d wait, and %d of %d records are listed, %v", waits, u.Batches, len(u.Records[field]), err)
			}
			if (p.light(box) == web.LightSafe) != (waits == 0) {
				t.Fatalf("%d wait, and the light is %s", waits, p.light(box))
			}
		}
		l.ends()
		cuts++
	}
	if cuts < 4 {
		t.Errorf("only %d cuts: the day is too small to be halved", cuts)
	}
}

// A connection that stands says nothing: blue is for a county that was heard just now.
func TestTheLightIsBlueOnlyWhileTheCountyIsHeard(t *testing.T) {
	now := time.Now()
	hub := web.Peer{Role: string(policy.Hub), Connected: true, Heard: now.Add(-10 * time.Second)}
	box := web.Peer{Role: string(policy.Box), Connected: true, Heard: now}
	silent, gone := hub, hub
	silent.Heard, gone.Connected = now.Add(-time.Minute), false
	waits := func(peers ...web.Peer) web.Status { return web.Status{Waiting: 1, Peers: peers} }
	for want, all := range map[string][]web.Status{
		web.LightSending:   {waits(box, hub), waits(silent, hub)},
		web.LightWaiting:   {waits(), waits(box), waits(silent), waits(gone), {Waiting: 1, Cut: true, Peers: []web.Peer{hub}}},
		web.LightSafe:      {{Peers: []web.Peer{silent}}, {Troubles: []web.Trouble{{Sort: "newer"}}}},
		web.LightAttention: {{Troubles: []web.Trouble{{}, {Grave: true}}}},
	} {
		for _, s := range all {
			if got := light(s, now); got != want {
				t.Errorf("the light of %+v is %s, want %s", s, got, want)
			}
		}
	}
}

// Only the county's word makes the light green, and no neighbour's silence keeps
// it from that: one that idles with work to fetch, or has gone for good.
func TestANeighbourThatIdlesOrLeftDoesNotKeepTheLightFromGreen(t *testing.T) {
	p := newProvince(t, 3)
	box, idle, gone := p.boxes[0], p.boxes[1], p.boxes[2]
	p.write(gone, 1, "left behind")
	p.meet(box, gone)
	gone.store.Close()
	p.write(box, 2, "x")
	half := p.call(box, idle) // and never says anything more
	p.lit(web.LightSending, box)
	p.meet(box, p.hub)
	p.lit(web.LightSafe, box)
	half.ends()
	if its, _, _ := box.lacks(gone.id.Device, box.holds()); its == 0 {
		t.Error("the box forgot what its neighbour lacks")
	}
}

func TestAnotherBoxsWordIsNotTheCountys(t *testing.T) {
	p := newProvince(t, 2)
	p.write(p.boxes[0], 1, "x")
	p.meet(p.boxes[0], p.boxes[1])
	p.lit(web.LightSending, p.boxes...) // the one that passes it on too
	if got := p.level(p.boxes[0], 1); got != wire.AtBox {
		t.Errorf("level %s", got)
	}
}

// A box whose disk was lost is added again, once under its keys and once as a new
// device: each finishes, and lights up when it has handed in what it wrote.
func TestABoxThatIsAddedAgainFinishesItsFirstExchange(t *testing.T) {
	p := newProvince(t, 2)
	box, other := p.boxes[0], p.boxes[1]
	for i := range 5 {
		p.write(box, i, "before")
	}
	p.meet(box, p.hub)
	p.meet(other, box)
	box.store.Close()
	again := p.open(box.keys, box.config.Data+" new")
	anew := p.enrol(policy.Device{
		Name: "站0 新机", Role: policy.Box, Holds: []policy.Pattern{"140581105*/personal"}, Writes: []policy.Pattern{"140581*/personal"},
	})
	for i, m := range []*party{again, anew} {
		p.write(m, 20+i, "first")
		p.meet(m, other)
		p.meet(m, p.hub)
		if its, ours, known := m.lacks(p.hub.id.Device, m.holds()); its+ours > 0 || !known {
			t.Errorf("%s: the county lacks %d, it lacks %d, known %t", m.id.Device.Name, its, ours, known)
		}
	}
	p.settle(again, anew, other)
	p.agree(p.hub, again, anew, other)
	p.lit(web.LightSafe, again, anew, other)
}

func TestADeletionAndAnEditApartHoldNothingUp(t *testing.T) {
	p := newProvince(t, 2)
	one, two := p.boxes[0], p.boxes[1]
	p.write(one, 1, "x")
	p.meet(one, two)
	p.write(one, 1, "edited")
	err := two.store.Save(func(d *store.Draft) error {
		rec, err := d.Record(field, recordOf(1))
		d.Write(field, rec.Delete(recordOf(1)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.write(one, 2, "behind the edit")
	p.write(two, 3, "behind the deletion")
	p.settle(two, one)
	p.agree(p.hub, one, two)
	p.lit(web.LightSafe, one, two)
	rec, _ := p.hub.store.Record(field, recordOf(1))
	if rec.Fate() != crdt.Disputed {
		t.Errorf("the record is %s: a person is to decide", rec.Fate())
	}
}

// A clock of 1970 or 2099 makes neither the box's work vanish nor itself win, and
// somebody is told of it.
func TestAWrongClockLosesNothingDecidesNothingAndIsTold(t *testing.T) {
	for _, year := range []int{1970, 2099} {
		t.Run(fmt.Sprint(year), func(t *testing.T) {
			p := newProvince(t, 2)
			box, other := p.boxes[0], p.boxes[1]
			wrong := time.Date(year, 1, 2, 3, 4, 5, 0, time.UTC)
			box.store.Close()
			o := box.storeOptions()
			o.Now = func() time.Time { return wrong }
			s, err := store.Open(o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			box.store = s
			p.write(box, 1, "by the wrong clock")
			p.meet(box, other)
			p.write(other, 1, "by who saw that")
			p.write(box, 2, "alone")
			p.settle(box, other)
			p.agree(p.hub, box, other)
			p.lit(web.LightSafe, other)
			for _, m := range []*party{p.hub, box, other} {
				if got := p.shows(m, 1); !slices.Equal(got, []string{"by who saw that"}) || len(p.shows(m, 2)) != 1 {
					t.Errorf("%s shows %q, %q", m.id.Device.Name, got, p.shows(m, 2))
				}
			}
			box.meetsClock(p.hub, time.Since(wrong))
			if got := grave(box); len(got) != 1 || got[0].Sort != "clock" || !strings.Contains(got[0].What.Zh, "本机时钟与县里相差") {
				t.Errorf("the box is told %+v", got)
			}
			p.hub.meetsClock(box, -time.Since(wrong))
			if got := grave(p.hub); len(got) != 1 || !strings.Contains(got[0].What.Zh, box.id.Device.Name) {
				t.Errorf("the county is told %+v", got)
			}
		})
	}
}

// grave returns the troubles that make a light red.
func grave(m *party) []web.Trouble {
	return slices.DeleteFunc(m.troubles(), func(t web.Trouble) bool { return !t.Grave })
}

// meetsClock has a machine hear of a peer's clock that is off by so much.
func (m *party) meetsClock(peer *party, off time.Duration) {
	m.devices[peer.id.Device.Index] = peer.id.Device
	m.witness(boxLog{}, peer.id.Device).hears(wire.Clock{At: time.Now().Add(off).UnixMilli()})
}

// The county comes back without its last day: the light goes out at the first
// greeting, for what it has lost and for nothing else, and comes on again.
func TestTheLightGoesOutWhenTheCountyIsRestored(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "yesterday")
	p.meet(box, p.hub)
	copied := p.copyOf(p.hub, "copy")
	p.write(box, 2, "today")
	p.meet(box, p.hub)
	p.lit(web.LightSafe, box)
	p.hub.store.Close()
	p.hub = p.open(p.hub.keys, copied)
	l := p.call(box, p.hub)
	l.hears(1)
	l.hears(0) // the greeting
	p.lit(web.LightSending, box)
	if u, err := box.store.Unsent(); err != nil || u.Batches != 1 || u.Records[field][recordOf(2)] == "" {
		t.Errorf("what waits is %+v, %v", u, err)
	}
	l.runs()
	l.ends()
	p.lit(web.LightSafe, box)
}

// In worlds of saves, cuts at any frame, restarts and a county that is restored, a
// green light is never wrong: the county holds, byte for byte, all that the box
// does, as of the last time that they spoke. And after healing every light is green.
func TestGreenIsNeverWrong(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := &world{province: newProvince(t, 3), rng: rand.New(rand.NewPCG(seed, 2)), blind: map[*party]bool{}}
			for range 80 {
				w.step()
				w.green()
			}
			w.settle(w.boxes...)
			w.settle(w.boxes...)
			w.agree(append(w.boxes, w.hub)...)
			w.lit(web.LightSafe, w.boxes...)
		})
	}
}

type world struct {
	*province
	rng     *rand.Rand
	written int
	copied  string
	blind   map[*party]bool // have not spoken with the county since it was restored
}

func (w *world) step() {
	m := w.boxes[w.rng.IntN(len(w.boxes))]
	switch k := w.rng.IntN(20); {
	case k < 8:
		w.written++
		w.write(m, w.rng.IntN(6), fmt.Sprint(w.written))
	case k < 15:
		peer := w.hub
		if k == 14 {
			peer = w.boxes[w.rng.IntN(len(w.boxes))]
		}
		if peer != m {
			w.talk(m, peer)
		}
	case k < 17:
		w.reopen(m)
	case k == 17:
		w.copied = w.copyOf(w.hub, fmt.Sprint("hub ", w.written, w.rng.Uint32()))
	case w.copied != "":
		w.hub.store.Close()
		w.hub, w.copied = w.open(w.hub.keys, w.copied), ""
		for _, b := range w.boxes {
			w.blind[b] = true
		}
	}
}

// talk is cut after any number of frames, and somebody saves meanwhile.
func (w *world) talk(m, peer *party) {
	l := w.call(m, peer)
	for range w.rng.IntN(12) {
		end := w.rng.IntN(2)
		if l.hears(end) && peer == w.hub && end == 0 {
			w.blind[m] = false
		}
		if w.rng.IntN(8) == 0 {
			w.written++
			w.write(m, w.rng.IntN(6), fmt.Sprint(w.written))
		}
		w.green()
	}
	l.ends()
}

func (w *world) green() {
	w.t.Helper()
	for _, m := range w.boxes {
		if w.blind[m] || w.light(m) != web.LightSafe {
			continue
		}
		for sp, f := range m.store.Frontiers(func(crdt.Space) bool { return true }) {
			for writer, seq := range f {
				if at, _ := w.hub.store.Head(sp, writer); at < seq {
					w.t.Fatalf("%s is green, and the county lacks batches %d to %d of %s", m.id.Device.Name, at+1, seq, writer)
				}
			}
		}
	}
}
