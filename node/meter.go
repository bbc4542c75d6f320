package node

import (
	"sync"
	"time"
)

// meter counts what a metered link has cost since midnight. It forgets when the
// node restarts.
type meter struct {
	mu         sync.Mutex
	day        int // of the year
	sent, took int
}

// budget returns how many bytes a conversation that begins now may send, and take,
// of so many a day: at least one, for 0 would be all.
func (m *meter) budget(daily int, now time.Time) int {
	if daily == 0 {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	return max(1, daily/2-max(m.sent, m.took))
}

// add counts what a conversation has cost.
func (m *meter) add(sent, took int, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	m.sent, m.took = m.sent+sent, m.took+took
}

func (m *meter) turn(now time.Time) {
	if day := now.YearDay(); day != m.day {
		m.day, m.sent, m.took = day, 0, 0
	}
}
