package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"wangge/node"
	"wangge/sync/session"
	"wangge/sync/wire"
)

// silence is after how many ms in which nothing is said a conversation ends.
const silence = int64(node.SilenceMax / time.Millisecond)

// talk is a conversation of two machines: two real sessions, and a stream between
// them that delays, blocks and breaks. As on a real one frames come in order,
// unless the run is rough.
type talk struct {
	world   *World
	number  int
	ends    [2]*Machine
	lives   [2]int
	sides   [2]*session.Session
	ended   [2]func() // what each side does at the end
	draws   *rand.Rand
	brief   bool     // ends when both sides are quiet
	comes   [2]int64 // when the last frame on its way to each end arrives
	heard   [2]int64
	quiet   [2]node.Silence // of each end's peer
	discord node.Discord    // between those that stay connected
	flying  [2]int          // bytes on their way to each end
	over    bool
	refused [2][]wire.Refusal // by each end

	delay time.Duration // of a frame, one way
	rate  int           // bytes a second
	price price
	toll  *Toll // counts frames; nil where nobody asks
}

// call has a machine open a conversation with another, until it is quiet if brief.
func (w *World) call(from, to *Machine, brief bool) *talk {
	if from.store == nil || to.store == nil || w.cut(from, to) || w.cut(to, from) || from == to {
		w.note("%s does not reach %s", from, to)
		return nil
	}
	t := &talk{world: w, delay: w.Delay, rate: w.Rate, number: len(w.talks), ends: [2]*Machine{from, to}, brief: brief, lives: [2]int{from.life, to.life}}
	w.talks = append(w.talks, t)
	w.at(w.now, func() {
		if !t.gone() {
			t.say(0, t.sides[0].Start())
		}
	})
	t.draws = w.rand(1_000_000 + uint64(t.number))
	t.heard = [2]int64{w.now, w.now}
	t.sides[0], t.ended[0] = from.party().Converse(to.device(), true)
	t.sides[1], t.ended[1] = to.party().Converse(from.device(), false)
	for i, s := range t.sides {
		t.quiet[i].Owes(s.Awaits(), t.moment())
	}
	w.note("talk %d: %s calls %s", t.number, from, to)
	w.at(w.now+silence/3, t.watch)
	return t
}

// say sends what one end has to say.
func (t *talk) say(from int, out []wire.Message) {
	w, to := t.world, 1-from
	if says := w.parts.Says; says != nil {
		out = says(out)
	}
	for _, m := range out {
		frame := t.sides[from].Encode(m)
		w.hash.Write(frame)
		w.report.Bytes += len(frame)
		t.price.said(m, len(frame))
		if r, refuses := m.(wire.Refusal); refuses {
			t.refused[from] = append(t.refused[from], r)
		}
		if t.toll != nil {
			t.toll.frame(m, len(frame)+2)
		}
		if t.flying[to] += len(frame); t.flying[to] > flyingMax {
			w.violated("I7", "%d bytes are on their way from %s to %s", t.flying[to], t.ends[from], t.ends[to])
			return
		}
		at := max(w.now+t.delay.Milliseconds(), t.comes[to]) + int64(len(frame))*1000/int64(t.rate)
		rough := !w.healed && w.Rough > 0 && t.draws.Float64() < w.Rough
		if rough && t.draws.IntN(3) == 0 { // overtaken by what follows
			at += t.delay.Milliseconds() * int64(1+t.draws.IntN(5))
		} else {
			t.comes[to] = at
		}
		lost := rough && t.draws.IntN(2) == 0
		last := !w.healed && t.draws.Float64() < w.Cut
		w.at(at, func() { t.arrive(to, frame, lost, last) })
		if rough && t.draws.IntN(2) == 0 {
			t.flying[to] += len(frame)
			w.at(at+t.delay.Milliseconds(), func() { t.arrive(to, frame, false, false) })
		}
	}
}

// flyingMax is more than the windows of a conversation let fly, in bytes.
const flyingMax = 1 << 20

func (t *talk) arrive(to int, frame []byte, lost, last bool) {
	t.flying[to] -= len(frame)
	switch {
	case t.gone():
		return
	case last:
		t.end("cut")
		return
	case lost || t.world.cut(t.ends[1-to], t.ends[to]):
		return
	}
	t.step(to, func(s *session.Session) ([]wire.Message, error) {
		t.heard[to] = t.world.now
		t.quiet[to].Heard(t.moment())
		m, err := s.Decode(frame)
		if err != nil {
			return nil, err
		}
		t.world.note("talk %d: %s hears %s", t.number, t.ends[to], brief(m))
		var out []wire.Message
		err = t.price.brings(m, t.ends[to], func() (err error) {
			out, err = s.Step(m)
			return err
		})
		return out, err
	})
}

// step has one end do something and say what comes of it, if it survives that.
func (t *talk) step(end int, do func(*session.Session) ([]wire.Message, error)) {
	out, err := do(t.sides[end])
	if !t.ends[end].survives() || t.over {
		return
	}
	if err != nil {
		t.end(err.Error())
		return
	}
	t.say(end, out)
	t.quiet[end].Owes(t.sides[end].Awaits(), t.moment())
	if t.brief && t.sides[0].Quiet() && t.sides[1].Quiet() && t.flying == [2]int{} {
		t.end(quiet)
	}
}

// moment is now, as silences are measured.
func (t *talk) moment() time.Time { return time.UnixMilli(t.world.now) }

// watch ends a conversation in which an answer is overdue.
func (t *talk) watch() {
	if t.gone() {
		return
	}
	for i := range t.sides {
		if t.quiet[i].For(t.moment()) > node.SilenceMax {
			t.end(fmt.Sprintf("%s owes %s an answer", t.ends[1-i], t.ends[i]))
			return
		}
	}
	if t.world.staying && t.sides[0].Quiet() && t.sides[1].Quiet() {
		return
	}
	// Of a visit whose last word was lost nobody owes anything, and it is not quiet either.
	if (t.world.healed || t.brief) && t.flying == [2]int{} && t.world.now-max(t.heard[0], t.heard[1]) > silence {
		t.end("nothing more is said")
		return
	}
	t.world.at(t.world.now+silence/3, t.watch)
}

func (t *talk) end(why string) {
	if t.over {
		return
	}
	t.over = true
	t.world.note("talk %d ends: %s", t.number, why)
	t.fair(why)
	for i, m := range t.ends {
		if m.store != nil && m.life == t.lives[i] {
			t.ended[i]()
			m.survives()
			t.named(i)
			t.world.at(t.world.now+departAfter, m.depart)
		}
	}
}

// gone reports that the conversation is over, or that one of its ends was
// started anew since.
func (t *talk) gone() bool {
	return t.over || t.ends[0].store == nil || t.ends[1].store == nil || t.lives != [2]int{t.ends[0].life, t.ends[1].life}
}

// wake tells a machine's open conversations that it has something new.
func (w *World) wake(m *Machine) {
	for _, t := range w.talks {
		for i, end := range t.ends {
			if end == m && !t.gone() {
				t.step(i, func(s *session.Session) ([]wire.Message, error) { return s.Wake() })
			}
		}
	}
}

// parted ends the conversations of a machine that is down. Its peers notice later.
func (w *World) parted(m *Machine) {
	for _, t := range w.talks {
		if !t.over && (t.ends[0] == m || t.ends[1] == m) {
			t.end(m.name + " is gone")
		}
	}
	w.untrade(m.name+" is gone", func(t *trade) bool { return t.ends[0] == m || t.ends[1] == m })
}

// cut reports whether what one machine sends another vanishes.
func (w *World) cut(from, to *Machine) bool { return w.severed[[2]*Machine{from, to}] > w.now }

// brief shows a message in a transcript.
func brief(m wire.Message) string {
	switch m := m.(type) {
	case wire.Hello:
		n := 0
		for _, f := range m.Holds {
			n += len(f)
		}
		return fmt.Sprintf("Hello of %d spaces, %d streams, epoch %x", len(m.Holds), n, m.Epoch)
	case wire.Chunk:
		s := fmt.Sprintf("Chunk %d:", m.Number)
		for _, run := range m.Runs {
			s += fmt.Sprintf(" %s %s %d-%d", run.Space, run.Writer, run.First, run.Last())
		}
		return s
	case wire.Refusal:
		return fmt.Sprintf("Refusal of %s %s %d: %s", m.Mark.Space, m.Mark.Writer, m.Mark.Seq, m.Reason)
	case wire.Kept:
		return fmt.Sprintf("Kept %d, %s, not %v", m.Chunk, m.Level, m.Not)
	case wire.Ack:
		s := "Ack"
		for _, k := range m.Marks {
			s += fmt.Sprintf(" %s %s %d %s", k.Space, k.Writer, k.Seq, k.Level)
		}
		return s
	}
	return fmt.Sprintf("%T", m)
}
