package sim

import (
	"slices"

	"wangge/sync/wire"
)

// named checks that whatever a machine refused in a conversation it holds by now, or names
// to whoever looks after it.
func (t *talk) named(end int) {
	m, w := t.ends[end], t.world
	if m.store == nil || m.failing.until > w.now || m.failing.doom > 0 {
		return // a disk that takes nothing keeps no note either
	}
	if m.isHub() && !w.healed {
		return // its note is a commit of the county, which may be lost: it notes it when the stream is offered again
	}
	noted := m.store.Quarantined()
	for _, r := range t.refused[end] {
		same := func(q wire.Quarantine) bool { return q.Mark.Space == r.Mark.Space && q.Mark.Writer == r.Mark.Writer }
		if m.store.Held(r.Mark.Space, r.Mark.Writer) < r.Mark.Seq && !slices.ContainsFunc(noted, same) {
			w.violated("I4", "%s refused %s of %s from %d on, and does not say so", m, r.Mark.Space, r.Mark.Writer, r.Mark.Seq)
		}
	}
}
