package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/wake"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// A device whose certificate names other spaces than before *drains*: what it may
// hold no more it keeps, takes nothing new into, and hands to the county; and it lets go
// of that when the county has shown, since this start, that it holds every batch
// of it. What a box wrote itself for an area that it may write for and not hold
// is no such space, and stays.

// leave is a space that this device no longer may hold.
type leave struct {
	space   crdt.Space
	batches uint64 // that the county is not known to have
	files   int    // that its records refer to, that are here
}

// drained reports whether nothing of a space is here alone. A file is a reason to wait
// for as long as it is here: it is let go of once the county proves to have it (evict).
func (l leave) drained() bool { return l.batches == 0 && l.files == 0 }

// leaving returns the spaces that go, in order.
func (n *node) leaving() (all []leave) {
	if n.isHub() {
		return nil
	}
	here := func(s crdt.Space) bool { return !n.id.Device.MayHold(s) }
	county := n.store.FrontiersAt(here, wire.AtCounty)
	held := n.store.Frontiers(here)
	for _, st := range n.store.Spaces() {
		f := held[st.Space]
		if len(f) == 0 || !n.leaves(st.Space, f) {
			continue
		}
		l := leave{space: st.Space}
		for w, seq := range f {
			l.batches += seq - min(seq, county[st.Space][w])
		}
		all = append(all, l)
	}
	if len(all) > 0 {
		n.countFiles(all)
	}
	return all
}

// leaves reports whether a space that is not for this device holds more than what it
// wrote there for others.
func (n *node) leaves(s crdt.Space, f crdt.Frontier) bool {
	if !n.id.Device.MayWrite(s) {
		return true
	}
	for w := range f {
		if w.Device() != n.id.Device.Index {
			return true
		}
	}
	return false
}

// countFiles counts the files that are here on account of what goes alone: what stays here has the
// others stay too, and dropping a space takes nothing of them.
func (n *node) countFiles(all []leave) {
	of := func(s crdt.Space) int { return slices.IndexFunc(all, func(l leave) bool { return l.space == s }) }
	stays, goes := map[wire.Hash]bool{}, map[wire.Hash][]int{}
	err := n.store.Attached(func(w store.Wanted) bool {
		switch i := of(w.Space); {
		case i < 0:
			stays[w.Root] = true
		case n.store.Files().Has(w.Root, w.Size):
			goes[w.Root] = append(goes[w.Root], i)
		}
		return true
	})
	for root, spaces := range goes {
		if stays[root] {
			continue
		}
		for _, i := range spaces {
			all[i].files++
		}
	}
	if err != nil { // then nothing goes
		for i := range all {
			all[i].files++
		}
	}
}

// leavingSpaces tells a person of what goes, and what it waits for.
func (n *node) leavingSpaces() (all []web.Trouble) {
	for _, l := range n.leaving() {
		detail := fmt.Sprintf("%s: %d batches still to send, %d files here", l.space, l.batches, l.files)
		if n.undropped != nil {
			detail += fmt.Sprintf("; dropping failed and is tried again within %s: %v", departAgain, n.undropped)
		}
		all = append(all, web.Trouble{
			Sort: "leaving", Detail: detail,
			What: schema.Text{
				Zh: fmt.Sprintf("%s 不再归本站管，还有 %d 批内容没有交到县里", n.areaName(l.space.Area), l.batches),
				En: fmt.Sprintf("%s is no longer this box's: %d batches of it are still to send", n.areaName(l.space.Area), l.batches),
			},
			Do: schema.Text{
				Zh: "只能查看，不能修改。接通县里（或者用优盘）交齐以后，会自动从本站移走",
				En: "it can be read and not changed. Once the county has all of it, over the link or on a stick, it goes from here by itself",
			},
		})
	}
	return all
}

const (
	// departEvery is how often a box looks whether a space that goes has drained.
	departEvery = 5 * time.Second
	// departAgain is how long it works on after a drop that failed, as on a full disk,
	// which has no room for the file a second time.
	departAgain = time.Hour
)

// errDeparts ends a run after which drained spaces are dropped and the node begins
// anew.
var errDeparts = errors.New("spaces that this device may hold no more have drained")

// depart waits for a space that goes to drain. It takes the county's word of this
// very start alone, for its levels on file may be those of a hub that was restored since.
func (n *node) depart(ctx context.Context) error {
	if n.undropped != nil {
		wake.Rest(ctx, departAgain)
	}
	tick := time.NewTicker(departEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if drained := n.drained(); len(drained) > 0 && n.store.Heard() != 0 {
			n.log.Info("the county has all of what this box may hold no more: it is dropped", "spaces", drained)
			return errDeparts
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return context.Cause(ctx)
}

// drained returns the spaces that go and keep nothing here waiting.
func (n *node) drained() (names []crdt.Space) {
	for _, l := range n.leaving() {
		if l.drained() {
			names = append(names, l.space)
		}
	}
	return names
}

// drop drops what has drained from a box's file, while nothing else runs.
func (n *node) drop(o store.Options) (err error) {
	if n.store, err = store.Open(o); err != nil {
		return err
	}
	names := n.drained()
	err = n.store.Succeed(names)
	if err = errors.Join(err, n.store.Close()); err != nil || len(names) == 0 {
		return err
	}
	return store.Drop(o, names)
}
