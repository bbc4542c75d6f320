package session

import (
	"testing"

	"wangge/crdt"
)

// backlog gives a replica a little of its own and much of another's.
func backlog() (a, b *replica, others stream) {
	a, b = newReplica(1, town...), newReplica(hub, town...)
	others = stream{street, crdt.NewWriter(7, 0)}
	for n := range 20 {
		visit(a, a.own(village), n)
	}
	for n := range 600 {
		visit(a, others, n)
	}
	return a, b, others
}

func TestABudgetIsKeptAndWhatIsLeftIsSaid(t *testing.T) {
	const budget = chunkSize
	for who := range 2 { // the one that sends, or the one that takes
		a, b, others := backlog()
		c := &talk{t: t, at: [2]*replica{a, b}}
		sides := [2]Side{sideOf(a, b, true), sideOf(b, a, false)}
		sides[who].Budget = budget
		c.side = [2]*Session{New(sides[0], a), New(sides[1], b)}
		c.say(0, c.side[0].Start(), nil)
		c.finish()
		sent, _ := c.side[0].Spent()
		_, taken := c.side[1].Spent()
		if sent != taken || sent > budget+chunkSize/4 || sent < budget/2 {
			t.Errorf("of %d bytes %d were spent and %d taken", budget, sent, taken)
		}
		left := uint64(600 - len(b.log[others]))
		if len(b.log[a.own(village)]) != 20 || left == 0 || left == 600 {
			t.Errorf("%d own batches went and %d of another's stayed", len(b.log[a.own(village)]), left)
		}
		send, receive := c.side[0].Left().Send, c.side[1].Left().Receive
		if send.Batches != receive.Batches || receive.Bytes == 0 || send.Batches != left || send.Bytes < 10*left || send.Bytes > 200*left {
			t.Errorf("%d batches are left; one side says %v, the other %v", left, send, receive)
		}
		settled(t, c, false)
		for i, s := range c.side {
			if !s.Finished() {
				t.Errorf("side %d waits for more", i)
			}
		}
		c.wake(0)
		c.finish()
		c = meet(t, a, b)
		c.finish()
		settled(t, c, true)
		if c.side[0].Left() != (Progress{}) || c.side[1].Left() != (Progress{}) {
			t.Errorf("at the end %v and %v are left", c.side[0].Left(), c.side[1].Left())
		}
	}
}

func TestWhatIsUnderWayIsLeftUntilItIsAnswered(t *testing.T) {
	a, b, _ := backlog()
	c := meet(t, a, b)
	c.deliver(1)
	c.deliver(0)
	if got := c.side[0].Left().Send.Batches; got != 620 {
		t.Errorf("%d batches are left before any answer, want 620", got)
	}
	if got := c.side[1].Left().Receive.Batches; got != 620 {
		t.Errorf("%d batches are to come, want 620", got)
	}
}

func TestAnOfferBeyondTheBudgetIsWithdrawn(t *testing.T) {
	h, box, c := beginner(12)
	meetShelves(t, c, box, h)
	c.side[1].side.Budget = 1
	c.side[1].spending.sent = 1
	c.finish()
	for i, s := range c.side {
		if !s.Quiet() {
			t.Errorf("side %d waits for more", i)
		}
	}
	if left := c.side[0].Left().Receive; left.Batches == 0 || len(c.side[1].offers) > 0 || c.side[1].window != 0 {
		t.Errorf("left are %v, offers %v", left, c.side[1].offers)
	}
}
