package sim

import (
	"maps"
	"math"
	"slices"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/sync/wire"
)

// roundsMax is after how many rounds of calls a healed county must be at rest.
const roundsMax = 8

// rest heals the county, and checks that it comes to rest and is whole.
func (w *World) rest() {
	if w.report.Violation != nil {
		return
	}
	w.heal()
	w.stay()
	for round := 1; w.report.Violation == nil; round++ {
		w.note("round %d", round)
		for i, m := range w.machines[replicas:] {
			w.call(m, w.county.replicas[(i+round)%replicas], true)
			w.trade(m, w.county.replicas[(i+round)%replicas])
			w.run(math.MaxInt64)
		}
		for i, r := range w.county.replicas {
			w.trade(r, w.county.replicas[(i+1)%replicas])
		}
		w.run(math.MaxInt64)
		if w.report.Violation != nil {
			return
		}
		why := w.unsettled()
		if why == "" {
			break
		}
		if round == roundsMax {
			w.violated("I8", "the county is not at rest after %d rounds: %s", round, why)
			return
		}
	}
	w.look()
	w.whole()
}

// heal mends disks, links and clocks, and starts who is down. Conversations go on.
func (w *World) heal() {
	w.note("all is healed")
	w.healed = true
	clear(w.severed)
	w.untrade("healed", func(*trade) bool { return true })
	for _, m := range w.machines {
		m.failing, m.dial = failing{}, dial{}
		m.start()
	}
	w.now += 3_600_000
	w.county.elect(w)
	for _, r := range w.county.replicas {
		w.county.catchUp(r)
	}
	w.run(math.MaxInt64)
}

// unsettled says why the county is not at rest, or "".
func (w *World) unsettled() string {
	truth := w.county.truth()
	if truth == nil {
		return "no replica has applied all that was committed"
	}
	whole := digests(truth.store)
	for _, m := range w.machines {
		if n := m.store.Waiting(); n > 0 {
			return m.name + " has work that the county is not known to have"
		}
		if m.party().Leaving() {
			return m.name + " still holds what it may hold no more"
		}
		for s, d := range digests(m.store) {
			if (m.isHub() || m.mayHold(s)) && d != whole[s] {
				return m.name + " shows " + s.String() + " otherwise than the county"
			}
		}
		for s := range whole {
			if _, ok := digests(m.store)[s]; !ok && (m.isHub() || m.mayHold(s)) {
				return m.name + " lacks " + s.String()
			}
		}
		if why := w.missing(m); why != "" {
			return why
		}
		if why := w.owes(m); why != "" {
			return why
		}
	}
	return ""
}

func digests(s *store.Store) map[crdt.Space]store.Digest {
	all := map[crdt.Space]store.Digest{}
	for _, sp := range s.Spaces() {
		if sp.Batches > 0 {
			all[sp.Space] = sp.Digest
		}
	}
	return all
}

// whole checks what must hold of a county at rest.
func (w *World) whole() {
	truth := w.county.truth()
	w.everything(truth)
	w.folded(truth)
	w.accounts(truth)
	w.unforged()
	for _, r := range w.county.replicas {
		w.counted(r)
	}
	for _, m := range w.machines {
		if w.report.Violation == nil {
			w.verified(m)
		}
	}
}

// everything checks that the county has every work that was not lost with a disk.
func (w *World) everything(truth *Machine) {
	w.search()
	batches := map[string]bool{}
	for s, f := range truth.frontiers() {
		for _, writer := range f.Writers() {
			w.each(truth, s, writer, func(_ uint64, b []byte) { batches[string(b)] = true })
		}
	}
	for _, k := range w.works {
		if !k.lost && !batches[k.batch] {
			w.violated("I1", "the county never got %s", k)
		}
	}
}

// each reads a stream.
func (w *World) each(m *Machine, s crdt.Space, writer crdt.Writer, do func(seq uint64, b []byte)) {
	for after := uint64(0); ; {
		run, ok, err := m.store.Run(s, writer, after, 1<<18)
		if err != nil {
			w.violated("I3", "%s cannot read %s of %s: %v", m, s, writer, err)
		}
		if !ok || err != nil {
			return
		}
		for i, b := range run.Batches {
			do(run.First+uint64(i), b)
		}
		after = run.Last()
	}
}

// folded holds the county's records against a fold that knows nothing of order,
// kills and merge types: what is written and replaced by nobody is shown.
func (w *World) folded(truth *Machine) {
	if w.cloned { // the names of arms' dots are the store's to give
		return
	}
	for s, f := range truth.frontiers() {
		shown, gone := map[crdt.Dot]crdt.Op{}, map[crdt.Dot]bool{}
		for _, writer := range f.Writers() {
			w.each(truth, s, writer, func(seq uint64, b []byte) {
				batch, err := wire.DecodeBatch(b)
				if err != nil {
					w.violated("I3", "batch %d of %s in %s cannot be read: %v", seq, writer, s, err)
				}
				for i, op := range batch.Ops {
					if lied(op.Record) { // arms' dots are the store's to name
						continue
					}
					if op.Value != "" {
						shown[crdt.Dot{Writer: writer, Seq: seq, Index: uint32(i)}] = op
					}
					for _, d := range op.Replaces {
						gone[d] = true
					}
				}
			})
		}
		maps.DeleteFunc(shown, func(d crdt.Dot, _ crdt.Op) bool { return gone[d] })
		w.same(truth, s, shown)
	}
}

// same holds a space's records against the ops that are to be shown.
func (w *World) same(m *Machine, s crdt.Space, shown map[crdt.Dot]crdt.Op) {
	err := m.store.Walk(func(l store.Listed) bool {
		if l.Space != s || lied(l.ID) {
			return true
		}
		if shows := w.parts.Shows; shows != nil {
			l.Record = shows(l.Record)
		}
		for field, cell := range l.Record.Cells {
			for _, e := range cell.Entries {
				op, ok := shown[e.Dot]
				if !ok || op.Record != l.ID || op.Field != field || op.Value != e.Value {
					w.violated("I2", "%s shows %s in record %s, which the fold does not", m, e.Dot, l.ID)
				}
				delete(shown, e.Dot)
			}
		}
		return true
	})
	if err != nil || len(shown) > 0 {
		w.violated("I2", "%s does not show %d values of %s that the fold shows: %v", m, len(shown), s, err)
	}
}

// accounts checks that nobody spent what they had no right to; of a copied device
// it must be shown.
func (w *World) accounts(truth *Machine) {
	truth.store.Walk(func(l store.Listed) bool {
		for _, cell := range l.Record.Cells {
			if cell.Type != crdt.Bounded {
				continue
			}
			ledger := cell.Ledger()
			if overdrawn := slices.ContainsFunc(ledger, func(h crdt.Holder) bool { return h.Overdrawn() > 0 && h.Writer.Device() != w.liar.id.Device.Index }); overdrawn && !w.cloned {
				w.violated("I5", "an account of record %s is overdrawn", l.ID)
			}
			if ledger.Balance() < 0 && !w.cloned {
				w.violated("I5", "record %s has a balance of %d", l.ID, ledger.Balance())
			}
		}
		return true
	})
}

// counted holds a replica's figures against a recount.
func (w *World) counted(m *Machine) {
	again := report.New(w.cast.kinds)
	m.store.Walk(func(l store.Listed) bool {
		again.Change(l.ID, crdt.Record{}, l.Record)
		return true
	})
	for _, q := range []report.Query{
		{Report: "grid_visit.visits", By: []string{"area:12", "status"}}, {Report: "grid_visit.households"},
		{Report: "grid_visit.open_matters", By: []string{"day"}},
	} {
		a, err := m.figures.Answer(q)
		b, err2 := again.Answer(q)
		if err != nil || err2 != nil || !sameTable(a, b) {
			w.violated("figures", "%s answers %s with %d, a recount with %d: %v %v", m, q.Report, a.Total, b.Total, err, err2)
		}
	}
}

func sameTable(a, b report.Table) bool {
	return a.Total == b.Total && slices.EqualFunc(a.Rows, b.Rows, func(x, y report.Row) bool {
		return x.Count == y.Count && slices.Equal(x.Keys, y.Keys)
	})
}

// verified closes a machine's store and has all of its file judged.
func (w *World) verified(m *Machine) {
	err := m.store.Close()
	m.store = nil
	if err != nil {
		w.violated("I3", "closing %s: %v", m, err)
		return
	}
	if spoils := w.parts.Spoils; spoils != nil {
		spoils(m.path())
	}
	found, err := store.Verify(m.options(), nil)
	if err != nil || len(found.Faults) > 0 {
		w.violated("I3", "the file of %s is not sound: %+v %v", m, found.Faults, err)
	}
}
