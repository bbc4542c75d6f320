package freight

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/wake"
	"wangge/sync/wire"
)

// A photo is at the county when most of the hub's replicas have read their copy to
// the last byte. A box asks the replica that it talks to, which asks the others, and
// keeps the answer with its records; until then it owes the file (store.Owed).

const (
	// receiptsMin and receiptsMax are the pauses between two questions about files that
	// most replicas did not have yet: they may come to them from anywhere, and nobody
	// tells this box then.
	receiptsMin, receiptsMax = time.Second, 2 * time.Minute
	// receiptsAll is how often the county is asked about all that is owed: others may
	// have brought it.
	receiptsAll = 10 * time.Minute
	// unaskedMax bounds the files of others that one question is about.
	unaskedMax = 1000
)

// receipts is what a box knows of the county's word beside what is on its disk. The
// freight's mu guards it.
type receipts struct {
	due    map[wire.Hash]bool // that a replica wants nothing more of, or of which most lacked their copy
	lacks  map[wire.Hash]bool // of which the county has said in this run that it lacks them
	doubts []store.Wanted     // that a replica asks for, so that it does not have them
	fresh  bool               // files of others have come, about which the county was not asked
	all    bool               // everything that is owed is to be asked about
	poke   wake.Bell
}

func newReceipts() receipts {
	return receipts{due: map[wire.Hash]bool{}, lacks: map[wire.Hash]bool{}, fresh: true, all: true, poke: wake.NewBell()}
}

// overhear notes at a box what a replica's word about files tells by the way: it
// lacks what it asks for, and needs nothing more of what it has.
func (f *Freight) overhear(peer uint32, m wire.FileWord) {
	if f.host.hub() || f.host.Peers.Device(peer).Role != policy.Hub {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch m := m.(type) {
	case wire.Stock:
		f.receipts.due[m.Root] = true
		f.receipts.poke.Ring()
	case wire.Ask:
		if !m.Sure && !m.Most && len(m.Pieces) > 0 && len(f.receipts.doubts) < unaskedMax {
			f.receipts.doubts = append(f.receipts.doubts, store.Wanted{Root: m.Root, Size: m.Size})
			f.receipts.poke.Ring()
		}
	}
}

// AskAll has the county asked about all that is owed.
func (f *Freight) AskAll() {
	f.mu.Lock()
	f.receipts.all, f.receipts.fresh = true, true
	f.mu.Unlock()
	f.receipts.poke.Ring()
}

// collect gets the county's receipts for files until ctx ends.
func (f *Freight) collect(ctx context.Context) error {
	all := time.NewTicker(receiptsAll)
	defer all.Stop()
	pause := receiptsMin
	for {
		var again <-chan time.Time
		if f.owesDue() {
			again = time.After(pause)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-all.C:
			f.AskAll()
			continue
		case <-again:
			pause = min(2*pause, receiptsMax)
		case <-f.receipts.poke:
			pause = receiptsMin
			wake.Rest(ctx, gatherPause)
		}
		if err := f.settle(ctx); err != nil && ctx.Err() == nil {
			f.host.Log.Info("the county could not be asked which files it has", "reason", err)
		}
	}
}

func (f *Freight) owesDue() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.receipts.due) > 0 && f.replica() != 0
}

// replica returns the replica that this box talks to, 0 for none.
func (f *Freight) replica() uint32 {
	for _, d := range f.host.Replicas {
		if f.host.Peers.Talking(d) {
			return d
		}
	}
	return 0
}

// settle asks about what there is to ask about, and notes the answers.
func (f *Freight) settle(ctx context.Context) error {
	f.mu.Lock()
	doubts, due, replica := f.receipts.doubts, maps.Clone(f.receipts.due), f.replica()
	all, fresh := f.receipts.all, f.receipts.fresh
	f.receipts.doubts = nil
	if replica != 0 {
		f.receipts.all, f.receipts.fresh = false, false
	}
	f.mu.Unlock()
	if err := f.doubt(doubts); err != nil || replica == 0 {
		return err
	}
	files, err := f.questions(due, all)
	if fresh && err == nil {
		files, err = f.unasked(files)
	}
	for some := range slices.Chunk(files, ProvenMax) {
		if err == nil {
			err = f.question(ctx, replica, some)
		}
	}
	if err != nil { // once it is talked to again
		f.mu.Lock()
		f.receipts.all, f.receipts.fresh = f.receipts.all || all, f.receipts.fresh || fresh
		f.mu.Unlock()
	}
	return err
}

// doubt takes back that the county has files for which a replica asks.
func (f *Freight) doubt(files []store.Wanted) error {
	files = slices.DeleteFunc(files, func(w store.Wanted) bool { return !f.host.Store.Confirmed(w.Root, w.Size) })
	if len(files) == 0 {
		return nil
	}
	f.mu.Lock()
	for _, w := range files {
		f.receipts.due[w.Root] = true
	}
	f.mu.Unlock()
	return f.host.Store.Answered(nil, files, time.Now())
}

// unasked adds others' files of which nothing is known.
func (f *Freight) unasked(files []store.Wanted) ([]store.Wanted, error) {
	more, err := f.host.Store.Unasked(unaskedMax)
	if len(more) == unaskedMax {
		f.mu.Lock()
		f.receipts.fresh = true
		f.mu.Unlock()
		f.receipts.poke.Ring()
	}
	return append(files, more...), err
}

// Lacked reports whether the county has said in this run that it lacks a file.
func (f *Freight) Lacked(root wire.Hash) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.receipts.lacks[root]
}

// questions returns the files to ask about: of those that are owed all, or those that
// came to a replica.
func (f *Freight) questions(due map[wire.Hash]bool, all bool) (files []store.Wanted, err error) {
	owed, err := f.host.Store.Owed()
	if err != nil {
		return nil, err
	}
	still := map[wire.Hash]bool{}
	for _, o := range owed {
		still[o.Root] = true
		if all || due[o.Root] {
			files = append(files, o.Wanted)
		}
	}
	f.mu.Lock()
	for root := range due { // no record refers to it, or it is there already
		if !still[root] {
			delete(f.receipts.due, root)
		}
	}
	maps.DeleteFunc(f.receipts.lacks, func(root wire.Hash, _ bool) bool { return !still[root] })
	f.mu.Unlock()
	return files, nil
}

// question asks a replica about some files.
func (f *Freight) question(ctx context.Context, replica uint32, files []store.Wanted) error {
	asked := make([]store.Spare, len(files))
	for i, w := range files {
		asked[i] = store.Spare{Root: w.Root, Size: w.Size}
	}
	held, err := f.HeldBy(ctx, replica, asked, wire.Ask{Most: true})
	if err != nil {
		return err
	}
	return f.receive(files, held, time.Now())
}

// receive notes what the county said at a moment of the files about which it was asked.
func (f *Freight) receive(files []store.Wanted, held map[wire.Hash]bool, at time.Time) error {
	var has, lacks []store.Wanted
	f.mu.Lock()
	for _, w := range files {
		if held[w.Root] {
			has = append(has, w)
			delete(f.receipts.due, w.Root)
			delete(f.receipts.lacks, w.Root)
		} else {
			lacks = append(lacks, w)
			f.receipts.lacks[w.Root], f.receipts.due[w.Root] = true, true
		}
	}
	f.mu.Unlock()
	return f.host.Store.Answered(has, lacks, at)
}

// put has most replicas asked about a file. Anybody else than a replica has nothing
// to say about that.
func (f *Freight) put(v *giving, m wire.Ask) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !f.host.hub() || len(v.most) >= 2*ProvenMax {
		v.giver.Say(wire.Stock{Root: m.Root, Size: m.Size})
		return nil
	}
	v.most = append(v.most, m)
	v.weigh.Ring()
	return nil
}

// weigh answers what is asked of most replicas, all that was asked meanwhile at once.
func (f *Freight) weigh(ctx context.Context, v *giving) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.weigh:
		}
		v.mu.Lock()
		most := v.most
		v.most = nil
		v.mu.Unlock()
		files := make([]store.Spare, len(most))
		for i, m := range most {
			files[i] = store.Spare{Root: m.Root, Size: m.Size}
		}
		proven, _ := f.Proven(ctx, files)
		v.mu.Lock()
		for _, m := range most {
			v.giver.Say(wire.Stock{Root: m.Root, Size: m.Size, Whole: proven[m.Root]})
		}
		v.mu.Unlock()
		v.poke.Ring()
	}
}
