package freight

import (
	"maps"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// absentMax bounds how many of the missing files an account names.
const absentMax = 20

// Account is what is to come to this machine.
type Account struct {
	Missing  int   // files
	Previews int   // of them
	Left     int64 // bytes of them that are not here
	Absent   []Absent
	False    map[uint32]int // how often a device sent what is not what it is said to be
}

// Absent is a file that is to come.
type Absent struct {
	Root       wire.Hash
	Size, Left int64 // bytes, and how many of them are not here
	Preview    bool
	Space      crdt.Space    // of a record that refers to it
	Record     crdt.RecordID // that record
	Since      time.Time     // when it was first found to be lacking
	Wrote      []uint32      // devices that wrote that they have it
	Holders    []uint32      // devices that said so now
}

// Account says what is to come and from whom.
func (f *Freight) Account() (a Account) {
	if f == nil {
		return a
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, so := range f.seeker.Sought() {
		l := f.lacks[fileName{so.Root, so.Size}]
		if l == nil {
			continue
		}
		a.Missing++
		a.Left += so.Left
		if l.preview {
			a.Previews++
		}
		if len(a.Absent) < absentMax {
			a.Absent = append(a.Absent, Absent{
				Root: so.Root, Size: so.Size, Left: so.Left, Preview: l.preview, Space: l.spaces[0], Record: l.record,
				Since: l.since, Wrote: slices.Sorted(maps.Keys(l.authors)), Holders: so.At,
			})
		}
	}
	a.False = map[uint32]int{}
	for of, is := range f.declines {
		if of.way == Brought && is.why != wire.WhyRoom {
			a.False[of.device] += is.times
		}
	}
	return a
}
