package link

import (
	"testing"
	"time"
)

func TestEachFailedDialPutsTheNextOffForLonger(t *testing.T) {
	p, now := &peer{}, time.Now()
	for failure, most := range []time.Duration{200, 400, 800, 1600, 3200, 5000, 5000, 5000} {
		p.failed(now)
		most *= time.Millisecond
		if wait := p.retry.Sub(now); wait < most/2 || wait > most {
			t.Errorf("failure %d: next dial in %v, want %v to %v", failure+1, wait, most/2, most)
		}
	}
	p.failures = 1 << 40
	if p.failed(now); p.retry.Sub(now) > backOffMax {
		t.Error("the wait has no bound")
	}
}
