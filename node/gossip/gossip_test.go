package gossip_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"wangge/node/gossip"
	"wangge/sync/weaklink"
)

// inATown runs a test in virtual time, on a cable: what is waited for is the ring's, however slow
// the machine is that tests it.
func inATown(t *testing.T, f func(t *testing.T, town *township)) {
	bubble(t, func(t *testing.T) {
		town := virtual(t, 1, weaklink.LAN())
		town.profile = fast()
		f(t, town)
	})
}

func TestBoxesThatKnowOneOfThemFindAll(t *testing.T) {
	inATown(t, func(t *testing.T, town *township) {
		first := town.box(1, "140581105")
		boxes := []*box{first}
		for device := uint32(2); device <= 5; device++ {
			boxes = append(boxes, town.box(device, "140581105", first))
		}
		eventually(t, "all five see each other", func() bool {
			return boxes[0].sees(2, 3, 4, 5) && boxes[1].sees(1, 3, 4, 5) && boxes[2].sees(1, 2, 4, 5) &&
				boxes[3].sees(1, 2, 3, 5) && boxes[4].sees(1, 2, 3, 4)
		})
		third := first.Members()[1]
		if third.Device != 3 || third.Name != "第3社区" || third.Address != boxes[2].address() || third.Since.IsZero() {
			t.Errorf("the first box knows of the third: %+v", third)
		}
	})
}

func TestARumourReachesEveryBoxOnce(t *testing.T) {
	inATown(t, func(t *testing.T, town *township) {
		first := town.box(1, "ring")
		boxes := []*box{first}
		for device := uint32(2); device <= 4; device++ {
			boxes = append(boxes, town.box(device, "ring", first))
		}
		eventually(t, "the ring is whole", func() bool { return len(first.Members()) == 3 && boxes[3].sees(1, 2, 3) })
		long := bytes.Repeat([]byte{'x'}, gossip.MaxRumour)
		boxes[3].Spread(long)
		boxes[3].Spread(append(long, 'x')) // too long: dropped
		for i := range 20 {
			boxes[1].Spread(fmt.Appendf(nil, "head %d", i))
		}
		for _, b := range []*box{boxes[0], boxes[2]} {
			eventually(t, "all rumours are heard", func() bool {
				for i := range 20 {
					if len(b.heard(fmt.Sprintf("head %d", i))) == 0 {
						return false
					}
				}
				return len(b.heard(string(long))) > 0
			})
			if from := b.heard("head 7"); len(from) != 1 || from[0] != 2 {
				t.Errorf("box %d heard the rumour of box 2 from %v", b.device, from)
			}
		}
		if len(boxes[1].heard("head 0")) != 0 {
			t.Error("a box hears its own rumour")
		}
		if len(first.heard(string(long)+"x")) != 0 {
			t.Error("a rumour that is too long went round")
		}
	})
}

func TestABoxThatWasCutOffAndForgottenComesBack(t *testing.T) {
	inATown(t, func(t *testing.T, town *township) {
		first := town.box(1, "ring")
		second, third := town.box(2, "ring", first), town.box(3, "ring", first)
		eventually(t, "the ring is whole", func() bool { return third.sees(1, 2) && second.sees(1, 3) && first.sees(2, 3) })

		third.by.Off()
		eventually(t, "both sides count each other as gone", func() bool {
			return first.sees(2) && second.sees(1) && third.sees()
		})
		third.by.On()
		for _, b := range []*box{first, second, third} {
			b.link.NetworkUp()
		}
		eventually(t, "the ring is whole again", func() bool { return third.sees(1, 2) && second.sees(1, 3) && first.sees(2, 3) })
		third.Spread([]byte("back"))
		eventually(t, "the news is heard", func() bool { return len(first.heard("back")) == 1 && len(second.heard("back")) == 1 })
	})
}

func TestABoxThatLeavesIsGoneAtOnce(t *testing.T) {
	inATown(t, func(t *testing.T, town *township) {
		first := town.box(1, "ring")
		second := town.box(2, "ring", first)
		eventually(t, "the two see each other", func() bool { return first.sees(2) && second.sees(1) })
		began := time.Now()
		second.leave()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("leaving took %v", took)
		}
		eventually(t, "the first is alone", func() bool { return first.sees() })
		if m := first.Members(); len(m) != 1 || m[0].Alive || m[0].Device != 2 {
			t.Errorf("the first remembers %+v", m)
		}
	})
}

func TestABoxThatMovesTellsTheRing(t *testing.T) {
	inATown(t, func(t *testing.T, town *township) {
		first := town.box(1, "ring")
		second := town.box(2, "ring", first)
		eventually(t, "the two see each other", func() bool { return first.sees(2) && second.sees(1) })
		second.mu.Lock()
		second.moved = "192.0.2.7:7000"
		second.mu.Unlock()
		eventually(t, "the first knows the new address", func() bool { return first.Members()[0].Address == "192.0.2.7:7000" })
		for _, c := range first.link.Contacts() {
			if c.Device == 2 && c.Address != "192.0.2.7:7000" {
				t.Errorf("the first's link would dial %s", c.Address)
			}
		}
	})
}

func TestRingsDoNotMix(t *testing.T) {
	inATown(t, func(t *testing.T, town *township) {
		first := town.box(1, "north")
		second := town.box(2, "north", first)
		stranger := town.box(3, "south", first, second)
		fourth := town.box(4, "south", stranger)
		eventually(t, "both rings are whole", func() bool { return first.sees(2) && second.sees(1) && fourth.sees(3) && stranger.sees(4) })
		stranger.Spread([]byte("southern news"))
		eventually(t, "the south hears", func() bool { return len(fourth.heard("southern news")) == 1 })
		first.Spread([]byte("northern news"))
		eventually(t, "the north hears", func() bool { return len(second.heard("northern news")) == 1 })
		if len(first.Members()) != 1 || len(stranger.Members()) != 1 || len(first.heard("southern news")) != 0 {
			t.Errorf("the north knows %+v, the south %+v", first.Members(), stranger.Members())
		}
	})
}

func TestLeavingLeavesNoGoroutine(t *testing.T) {
	before := goroutines()
	town := newTownship(t)
	first := town.box(1, "ring")
	second := town.box(2, "ring", first)
	eventually(t, "the two see each other", func() bool { return first.sees(2) && second.sees(1) })
	second.by.Off() // so that somebody waits for an answer
	first.leave()
	second.leave()
	eventually(t, "no goroutine is left", func() bool { return goroutines() <= before })
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := gossip.Options{
		Device:  1,
		Address: func() string { return "" },
		Ring:    "ring",
		Profile: gossip.Township(),
		Heard:   func(uint32, []byte) bool { return true },
	}
	for what, spoil := range map[string]func(*gossip.Options){
		"no address": func(o *gossip.Options) { o.Address = nil },
		"no ear":     func(o *gossip.Options) { o.Heard = nil },
		"no ring":    func(o *gossip.Options) { o.Ring = "" },
		"long ring":  func(o *gossip.Options) { o.Ring = string(make([]byte, 65)) },
		"no profile": func(o *gossip.Options) { o.Profile = gossip.Profile{} },
	} {
		o := good
		spoil(&o)
		if _, err := gossip.New(nil, o); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
	if _, err := gossip.New(nil, good); err != nil {
		t.Error(err)
	}
}
