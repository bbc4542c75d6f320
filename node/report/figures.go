package report

import (
	"sync"

	"wangge/crdt"
	"wangge/schema"
)

// Figures holds every report of every kind, counted beforehand as far as that is
// worth its room. A changed record is taken out of what it was counted in and put
// into what it now belongs to, so a report never reads records. Its methods may be
// called from any goroutine.
type Figures struct {
	registry   *schema.Registry
	rolledFrom int // rows

	mu      sync.Mutex // guards what follows
	changes uint64     // since the program began
	facts   map[string]*facts
	looks   map[string][]lookOf // of the kinds at which conditions look through a link
	twins   twins
	stale   bool // which records are one may be otherwise than it was when it was last found out
}

// lookOf is a condition and the report whose it is.
type lookOf struct {
	tally *tally
	look  *look
}

// New returns empty figures of a registry's reports.
func New(registry *schema.Registry) *Figures {
	f := &Figures{registry: registry, rolledFrom: rolledFrom}
	f.Reset()
	return f
}

// Reset forgets everything, before the records are counted anew.
func (f *Figures) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.facts, f.looks, f.stale = map[string]*facts{}, map[string][]lookOf{}, false
	f.twins = newTwins()
	kinds := f.registry.Kinds()
	for i := range kinds {
		k := &kinds[i]
		fs := newFacts(k, f.rolledFrom)
		for j := range k.Reports {
			if !counts(&k.Reports[j]) {
				continue
			}
			t := newTally(fs, &k.Reports[j], f.registry)
			fs.tallies = append(fs.tallies, t)
			for _, l := range t.looks {
				f.looks[l.to.Name] = append(f.looks[l.to.Name], lookOf{t, l})
			}
		}
		if len(fs.tallies) > 0 {
			f.facts[k.Name] = fs
		}
	}
}

// counts reports whether a report counts records itself, and is not made of others.
func counts(r *schema.Report) bool { return r.Count != schema.Ratio && !r.Compares() }

// Change makes of a record what it is now. before is what it was, the zero record if
// it is new.
func (f *Figures) Change(id crdt.RecordID, before, after crdt.Record) {
	before, after = f.registry.Calculate(before), f.registry.Calculate(after)
	after = calculated(f.registry, after)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
	for _, l := range f.looks[after.Kind] {
		l.tally.see(l.look, id, after)
	}
	if fs := f.facts[after.Kind]; fs != nil {
		fresh := fs.put(id, after)
		f.stale = f.stale || fresh && len(f.twins.same) > 0
	}
	if before.Kind != after.Kind { // of two kinds that claim one record the first is taken
		for _, l := range f.looks[before.Kind] {
			l.tally.see(l.look, id, after)
		}
		if fs := f.facts[before.Kind]; fs != nil {
			fs.put(id, after)
		}
	}
	f.stale = f.twins.change(id, after) || f.stale
}

// Changes returns how many changes were told, so that who recounts records knows whether
// there were any meanwhile.
func (f *Figures) Changes() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changes
}

// Ready counts beforehand what questions will be about, after the records were all
// told by Change, so that the first question is answered as quickly as the next.
func (f *Figures) Ready() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.prepare()
}

// prepare finds out what changes have left open: which records are one, and what has
// grown so much that it is to be rolled up, or anew.
func (f *Figures) prepare() {
	for _, fs := range f.facts {
		f.stale = fs.roll() || f.stale
	}
	f.settle()
}

// roll counts a kind beforehand where that was not done, or when there was half as much.
// It reports whether members have new numbers.
func (fs *facts) roll() (renumbered bool) {
	for _, t := range fs.tallies {
		if !t.rolls() || t.count < 2*t.rolled {
			continue
		}
		if t.day != nil && !renumbered {
			fs.order(t.day)
			renumbered = true
		}
	}
	for _, t := range fs.tallies {
		if t.rolls() && (renumbered || t.count >= 2*t.rolled) {
			t.roll()
		}
		if t.rolls() && t.day != nil {
			fs.block(t.day)
		}
	}
	return renumbered
}
