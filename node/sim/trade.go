package sim

import (
	"slices"

	"wangge/node/policy"
	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// trade is an exchange of files: two streams, on each of which one end asks and the other
// gives. As on real ones words come in order, or all is lost that is under way.
type trade struct {
	world  *World
	number int
	ends   [2]*Machine
	lives  [2]int
	givers [2]*pieces.Giver // of each end
	comes  [2]int64         // when the last word on its way to each end arrives
	flying int              // words on their way
	heard  int64            // when one came last
	over   bool
}

// tradeSilence is after how many ms in which no word comes an exchange ends; tradeTick is
// how often it is looked at.
const tradeSilence, tradeTick = 120_000, 30_000

// trade has two machines exchange files, for as long as there is anything to say.
func (w *World) trade(a, b *Machine) *trade {
	if a.store == nil || b.store == nil || w.cut(a, b) || w.cut(b, a) || a.id.Device.Index == b.id.Device.Index || a.trading(b) != nil || b.trading(a) != nil {
		return nil
	}
	w.traded++
	t := &trade{world: w, number: w.traded, ends: [2]*Machine{a, b}, lives: [2]int{a.life, b.life}, heard: w.now}
	w.trades = append(w.trades, t)
	w.note("trade %d: %s and %s", t.number, a, b)
	for i, m := range t.ends {
		peer := t.ends[1-i]
		t.givers[i] = m.giver(peer.device())
		m.files.Met(peer.device(), peer.frontiers())
		m.partners[peer.id.Device.Index] = t
	}
	for i, m := range t.ends {
		m.seek()
		m.say(m.files.Join(t.ends[1-i].id.Device.Index, uint64(w.now)))
	}
	w.at(w.now+tradeTick, t.watch)
	return t
}

// untrade ends the exchanges that are meant.
func (w *World) untrade(why string, of func(*trade) bool) {
	for _, t := range slices.Clone(w.trades) {
		if of(t) {
			t.close(why)
		}
	}
}

// giver answers a device that asks a machine for files.
func (m *Machine) giver(d policy.Device) *pieces.Giver {
	if m.world.parts.Frank {
		return pieces.NewGiver(m.store.Files(), func(wire.Hash) bool { return true })
	}
	return m.files.Giver(d)
}

// trading returns the exchange that a machine has with another's device, if one is open.
func (m *Machine) trading(o *Machine) *trade { return m.partners[o.id.Device.Index] }

// seek has a machine look for what it lacks, and for what others lack of it.
func (m *Machine) seek() {
	words, err := m.files.Look(uint64(m.world.now))
	if !m.survives() {
		return
	}
	if err != nil {
		m.world.violated("harness", "%s does not know what files it lacks: %v", m, err)
	}
	m.say(words)
	m.offer()
}

// offer has a machine tell those who ask it what has come meanwhile.
func (m *Machine) offer() {
	for _, t := range slices.Clone(m.world.trades) {
		for i, end := range t.ends {
			if end == m && !t.gone() {
				t.givers[i].Look()
				t.give(i)
			}
		}
	}
}

// say sends what a machine asks others.
func (m *Machine) say(words []pieces.Word) {
	for _, word := range words {
		if t := m.partners[word.To]; t != nil {
			t.send(t.end(m), true, word.Say)
		}
	}
}

func (t *trade) end(m *Machine) int {
	if t.ends[0] == m {
		return 0
	}
	return 1
}

// send sends a word of one end's; asks tells its questions from its answers.
func (t *trade) send(from int, asks bool, m wire.FileWord) {
	w, to := t.world, 1-from
	if asked := w.parts.Asks; asks && asked != nil && !asked(t.ends[from], m) {
		return
	}
	frame := wire.EncodeFileWord(m)
	w.hash.Write(frame)
	w.report.Bytes += len(frame)
	t.comes[to] = max(w.now+w.Delay.Milliseconds(), t.comes[to]) + int64(len(frame))*1000/int64(w.Rate)
	last := !w.healed && w.cuts.Float64() < w.Cut
	t.flying++
	w.at(t.comes[to], func() { t.arrive(to, asks, frame, last) })
}

func (t *trade) arrive(to int, asks bool, frame []byte, last bool) {
	t.flying--
	if t.gone() || t.world.cut(t.ends[1-to], t.ends[to]) {
		return
	}
	if last {
		t.close("cut")
		return
	}
	t.heard = t.world.now
	m, err := wire.DecodeFileWord(frame)
	if err == nil && asks {
		err = t.givers[to].Step(m)
		t.give(to)
	} else if err == nil {
		err = t.take(to, m)
	}
	if err != nil {
		t.world.violated("harness", "trade %d: %s cannot read what %s says: %v", t.number, t.ends[to], t.ends[1-to], err)
	}
}

// give sends what one end has to give.
func (t *trade) give(end int) {
	for {
		m, ok := t.givers[end].Next()
		if !t.ends[end].survives() || !ok {
			return
		}
		t.send(end, false, m)
	}
}

// take has one end take a word from the other.
func (t *trade) take(end int, said wire.FileWord) error {
	m := t.ends[end]
	before := len(m.files.Sought())
	words, err := m.files.Step(t.ends[1-end].id.Device.Index, said, uint64(t.world.now))
	if !m.survives() || err != nil {
		return err
	}
	m.say(words)
	if _, piece := said.(wire.Piece); piece {
		t.world.came += before - len(m.files.Sought())
		m.offer()
	}
	return nil
}

// watch asks again for what is late, and ends an exchange in which nothing is said.
func (t *trade) watch() {
	if t.gone() {
		t.close("an end is gone")
		return
	}
	if t.flying == 0 && t.world.now-t.heard > tradeSilence {
		t.close("nothing more is said")
		return
	}
	for _, m := range t.ends {
		m.say(m.files.Again(uint64(t.world.now)))
	}
	t.world.at(t.world.now+tradeTick, t.watch)
}

func (t *trade) gone() bool {
	return t.over || t.ends[0].store == nil || t.ends[1].store == nil || t.lives != [2]int{t.ends[0].life, t.ends[1].life}
}

// close ends an exchange. What was asked of one end is asked of others.
func (t *trade) close(why string) {
	if t.over {
		return
	}
	t.over = true
	t.world.trades = slices.DeleteFunc(t.world.trades, func(o *trade) bool { return o == t })
	t.world.note("trade %d ends: %s", t.number, why)
	for i, m := range t.ends {
		m.receive(t.ends[1-i])
		peer := t.ends[1-i].id.Device.Index
		if m.partners[peer] != t {
			continue
		}
		delete(m.partners, peer)
		if m.store != nil && m.life == t.lives[i] {
			m.say(m.files.Leave(peer, uint64(t.world.now)))
		}
	}
}
