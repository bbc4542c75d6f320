package session

import (
	"slices"
	"testing"

	"wangge/sync/wire"
)

// strange lets b hold another first batch of a's stream in the village, and a
// write after its own.
func strange(a, b *replica) {
	b.log[a.own(village)] = [][]byte{word(9)}
	a.write(village, 10)
	a.write(village, 10)
	a.write(notes, 10)
	a.write(street, 10)
}

func TestAStreamThatDoesNotFitStopsNoOtherOfItsTree(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	strange(a, b)
	c := meet(t, a, b)
	c.finish()
	if len(b.log[a.own(notes)]) != 1 || len(b.log[a.own(street)]) != 1 {
		t.Errorf("sound streams stayed behind: %v", b.lacks(a, a.entitled))
	}
	if len(a.refused) != 1 || a.refused[0].Mark.Space != village || a.refused[0].Reason != unproven {
		t.Errorf("heard %v", a.refused)
	}
	if !slices.Equal(b.keeps, []stream{a.own(village), a.own(notes), a.own(street), a.own(village), a.own(notes), a.own(street)}) {
		t.Errorf("offered were %v: each once leaning and once by itself", b.keeps)
	}
	for i, s := range c.side {
		if !s.Quiet() || s.Settled() || s.window != 0 {
			t.Errorf("side %d: quiet %v, settled %v, %d bytes under way", i, s.Quiet(), s.Settled(), s.window)
		}
	}
	b.keeps = nil
	a.write(notes, 10)
	a.write(street, 10)
	a.write(village, 10)
	c.wake(0)
	c.finish()
	if !slices.Equal(b.keeps, []stream{a.own(notes), a.own(street)}) {
		t.Errorf("afterwards %v", b.keeps)
	}
	if len(c.side[0].faults) != 1 {
		t.Errorf("what was in order in the end is still %v", c.side[0].faults)
	}
}

func TestWhatIsOfferedOnceMoreLeansOnNothing(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	strange(a, b)
	c := meet(t, a, b)
	var alone []bool
	c.observe = func(from int, m wire.Message) {
		if _, ok := m.(wire.Chunk); ok {
			_, err := wire.Decode(c.side[from].Encode(m)) // as one that holds none of the streams
			alone = append(alone, err == nil)
		}
	}
	c.finish()
	if len(alone) < 2 || alone[0] || slices.Contains(alone[1:], false) {
		t.Errorf("chunks that stand by themselves: %v", alone)
	}
}

func TestASecondTryIsSettledWhenItIsTaken(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	a.write(street, 10)
	b.doubts[a.own(village)] = 1
	c := meet(t, a, b)
	c.finish()
	settled(t, c, true)
	if len(a.refused) != 0 || len(b.lacks(a, a.entitled)) != 0 {
		t.Errorf("heard %v, missing %v", a.refused, b.lacks(a, a.entitled))
	}
}

// When the first of many runs is refused, the others under way are refused too,
// for want of it: that is no second strike.
func TestOneStrikeIsNotTakenForTwo(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	for range 100 {
		a.write(village, 4000)
	}
	a.write(street, 10)
	b.doubts[a.own(village)] = 1
	c := meet(t, a, b)
	refusals := 0
	c.observe = func(_ int, m wire.Message) {
		if _, ok := m.(wire.Refusal); ok {
			refusals++
		}
	}
	c.finish()
	settled(t, c, true)
	if refusals < 3 || len(a.refused) != 0 || len(b.log[a.own(village)]) != 100 || c.side[0].window != 0 {
		t.Errorf("%d refusals, heard %v, %d batches arrived, %d bytes under way", refusals, a.refused, len(b.log[a.own(village)]), c.side[0].window)
	}
}

func TestTheSecondStrikeShuts(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	b.doubts[a.own(village)] = 9
	c := meet(t, a, b)
	c.finish()
	settled(t, c, false)
	if len(b.keeps) != 2 || len(a.refused) != 1 {
		t.Errorf("offered %d times, heard %v", len(b.keeps), a.refused)
	}
}

func TestACredentialGoesOnceInAConversation(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	c := meet(t, a, b)
	credentials := 0
	c.observe = func(_ int, m wire.Message) {
		if chunk, ok := m.(wire.Chunk); ok {
			credentials += len(chunk.Credentials)
		}
	}
	c.finish()
	a.write(street, 10)
	c.wake(0)
	c.finish()
	a.write(notes, 10)
	c.wake(0)
	c.finish()
	settled(t, c, true)
	if credentials != 1 {
		t.Errorf("it went %d times for three streams", credentials)
	}
}

// The peer may have thrown the credential away that came with another stream.
func TestAStreamThatIsRefusedWithoutItsCredentialComesWithIt(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(2, town...)
	a.write(village, 10)
	c := meet(t, a, b)
	c.finish()
	b.refuses[a.own(street)] = "nobody vouches for its writer"
	a.write(street, 10)
	var with []int
	c.observe = func(from int, m wire.Message) {
		if chunk, ok := m.(wire.Chunk); ok {
			if with = append(with, len(chunk.Credentials)); len(with) == 2 {
				delete(b.refuses, a.own(street))
			}
		}
	}
	c.wake(0)
	c.finish()
	settled(t, c, true)
	if !slices.Equal(with, []int{0, 1}) || len(a.refused) != 0 {
		t.Errorf("credentials %v, heard %v", with, a.refused)
	}
}
