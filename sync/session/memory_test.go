package session

import (
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// acquainted returns two replicas that have met, hold the same, and remember it.
func acquainted(t *testing.T, device uint32) (a, b *replica, c *talk) {
	a, b = newReplica(1, town...), newReplica(device, town...)
	a.recalls, b.recalls = map[uint32][]wire.Ground{}, map[uint32][]wire.Ground{}
	for range 20 {
		a.write(village, 30)
		b.write(street, 30)
	}
	b.log[stream{notes, crdt.NewWriter(7, 0)}] = [][]byte{word(1), word(2)}
	c = meet(t, a, b)
	c.finish()
	settled(t, c, true)
	return a, b, c
}

// spoken counts what is said in a conversation.
type spoken struct {
	hellos [2]int // bytes of each side's greetings
	full   int    // greetings that tell all
	chunks [2]int
	trips  float64
}

// listen opens a conversation again and counts until it is over.
func listen(c *talk) *spoken {
	n := &spoken{}
	c.observe = func(from int, m wire.Message) {
		switch m := m.(type) {
		case wire.Hello:
			n.hellos[from] += len(wire.Encode(m))
			if len(m.Grounds) == 0 {
				n.full++
			}
		case wire.Chunk:
			n.chunks[from]++
		}
	}
	c.open()
	for to := 1; len(c.queue[0])+len(c.queue[1]) > 0; to = 1 - to {
		n.trips += 0.5
		for range len(c.queue[to]) {
			c.deliver(to)
		}
	}
	return n
}

func TestTwoThatHaveMetAndHoldTheSameSayOnlySo(t *testing.T) {
	_, _, c := acquainted(t, hub)
	for range 3 {
		if n := listen(c); n.full > 0 || n.hellos[0] > 60 || n.hellos[1] > 60 || n.trips != 1 || !c.side[0].Finished() || !c.side[1].Finished() {
			t.Errorf("they say %+v", n)
		}
		settled(t, c, true)
	}
}

func TestNewWorkGoesWithTheGreetingToWhoIsRemembered(t *testing.T) {
	for _, device := range []uint32{2, hub} {
		a, b, c := acquainted(t, device)
		a.write(village, 40)
		a.write(notes, 40) // a stream that the peer has never heard of
		c.observe = nil
		c.open()
		under := len(c.queue[1])
		for range under {
			c.deliver(1)
		}
		if len(b.lacks(a, a.entitled)) > 0 {
			t.Errorf("device %d lacks %v after the first flight", device, b.lacks(a, a.entitled))
		}
		c.finish()
		settled(t, c, true)
		if got := a.reached[a.own(notes)]; got[sideOf(a, b, true).Proves] != 1 {
			t.Errorf("the new work is known to have reached %v", got)
		}
	}
}

// What others brought in meanwhile, or what the peer has from others, is not sent
// before it has said what it lacks.
func TestWhatOthersMayHaveBroughtWaitsForTheGreeting(t *testing.T) {
	for _, device := range []uint32{2, hub} {
		a, b, c := acquainted(t, device)
		other := stream{village, crdt.NewWriter(5, 0)}
		for _, r := range []*replica{a, b} {
			r.log[other] = [][]byte{word(1), word(2)}
		}
		if n := listen(c); n.chunks != [2]int{} || n.full > 0 || n.trips != 1 {
			t.Errorf("device %d: they say %+v of what both have from another", device, n)
		}
		a.log[other] = append(a.log[other], word(3))
		if n := listen(c); n.chunks != [2]int{1, 0} || n.full > 0 {
			t.Errorf("device %d: they say %+v of what one has from another", device, n)
		}
		settled(t, c, true)
	}
}

func TestARestoredPeerIsToldAllAndNothingIsShut(t *testing.T) {
	for name, lose := range map[string]func(a, b *replica){
		"a backup put back":                func(_, b *replica) { b.life++; b.log = map[stream][][]byte{} },
		"a backup put back that holds all": func(_, b *replica) { b.life++ },
		"a copy of the old disk": func(a, b *replica) {
			b.log[a.own(village)] = b.log[a.own(village)][:5]
		},
		"its memory":      func(_, b *replica) { clear(b.recalls) },
		"the other's too": func(a, b *replica) { clear(a.recalls); clear(b.recalls) },
	} {
		a, b, c := acquainted(t, hub)
		c.remember()
		c.side = [2]*Session{}
		lose(a, b)
		a.write(village, 40)
		n := listen(c)
		settled(t, c, true)
		if last := a.met[len(a.met)-1]; last.Epoch != b.life+1 {
			t.Errorf("%s: the peer is taken to speak from life %d of its store, it is %d", name, last.Epoch, b.life+1)
		}
		if len(b.lacks(a, a.entitled)) > 0 || len(a.lacks(b, b.entitled)) > 0 || len(a.refused)+len(b.refused) > 0 || n.full == 0 {
			t.Errorf("%s: %+v, missing %v and %v, refused %v %v", name, n, b.lacks(a, a.entitled), a.lacks(b, b.entitled), a.refused, b.refused)
		}
		if n := listen(c); n.full > 0 || n.trips != 1 {
			t.Errorf("%s: afterwards they say %+v", name, n)
		}
	}
}

func TestACutBeforeOneOfThemKnowsCostsNoGreetingInFull(t *testing.T) {
	for cut := range 8 {
		a, b, c := acquainted(t, hub)
		listen(c)
		a.write(village, 40)
		b.write(street, 40)
		c.open()
		for i := range cut {
			c.deliver(1 - i%2)
		}
		n := listen(c)
		if settled(t, c, true); n.full > 0 {
			t.Errorf("cut after %d messages, %d greetings tell all", cut, n.full)
		}
		if n := listen(c); n.trips != 1 || n.full > 0 {
			t.Errorf("cut after %d messages, at last they say %+v", cut, n)
		}
	}
}

// A replica of the hub may lag behind the one that took the work.
func TestAPeerThatLacksWhatItWasTakenToHoldShutsNoStream(t *testing.T) {
	a, b, c := acquainted(t, hub)
	a.write(village, 40)
	a.Reached([]wire.Mark{{Space: village, Writer: a.own(village).writer, Seq: 21, Level: wire.AtCounty}})
	a.write(village, 40)
	n := listen(c)
	settled(t, c, true)
	if len(b.lacks(a, a.entitled)) > 0 || len(a.refused) > 0 || n.chunks[0] != 2 {
		t.Errorf("missing %v, refused %v, %+v", b.lacks(a, a.entitled), a.refused, n)
	}
}

func TestNobodyNamesAGroundOutOfTurn(t *testing.T) {
	a, b, c := acquainted(t, hub)
	listen(c)
	strange := wire.Hello{Protocol: wire.Protocol, County: county, Device: hub, Grounds: []wire.GroundName{{7}}}
	opener := New(sideOf(a, b, true), a)
	opener.Start()
	if out, err := opener.Step(strange); err == nil {
		t.Errorf("a ground that it was not told of is answered with %v", out)
	}
	strange.Device = 1
	answerer := New(sideOf(b, a, false), b)
	if out, err := answerer.Step(strange); err != nil || len(out) != 1 {
		t.Errorf("a ground that is unknown here is answered with %v, %v", out, err)
	}
	if out, err := answerer.Step(strange); err == nil {
		t.Errorf("a second one is answered with %v", out)
	}
}

func TestNoGroundIsMadeOfWhatOneOfThemLacks(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(hub, town...)
	b.refuses[a.own(notes)] = "no"
	a.write(notes, 10)
	a.write(village, 10)
	c := meet(t, a, b)
	c.finish()
	for i, s := range c.side {
		if got := s.Grounds(); len(got) > 0 {
			t.Errorf("side %d would remember %v", i, got)
		}
	}
}

// busy is a replica into which others write while a side looks at it.
type busy struct {
	*replica
	meanwhile func()
}

func (b *busy) Prints(about func(crdt.Space) bool) map[crdt.Space]wire.Hash {
	defer b.meanwhile()
	return b.replica.Prints(about)
}

func TestWhatComesWhileAGroundIsMadeIsNotInIt(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(hub, town...)
	a.write(village, 10)
	looks, at := 0, 0
	log := &busy{a, func() {
		if looks++; looks == at {
			a.log[stream{street, 77}] = [][]byte{word(1)}
		}
	}}
	for at = 1; at < 9; at++ {
		looks = 0
		delete(a.log, stream{street, 77})
		delete(b.log, stream{street, 77})
		c := &talk{t: t, at: [2]*replica{a, b}}
		c.side = [2]*Session{New(sideOf(a, b, true), log), New(sideOf(b, a, false), b)}
		c.say(0, c.side[0].Start(), nil)
		c.finish()
		for _, g := range c.side[0].Grounds() {
			if g.Holds[street][77] > uint64(len(b.log[stream{street, 77}])) {
				t.Errorf("written into at look %d, the ground has what the peer lacks", at)
			}
		}
	}
}

// comparing is a replica that compares streams, and settles nothing.
type comparing struct{ *replica }

func (c comparing) Tag(sp crdt.Space, w crdt.Writer, seq uint64) wire.Tag {
	return c.chain(stream{sp, w}, seq).Tag()
}
func (c comparing) Doubt(sp crdt.Space, w crdt.Writer) (wire.Doubt, bool) {
	return wire.Doubt{Space: sp, Writer: w, Seq: uint64(len(c.log[stream{sp, w}]))}, true
}
func (comparing) Agreed(wire.Doubt) uint64                  { return 0 }
func (comparing) Tell() []wire.Message                      { return nil }
func (comparing) Hear(wire.Message) ([]wire.Message, error) { return nil, nil }

// doubting lets two that compare streams greet each other, and returns what b greets with and
// what a says to that.
func doubting(t *testing.T, a, b *replica) (wire.Hello, []wire.Message) {
	t.Helper()
	one, two := sideOf(a, b, true), sideOf(b, a, false)
	one.Forks, two.Forks = comparing{a}, comparing{b}
	opener, answerer := New(one, a), New(two, b)
	greeting, err := answerer.Step(opener.Start()[0])
	if err != nil {
		t.Fatal(err)
	}
	out, err := opener.Step(greeting[0])
	if err != nil {
		t.Fatal(err)
	}
	return greeting[0].(wire.Hello), out
}

func TestAForkBehindWhatIsRememberedIsDoubted(t *testing.T) {
	a, b, c := acquainted(t, hub)
	c.remember()
	other := stream{notes, crdt.NewWriter(7, 0)}
	a.log[other] = append(a.log[other], word(8))
	b.log[other] = append(b.log[other], word(9))
	hello, out := doubting(t, a, b)
	if len(hello.Grounds) != 1 {
		t.Fatalf("answered %v", hello)
	}
	if d, ok := out[0].(wire.Doubt); !ok || d.Writer != other.writer {
		t.Errorf("two branches behind what both remember are answered with %v", out)
	}
}

func TestDoubtsAreSaidInTheOrderOfTheirSpacesInEveryRun(t *testing.T) {
	for range 20 { // of six orders of three spaces a map would give all
		a, b := newReplica(1, town...), newReplica(2, town...)
		for _, sp := range town {
			other := stream{sp, crdt.NewWriter(7, 0)}
			a.log[other] = append(a.log[other], word(8))
			b.log[other] = append(b.log[other], word(9))
		}
		_, out := doubting(t, a, b)
		var doubted []crdt.Space
		for _, m := range out {
			if d, ok := m.(wire.Doubt); ok {
				doubted = append(doubted, d.Space)
			}
		}
		if len(doubted) != len(town) || !slices.IsSortedFunc(doubted, crdt.Space.Compare) {
			t.Fatalf("doubted %v", doubted)
		}
	}
}
