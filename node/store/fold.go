package store

import (
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// fold is one space, made anew from what its log proves. It is as large as the
// space's records.
type fold struct {
	name    crdt.Space
	space   space
	heads   map[crdt.Writer]head
	records map[crdt.RecordID]crdt.Record
	cut     bool // a stream lost its tail
	based   bool // of a stream only what stands above its floor is in the log
}

func newFold(name crdt.Space, number uint32) *fold {
	return &fold{
		name: name, space: space{number: number, frontier: crdt.Frontier{}},
		heads: map[crdt.Writer]head{}, records: map[crdt.RecordID]crdt.Record{},
	}
}

// apply merges a proven batch, in whatever order streams come.
func (f *fold) apply(w crdt.Writer, l logged) {
	for i, op := range l.batch.Ops {
		rec := f.records[op.Record]
		rec.Apply(crdt.Dot{Writer: w, Seq: l.seq, Index: uint32(i)}, l.batch.Stamp, op, f.space.frontier)
		f.records[op.Record] = rec
	}
	f.space.frontier[w] = l.seq
}

// begin notes where a stream's part in the log begins.
func (f *fold) begin(w crdt.Writer, from floor) {
	if from == (floor{}) {
		return
	}
	f.based = true
	f.heads[w] = head{seq: from.batch, hash: from.chain, box: from.batch, hub: from.batch, floor: from}
	f.space.frontier.Raise(w, from.batch)
}

// close counts the records and adds up their sum, which is the space's.
func (f *fold) close() {
	f.space.records, f.space.sum = uint64(len(f.records)), sum{}
	for id, rec := range f.records {
		f.space.sum = f.space.sum.plus(recordSum(id, rec))
	}
}

// ids returns the records' ids in key order.
func (f *fold) ids() []crdt.RecordID {
	return slices.SortedFunc(maps.Keys(f.records), func(a, b crdt.RecordID) int { return slices.Compare(a[:], b[:]) })
}

// stands reports how a record on file differs from the one that the log gives:
// "" if it does not. shown is false where it shows the same, and only remembers
// other replaced versions.
func (f *fold) stands(id crdt.RecordID, onFile []byte) (wrong string, shown bool) {
	want, ok := f.records[id]
	if !ok {
		return "stands in the file though no batch wrote it", true
	}
	if string(wire.AppendRecord(nil, want)) == string(onFile) {
		return "", false
	}
	got, err := wire.DecodeRecord(onFile)
	if err != nil {
		return "cannot be read: " + err.Error(), true
	}
	if recordSum(id, got) == recordSum(id, want) && got.Kind == want.Kind {
		return "remembers other replaced versions than the log", false
	}
	return "shows something else than the log gives", true
}
