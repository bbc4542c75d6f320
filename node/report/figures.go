package report

import (
	"slices"
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
	rollStep   int // rows

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
	f := &Figures{registry: registry, rolledFrom: rolledFrom, rollStep: rollStep}
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

// Ready puts the rows of large kinds in order, after the records were all told by Change,
// so that questions find together what they are about. RollUp is still to be called.
func (f *Figures) Ready() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fs := range f.facts {
		if i := slices.IndexFunc(fs.tallies, (*tally).blocked); i >= 0 {
			fs.order(fs.tallies[i].day)
			f.stale = true // members have new numbers
		}
		for _, t := range fs.tallies {
			if t.blocked() {
				fs.block(t.day)
			}
		}
	}
	f.settle()
}

// rollStep is how many rows are rolled up at once: a question or a change waits no longer
// than that takes, a millisecond or a few.
const rollStep = 4096

// RollUp counts beforehand a little of what was not, or has grown to twice as much since,
// and reports whether there is more. Where all is false only what somebody asked about is
// rolled up: while many records come it costs each of them more than it saves. Answers are
// the same before, meanwhile and after, only later.
func (f *Figures) RollUp(all bool) (more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rollUp(all)
}

func (f *Figures) rollUp(all bool) (more bool) {
	for _, fs := range f.facts {
		for _, t := range fs.tallies {
			if t.making != nil || t.due() && (all || t.asked) {
				t.roll(f.rollStep)
				return true
			}
		}
	}
	return false
}
