package freight

import (
	"cmp"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"wangge/sync/wire"
)

// What of a file is not taken, or not given, is known at both machines, since their
// start: it is tried again after one.

// Way says at which end of a decline this machine is.
type Way byte

const (
	Brought Way = iota // a device sent it, and this machine did not take it
	Sent               // this machine sent it, and a device did not take it
	Sought             // a device asked for what its certificate does not cover
)

// declineOf is what was declined. The zero root is no file's: what a device said could
// not be read.
type declineOf struct {
	way    Way
	device uint32
	root   wire.Hash
}

// declined is why, and since when.
type declined struct {
	why    wire.Why
	reason string
	at     time.Time // first
	last   time.Time
	times  int
	// carried says that a letter told of it: it stands until the next one does not.
	carried bool
}

// declines are those that stand. The freight's mu guards them.
type declines map[declineOf]declined

const (
	// declinesMax bounds those of one device: its oldest are forgotten. One that says of
	// everything that it does not take it must not hide what is told of others.
	declinesMax = 500
	// declinedFor is how long one stands of which nothing was heard again: what is not
	// taken is tried again while the two meet, and who gives does not learn that the
	// file came from elsewhere.
	declinedFor = 24 * time.Hour
	// roomyAfter is how long a file of which the disk took nothing stands, once it takes
	// others: should it be the file's fault alone, it was tried again by then.
	roomyAfter = 3 * time.Minute
)

func (d declines) note(of declineOf, why wire.Why, reason string) {
	is := d[of]
	if is.times++; is.times == 1 {
		is.at = time.Now()
	}
	is.why, is.reason, is.last = why, reason, time.Now()
	d[of] = is
	var same []declineOf
	for o := range d {
		if o.device == of.device {
			same = append(same, o)
		}
	}
	if len(same) > declinesMax {
		delete(d, slices.MinFunc(same, func(a, b declineOf) int { return d[a].last.Compare(d[b].last) }))
	}
}

// carry takes what a device's latest letter says that it did not take, of files of which
// something may have been given from here.
func (d declines) carry(device uint32, words []wire.FileWord, gave func(root wire.Hash) bool) {
	stands := map[wire.Hash]bool{}
	for _, m := range words {
		if said, ok := m.(wire.Decline); ok && gave(said.Root) {
			of := declineOf{Sent, device, said.Root}
			d.note(of, said.Why, said.Reason)
			if is, kept := d[of]; kept {
				is.carried = true
				d[of], stands[said.Root] = is, true
			}
		}
	}
	maps.DeleteFunc(d, func(of declineOf, is declined) bool {
		return of.way == Sent && of.device == device && is.carried && !stands[of.root]
	})
}

// roomy notes that the disk took something.
func (d declines) roomy(now time.Time) {
	maps.DeleteFunc(d, func(of declineOf, is declined) bool {
		return of.way == Brought && is.why == wire.WhyRoom && now.Sub(is.last) > roomyAfter
	})
}

// Declined notes that what a device sent of a file was not taken.
func (k keeper) Declined(device uint32, d wire.Decline) {
	k.declines.note(declineOf{Brought, device, d.Root}, d.Why, d.Reason)
	k.host.Log.Warn("what came of a file was not taken", "peer", device, "file", hex.EncodeToString(d.Root[:8]), "why", d.Why, "reason", d.Reason)
}

// garbled notes that what a device said in an exchange could not be read, which ended it.
func (f *Freight) garbled(device uint32, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.declines.note(declineOf{Brought, device, wire.Hash{}}, wire.WhyDamaged, err.Error())
}

// answered notes at who gives what the asker did with a file.
func (f *Freight) answered(peer uint32, m wire.FileWord) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch m := m.(type) {
	case wire.Decline:
		if f.gave(m.Root) {
			f.declines.note(declineOf{Sent, peer, m.Root}, m.Why, m.Reason)
		}
	case wire.Stock:
		if m.Whole { // nothing more is wanted
			delete(f.declines, declineOf{Sent, peer, m.Root})
		}
	}
}

// gave reports whether a file may have been given from here: of others nobody can
// decline anything.
func (f *Freight) gave(root wire.Hash) bool {
	held, err := f.host.Store.Files().Pieces(root)
	return err == nil && slices.Contains(held, true)
}

// uncovered notes that a device asks for a file, and that no record which refers to it
// is its business; or that it is no such device. Before a record has come nobody knows.
func (f *Freight) uncovered(device uint32, root wire.Hash, is bool) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	of := declineOf{Sought, device, root}
	if is {
		f.declines.note(of, wire.WhyRights, "no space of its certificate has a record that refers to it")
	} else {
		delete(f.declines, of)
	}
}

// Decline is a file that is declined still.
type Decline struct {
	Way    Way
	Device uint32    // the other machine
	Root   wire.Hash // zero where what the device said could not be read
	Why    wire.Why
	Reason string
	At     time.Time // first
	Times  int
	Alone  bool // it is looked for, and nobody else is known to have any of it
}

// Declines returns what is declined still, in order of way, device and file. A file that
// came after all is one of which a person need not know, but for who sent something else.
func (f *Freight) Declines() (all []Decline) {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	lacks := map[wire.Hash]bool{}
	for name := range f.lacks {
		lacks[name.root] = true
	}
	maps.DeleteFunc(f.declines, func(of declineOf, is declined) bool {
		if lacks[of.root] && of.way == Brought {
			return false
		}
		return of.way == Brought && is.why == wire.WhyRoom || !is.carried && time.Since(is.last) > declinedFor
	})
	alone := f.alone()
	for of, is := range f.declines {
		all = append(all, Decline{of.way, of.device, of.root, is.why, is.reason, is.at, is.times, alone[of.root]})
	}
	slices.SortFunc(all, func(a, b Decline) int {
		return cmp.Or(cmp.Compare(a.Way, b.Way), cmp.Compare(a.Device, b.Device), slices.Compare(a.Root[:], b.Root[:]))
	})
	return all
}

// alone returns the files that are looked for, of which nobody has any but who sent
// something else. f.mu is held.
func (f *Freight) alone() map[wire.Hash]bool {
	alone := map[wire.Hash]bool{}
	for _, so := range f.seeker.Sought() {
		others := slices.ContainsFunc(so.At, func(d uint32) bool {
			_, shut := f.declines[declineOf{Brought, d, so.Root}]
			return !shut
		})
		was, known := alone[so.Root]
		alone[so.Root] = !others && (was || !known)
	}
	return alone
}
