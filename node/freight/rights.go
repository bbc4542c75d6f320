package freight

import (
	"slices"
	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/wire"
)

// mayTrade reports whether a device may be asked for a file: it is entitled to a
// record that refers to it, as the hub is to all, or wrote that it has it. Of what
// this machine may hold no more, or only wrote, nobody would give it anything. The hub
// also asks who greeted with a space that its certificate names no more: what it keeps
// there until the county has it may be nowhere else.
func (f *Freight) mayTrade(peer policy.Device, l *lacking) bool {
	if !slices.ContainsFunc(l.spaces, f.host.Self.MayHold) {
		return false
	}
	return peer.Role == policy.Hub || l.authors[peer.Index] || slices.ContainsFunc(l.spaces, f.shares(peer)) ||
		f.host.hub() && f.host.Peers.Greeted(peer.Index, l.spaces)
}

// shares returns which spaces are another box's business too: those that both hold.
func (f *Freight) shares(peer policy.Device) func(crdt.Space) bool {
	me := f.host.Self
	return func(s crdt.Space) bool { return me.MayHold(s) && peer.MayHold(s) }
}

// entitled reports whether a record refers to a file in a space that is a peer's business too.
func (f *Freight) entitled(peer policy.Device, root wire.Hash) (is bool) {
	shares := f.shares(peer)
	err := f.host.Store.Referring(root, func(w store.Wanted) bool { is = shares(w.Space); return !is })
	return is && err == nil
}

// mayHave returns which files a peer may have: those to which a record refers in a
// space that it is entitled to. Their names alone give nobody a right. The hub is entitled to
// all, and may be the only one that still has the record: this machine's store can have lost it,
// with the photo on its disk.
func (f *Freight) mayHave(peer policy.Device) func(root wire.Hash) bool {
	if peer.Role == policy.Hub {
		return func(wire.Hash) bool { return true }
	}
	shares := f.shares(peer)
	return func(root wire.Hash) (may bool) {
		named, entitled := false, false
		err := f.host.Store.Referring(root, func(w store.Wanted) bool {
			named, entitled, may = true, entitled || peer.MayHold(w.Space), shares(w.Space)
			return !may
		})
		f.uncovered(peer.Index, root, named && !entitled)
		return may && err == nil
	}
}
