package session

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

func settled(t *testing.T, c *talk, want bool) {
	t.Helper()
	for i, s := range c.side {
		if s.Settled() != want {
			t.Errorf("device %d: settled is %v, want %v", c.at[i].device, s.Settled(), want)
		}
	}
}

func TestTwoBoxesEndWithTheSame(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	for range 5 {
		a.write(village, 100)
		b.write(village, 100)
		b.write(street, 100)
	}
	c := meet(t, a, b)
	c.finish()
	settled(t, c, true)
	if len(a.lacks(b, b.entitled)) > 0 || len(b.lacks(a, a.entitled)) > 0 {
		t.Error("one lacks what the other holds")
	}
	if got := a.reached[a.own(village)]; got[wire.AtBox] != 5 || got[wire.AtCounty] != 0 {
		t.Errorf("own work reached %v", got)
	}
	if got := b.reached[a.own(village)]; got[wire.AtBox] != 5 {
		t.Errorf("the peer's work reached %v", got)
	}
}

func TestAPeerIsSentOnlyWhatItMayHold(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, village)
	for _, sp := range town {
		a.write(sp, 10)
		b.write(sp, 10) // a centre writes for whoever comes in
	}
	c := meet(t, a, b)
	c.observe = func(from int, m wire.Message) {
		switch m := m.(type) {
		case wire.Chunk:
			for _, run := range m.Runs {
				if run.Space != village {
					t.Errorf("device %d sent %s", c.at[from].device, run.Space)
				}
			}
		case wire.Hello:
			for sp, f := range m.Holds {
				if sp != village && (from == 0 || len(f) != 1) {
					t.Errorf("device %d told of %s: %v", c.at[from].device, sp, f)
				}
			}
		}
	}
	c.finish()
	settled(t, c, true)
}

func TestTheHubTakesWhatABoxWroteForOthersAndTellsItNoMore(t *testing.T) {
	h, box, other := newReplica(hub, town...), newReplica(1, village), newReplica(2, street)
	other.write(street, 10)
	meet(t, other, h).finish()
	for range 3 {
		box.write(street, 10)
	}
	meet(t, box, h).finish()
	if got := box.reached[box.own(street)][wire.AtCounty]; got != 3 {
		t.Errorf("the county has %d of 3", got)
	}
	c := meet(t, box, h)
	c.observe = func(from int, m wire.Message) {
		if hello, ok := m.(wire.Hello); ok && from == 1 {
			if f := hello.Holds[street]; len(f) != 1 || f[box.own(street).writer] != 3 {
				t.Errorf("the hub tells the box of %s: %v", street, f)
			}
		}
		if _, ok := m.(wire.Chunk); ok {
			t.Errorf("sent again: %v", m)
		}
	}
	c.finish()
	settled(t, c, true)

	asked := wire.Hello{Protocol: wire.Protocol, County: county, Device: 1, Holds: map[crdt.Space]crdt.Frontier{street: {}}}
	out, err := New(sideOf(h, box, false), h).Step(asked)
	if err != nil || len(out[0].(wire.Hello).Holds[street]) != 1 {
		t.Errorf("asked about a space that it may not hold, the hub says %v, %v", out, err)
	}
}

func TestASpaceThatIsNotForThisNodeEndsOnlyThisConversation(t *testing.T) {
	a, b, d := newReplica(1, village), newReplica(2, town...), newReplica(3, village)
	d.write(village, 10)
	bad, good := meet(t, a, b), meet(t, a, d)
	bad.finish()
	run := wire.Run{Space: street, Writer: 5, First: 1, Batches: [][]byte{word(1)}}
	if _, err := bad.side[0].Step(wire.Chunk{Runs: []wire.Run{run}}); err == nil || !strings.Contains(err.Error(), "not for this node") {
		t.Errorf("got %v", err)
	}
	if len(a.keeps) > 0 {
		t.Error("it was handed to the log")
	}
	good.finish()
	settled(t, good, true)
	if len(a.lacks(d, d.entitled)) > 0 {
		t.Error("the other conversation suffered")
	}
}

func TestOnlyTheHubSpeaksForTheCounty(t *testing.T) {
	for peer, want := range map[uint32]wire.Level{2: wire.AtBox, hub: wire.AtCounty} {
		a, b := newReplica(1, town...), newReplica(peer, town...)
		a.write(village, 10)
		c := meet(t, a, b)
		for c.deliver(0) || c.deliver(1) {
			for to := range c.queue { // every acknowledgement claims the most
				for i, frame := range c.queue[to] {
					if m, err := wire.Decode(frame); err == nil {
						if ack, ok := m.(wire.Ack); ok {
							ack.Marks[0].Level = wire.AtCounty
							c.queue[to][i] = wire.Encode(ack)
						}
					}
				}
			}
		}
		got := a.reached[a.own(village)]
		if got[want] != 1 || want == wire.AtBox && got[wire.AtCounty] > 0 {
			t.Errorf("after device %d's word the batch has reached %v", peer, got)
		}
	}
}

func TestABoxsWordCountsOnlyForSpacesThatItMayHold(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, village)
	a.write(notes, 10)
	c := meet(t, a, b)
	c.finish()
	mark := wire.Mark{Space: notes, Writer: a.own(notes).writer, Seq: 1, Level: wire.AtBox}
	if _, err := c.side[0].Step(wire.Ack{Marks: []wire.Mark{mark}}); err != nil || len(a.reached[a.own(notes)]) > 0 {
		t.Errorf("reached %v, %v", a.reached, err)
	}
}

func TestARefusalShutsOneStreamAndTheOthersGoOn(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	for range 40 {
		a.write(village, 3000)
		a.write(street, 3000)
	}
	b.refuses[a.own(village)] = "its certificate was revoked"
	c := meet(t, a, b)
	c.finish()
	if got := b.lacks(a, a.entitled); !slices.Equal(got, []stream{a.own(village)}) {
		t.Errorf("missing are %v", got)
	}
	if len(a.refused) != 1 || a.refused[0].Reason != "its certificate was revoked" {
		t.Errorf("heard %v", a.refused)
	}
	settled(t, c, false)
	for i, s := range c.side {
		if !s.Quiet() {
			t.Errorf("side %d waits for more", i)
		}
	}
	sent := len(b.keeps)
	a.write(village, 10)
	a.write(street, 10)
	c.wake(0)
	c.finish()
	if b.keeps = b.keeps[sent:]; !slices.Equal(b.keeps, []stream{a.own(street)}) {
		t.Errorf("after the refusal came %v", b.keeps)
	}
	delete(b.refuses, a.own(village))
	again := meet(t, a, b)
	again.finish()
	settled(t, again, true)
}

func TestAStaleRefusalShutsNothing(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	c := meet(t, a, b)
	c.finish()
	old := wire.Refusal{Mark: wire.Mark{Space: village, Writer: a.own(village).writer, Seq: 1}, Reason: "no"}
	if _, err := c.side[0].Step(old); err != nil || len(a.refused) > 0 {
		t.Errorf("%v, %v", a.refused, err)
	}
	settled(t, c, true)
}

// While a chunk is being kept, another peer may bring more of the same stream:
// this side must not conclude that the sender holds that too.
func TestWhatOthersBroughtMeanwhileIsNotTakenForThePeers(t *testing.T) {
	h, box := newReplica(hub, town...), newReplica(1, town...)
	h.log[stream{village, 77}] = [][]byte{word(1)}
	box.during = func(st *stream) {
		if st.writer == 77 && len(box.log[*st]) == 1 {
			box.log[*st] = append(box.log[*st], word(2), word(3))
		}
	}
	c := meet(t, box, h)
	c.finish()
	c.wake(0)
	c.finish()
	if got := len(h.log[stream{village, 77}]); got != 3 {
		t.Errorf("the hub holds %d of 3", got)
	}
	settled(t, c, true)
}

func TestSettledIsFalseUntilAllIsAnsweredAndNothingIsNew(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	c := meet(t, a, b)
	for c.deliver(1) || c.deliver(0) {
		if c.side[0].Settled() && len(b.lacks(a, a.entitled)) > 0 {
			t.Fatal("settled while the peer lacks something")
		}
		if c.side[0].Settled() && len(c.side[0].flying) > 0 {
			t.Fatal("settled while something is not acknowledged")
		}
	}
	settled(t, c, true)
	a.write(village, 10)
	if c.side[0].Settled() {
		t.Error("settled before new work was sent")
	}
	c.wake(0)
	if c.side[0].Settled() {
		t.Error("settled before new work was acknowledged")
	}
	c.finish()
	settled(t, c, true)
}

func TestTheWindowBoundsWhatACutCosts(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	for i := range 90 {
		a.write(town[i%3], 1+i*37%wire.BatchMax)
		a.write(village, 30_000)
	}
	c := meet(t, a, b)
	c.side[0].Carries(1 << 20)
	under := 0
	for more := true; more; {
		more = c.deliver(0) || c.deliver(1)
		size := 0
		for _, flights := range c.side[0].flying {
			for _, f := range flights {
				size += f.size
			}
		}
		if size != c.side[0].window || size >= windowSize+chunkMax+wire.BatchMax {
			t.Fatalf("%d bytes are under way, the window says %d", size, c.side[0].window)
		}
		under = max(under, size)
	}
	settled(t, c, true)
	if under < windowSize || c.side[0].window != 0 {
		t.Errorf("at most %d bytes were under way, at the end %d", under, c.side[0].window)
	}
}

func TestAChunkIsBoundedThoughEveryWriterBringsACredential(t *testing.T) {
	a := newReplica(1, village)
	for w := range 5000 {
		a.log[stream{village, crdt.NewWriter(uint32(w+10), 0)}] = [][]byte{word(1)}
	}
	c := meet(t, a, newReplica(2, village))
	c.observe = func(_ int, m wire.Message) {
		if chunk, ok := m.(wire.Chunk); ok {
			size := 0
			for _, b := range chunk.Credentials {
				size += len(b)
			}
			if size > chunkMin {
				t.Errorf("a chunk carries %d bytes of credentials", size)
			}
		}
	}
	c.finish()
	settled(t, c, true)
}

func TestMisuseEndsTheConversationInPlainWords(t *testing.T) {
	hello := func(change func(*wire.Hello)) wire.Hello {
		m := wire.Hello{Protocol: wire.Protocol, County: county, Device: 2}
		change(&m)
		return m
	}
	right := hello(func(*wire.Hello) {})
	for name, c := range map[string]struct {
		says []wire.Message
		want string
	}{
		"a chunk first":   {[]wire.Message{wire.Chunk{}}, "device 2 sent a wire.Chunk before its greeting"},
		"done first":      {[]wire.Message{wire.Done{}}, "device 2 sent a wire.Done before its greeting"},
		"a second hello":  {[]wire.Message{right, right}, "device 2 greeted a second time in one conversation"},
		"another county":  {[]wire.Message{hello(func(m *wire.Hello) { m.County[0]++ })}, "greets as device 2 of county 0202030000000000"},
		"another device":  {[]wire.Message{hello(func(m *wire.Hello) { m.Device = 3 })}, "greets as device 3"},
		"a newer program": {[]wire.Message{hello(func(m *wire.Hello) { m.Protocol = 2 })}, "device 2 speaks protocol 2, this node speaks 1: update the older of the two"},
	} {
		a, b := newReplica(1, town...), newReplica(2, town...)
		a.write(village, 10)
		s := New(sideOf(a, b, true), a)
		s.Start()
		for i, m := range c.says {
			out, err := s.Step(m)
			if i < len(c.says)-1 {
				continue
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || len(out) > 0 {
				t.Errorf("%s: answered %v, %v; want %q", name, out, err, c.want)
			}
		}
	}
}

func TestAReplicaThatCannotDecideEndsTheConversation(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.broken = errors.New("the disk is full")
	c := meet(t, a, b)
	c.finish()
	run := wire.Run{Space: village, Writer: 5, First: 1, Batches: [][]byte{word(1)}}
	if out, err := c.side[0].Step(wire.Chunk{Runs: []wire.Run{run}}); !errors.Is(err, a.broken) || len(out) > 0 {
		t.Errorf("%v, %v", out, err)
	}
}

func TestASilentSideSaysNothing(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	s := New(sideOf(a, b, false), a)
	if out, err := s.Wake(); len(s.Start()) > 0 || len(out) > 0 || err != nil || s.Settled() || s.Quiet() {
		t.Errorf("%v, %v", out, err)
	}
}
