package wake

import (
	"context"
	"testing"
	"time"
)

// rings reports whether a bell was rung, and takes that.
func rings(b Bell) bool {
	select {
	case <-b:
		return true
	default:
		return false
	}
}

func TestABellRungTwiceRingsOnce(t *testing.T) {
	b := NewBell()
	b.Ring()
	b.Ring()
	if !rings(b) || rings(b) {
		t.Error("it did not ring, or twice")
	}
}

func TestASignalWakesAllWhoWaitAndNobodyElse(t *testing.T) {
	var s Signal
	a, b, gone := s.Subscribe(), s.Subscribe(), s.Subscribe()
	s.Unsubscribe(gone)
	s.Raise()
	s.Raise()
	if !rings(a) || !rings(b) || rings(a) || rings(gone) {
		t.Error("somebody was not woken, was woken twice, or waited no more")
	}
}

func TestARestEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		Rest(t.Context(), time.Minute)
		Rest(ctx, time.Hour)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("rested for %v", took)
		}
	})
}
