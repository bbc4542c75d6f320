package consensus

import "io"

// Machine is the state that the replicas hold in common: what it holds is a
// function of the entries that it was given, in order.
//
// Apply, Restore and Applied are called from one goroutine, never two at once.
// Snapshot is called from another, and may overlap with all of them.
type Machine interface {
	// Apply carries out an entry that the group has committed and returns what
	// its proposer is told, at most EntryMax bytes. Indexes rise, with gaps.
	//
	// The answer and the state after it follow from the state before and the
	// entry alone: no clock, no randomness, no order of a map. The entry may
	// be nonsense, and it may be one that was applied before under another
	// index; both are answered, not refused. When Apply returns, the entry's
	// effect is on disk together with its index. A machine that cannot write
	// has to panic: a replica that goes on without its state would vouch for
	// what it does not hold. The entry must not be kept or changed.
	Apply(index uint64, entry []byte) (answer []byte)

	// Applied returns the index of the last entry that is held on disk, 0 when
	// there is none, Founding when there is only what another group left. It is called before anything else, so that entries of an
	// earlier life are not applied again, and after Restore.
	Applied() uint64

	// Snapshot writes a consistent copy of the state, its index included. The
	// copy may be newer than the moment of the call. Entries wait for nothing
	// here: Apply goes on beside it.
	Snapshot(w io.Writer) error

	// Restore replaces the whole state, index included, by one that Snapshot
	// wrote, here or on another replica. A crash leaves the old state or the
	// new, never a mixture; so does an error.
	Restore(r io.Reader) error
}

// Founding is the index up to which a machine stands for the group's log that was given
// the state of a group that is lost: it says so by Applied. Raft itself never gives a machine
// this index, for the first entry is the group's members, and the second a leader's own.
// The log of a group that is founded so begins with a snapshot, and who has nothing gets that.
const Founding = 2

// BatchMachine is a machine that applies several entries at the cost of one,
// such as one fsync. ApplyBatch does what as many calls of Apply would do and
// returns their answers in the same order. It is called instead of Apply.
type BatchMachine interface {
	Machine
	ApplyBatch(indexes []uint64, entries [][]byte) (answers [][]byte)
}
