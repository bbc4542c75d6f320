package store

import (
	"fmt"
	"slices"
)

// Findings is what a look through a whole file came to.
type Findings struct {
	Spaces  int     `json:"spaces"`
	Streams int     `json:"streams"`
	Batches uint64  `json:"batches"` // proven by a signature
	Records uint64  `json:"records"`
	Faults  []Fault `json:"faults"`         // at most faultsMax
	More    int     `json:"more,omitempty"` // faults beyond these
	// Kills counts the records that remember other replaced versions than the log
	// gives. They show the same: a faulty writer leaves that, and one that was copied,
	// by the order in which batches came; or damage does. A repair makes them anew.
	Kills uint64 `json:"kills,omitempty"`

	Files FileFindings `json:"files"`
}

// faultsMax bounds what is told: a destroyed file has a fault a record.
const faultsMax = 200

// Fault is one thing that is not as it was written.
type Fault struct {
	Part   string `json:"part"` // the bucket of FORMAT.md, "file", or "files"
	What   string `json:"what"`
	Remedy Remedy `json:"remedy"`
}

// Remedy says what helps against a fault.
type Remedy string

// The remedies, the best first.
const (
	Rebuild Remedy = "rebuild" // Repair makes it anew from the log; nothing is lost
	Refetch Remedy = "refetch" // Repair keeps what is proven; peers bring the rest again
	Refill  Remedy = "refill"  // Repair takes the file out of use; what is bad of it is fetched again
	Lost    Remedy = "lost"    // as Refetch, but no other machine is known to have what is gone
	Replace Remedy = "replace" // a hub's file is not mended but brought back by the group
)

// Advice is the remedy in words.
func (r Remedy) Advice() string {
	switch r {
	case Rebuild:
		return "wangge verify --repair makes it anew from the log; nothing is lost"
	case Refetch:
		return "wangge verify --repair keeps what is proven; neighbours and the county bring the rest again"
	case Refill:
		return "wangge verify --repair takes it out of use and keeps its good pieces; the rest comes again from a machine that holds the file, or from a backup"
	case Lost:
		return "wangge verify --repair keeps what is proven; restore a backup first if one holds what is gone"
	}
	return "a replica's file must equal the others': move store.db away and start the replica, and its raft log and the group bring it back. If the hub was restored from a backup since, put that backup in its place first: its raft log begins there"
}

// remedies are in order, the worst first.
func remedies() []Remedy { return []Remedy{Replace, Lost, Refetch, Refill, Rebuild} }

// Worst returns the remedy of the worst fault, or "" when there is none.
func (f Findings) Worst() Remedy {
	for _, r := range remedies() {
		if slices.ContainsFunc(f.Faults, func(fault Fault) bool { return fault.Remedy == r }) {
			return r
		}
	}
	return ""
}

// tree reports whether there are faults in the store's file itself, and not only
// in the files beside it: no photo may keep records from being restored.
func (f Findings) tree() bool {
	return f.More > 0 || slices.ContainsFunc(f.Faults, func(fault Fault) bool { return fault.Remedy != Refill })
}

// fault notes what is wrong. A hub's file is a function of what the group
// committed, so nothing may be cut from it.
func (x *examination) fault(part string, r Remedy, format string, args ...any) {
	if x.options.Author == nil && r != Rebuild {
		r = Replace
	}
	x.note(Fault{part, fmt.Sprintf(format, args...), r})
}

func (x *examination) note(fault Fault) {
	if len(x.found.Faults) < faultsMax {
		x.found.Faults = append(x.found.Faults, fault)
		return
	}
	x.found.More++
	if slices.Index(remedies(), fault.Remedy) < slices.Index(remedies(), x.found.Worst()) {
		x.found.Faults[faultsMax-1] = fault // the worst is always told
	}
}

// unreadable notes a damaged page of a bucket.
func (x *examination) unreadable(part string, err error) {
	r := Refetch
	switch part {
	case string(recordBucket), string(recordPackBucket), string(recentBucket), string(attachedBucket):
		r = Rebuild
	case string(streamBucket):
		r, x.headless = Rebuild, true
	case string(logBucket), string(logPackBucket):
		x.holed = true
	case partWhole: // the list of the buckets
		r, x.headless, x.holed = Lost, true, true
	}
	x.fault(part, r, "%v", err)
}
