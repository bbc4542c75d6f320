package store

import (
	"maps"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// endBased judges a space whose records the log alone does not give any more: they
// are believed if they add up to the space's sum. Otherwise the space is hollow
// until the county brings a checkpoint of it.
func (x *examination) endBased(f *fold) error {
	onFile, read := x.spaces[f.space.number], true
	stored := map[crdt.RecordID]crdt.Record{}
	err := x.records(f.space.number+1, func(k, v []byte) {
		rec, err := wire.DecodeRecord(v)
		if read = read && err == nil; read {
			stored[crdt.RecordID(k[4:])] = rec
		}
	})
	if err != nil {
		return err
	}
	sum := fold{records: stored}
	sum.close()
	if w, ok := x.unvouched(f); ok { // it comes with the beginning of a stream only, and that is with the county
		x.fault(string(writersBucket), Refetch, "nobody vouches for the writer %s, and its oldest batches in %s are no longer in the log: "+
			"the county brings a checkpoint of them", w, f.name)
		f.cut, x.cut = true, true
	}
	if x.headless { // the records may hold a stream that nothing tells of: it would be merged a second time
		x.fault(string(streamBucket), Refetch, "the list of streams is damaged, and the oldest batches in %s are no longer in the log: the county brings a checkpoint of them", f.name)
		f.cut, x.cut = true, true
	}
	switch sound := read && sum.space.records == onFile.records && sum.space.sum == onFile.sum; {
	case sound && !f.cut:
		f.records = stored
	case sound:
		f.space.hollow = true
	default:
		x.fault(string(recordBucket), Refetch, "the records of %s are not those that were added up, and their oldest batches are no longer in the log: "+
			"the county brings a checkpoint of them", f.name)
		f.space.hollow, f.cut, x.cut = true, true, true
	}
	f.close()
	return x.settle(f)
}

// unvouched returns a writer of a space of whom a part stands below its floor and no
// credential is left, if credentials were lost here: of writers of a county root that was
// replaced a checkpoint brings none.
func (x *examination) unvouched(f *fold) (w crdt.Writer, ok bool) {
	lost := func(f Fault) bool { return f.Part == string(writersBucket) }
	if x.found.More == 0 && !slices.ContainsFunc(x.found.Faults, lost) {
		return 0, false
	}
	for _, w := range slices.Sorted(maps.Keys(f.heads)) {
		if f.heads[w].floor.batch > 0 && x.vouchers[w].Signatory == nil {
			return w, true
		}
	}
	return 0, false
}
