package gossip

import (
	"testing"
	"time"
)

func TestAnAbsentBoxIsCalledLessAndLessOften(t *testing.T) {
	book, now := newCallbook(Township()), time.Now()
	calls, last := 0, now
	for end := now.Add(24 * time.Hour); now.Before(end); now = now.Add(time.Minute) {
		if len(book.due([]uint32{7}, false, now)) == 1 {
			calls++
			last = now
		}
	}
	if calls < 24*60/45 || calls > 24*60/18 {
		t.Errorf("%d calls in a day, want one in about 30 minutes", calls)
	}
	if now.Sub(last) > time.Hour {
		t.Errorf("not called for %v", now.Sub(last))
	}
}

func TestABoxThatHasJustGoneIsTheNextToBeCalled(t *testing.T) {
	book, now := newCallbook(Township()), time.Now()
	for range 10 {
		now = now.Add(time.Hour)
		book.due([]uint32{1, 2, 3}, false, now)
	}
	now = now.Add(time.Hour)
	if due := book.due([]uint32{1, 2, 3, 9}, false, now); len(due) != 1 || due[0] != 9 {
		t.Errorf("called are %v", due)
	}
	now = now.Add(time.Hour)
	if due := book.due([]uint32{1, 2, 3, 9}, true, now); len(due) != 3 {
		t.Errorf("a box that is alone calls %v", due)
	}
}

func TestCallsToManyAbsentBoxesShareOneBudget(t *testing.T) {
	book, now := newCallbook(Township()), time.Now()
	absent := make([]uint32, 300)
	for i := range absent {
		absent[i] = uint32(i + 1)
	}
	called := map[uint32]int{}
	count := func(d time.Duration) (n int) {
		for end := now.Add(d); now.Before(end); now = now.Add(time.Minute) {
			for _, device := range book.due(absent, false, now) {
				called[device]++
				n++
			}
		}
		return n
	}
	if n := count(24 * time.Hour); n > 24*60/18 {
		t.Errorf("%d calls on the first day, want about one in 30 minutes", n)
	}
	count(10 * 24 * time.Hour)
	if len(called) != 300 {
		t.Errorf("only %d of 300 were ever called", len(called))
	}
}
