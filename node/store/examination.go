package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"

	"wangge/crdt"
)

// examination goes through a file once, in key order: log and records of one
// space after the other, then the index over all.
type examination struct {
	options Options
	pages   *pages
	keeper  keeper
	found   *Findings

	author   Author // whose key is in the file, if any
	device   uint32 // whose own streams these are; 0 at the hub, or if it cannot be told
	doubtful bool   // this node's own last work may be gone, so its writer must not go on
	cut      bool   // a stream lost its tail
	headless bool   // the list of streams is damaged, so that how far they went cannot be told
	holed    bool   // of the log some may be gone without a trace

	vouchers map[crdt.Writer]voucher
	trees    map[crdt.Writer]tree // that their writers signed
	names    map[uint32]crdt.Space
	spaces   map[uint32]space    // as the file says
	heads    map[stream]head     // as the file says; what was met in the log is deleted
	forked   map[crdt.Space]bool // that a stream of theirs was signed twice

	fold   *fold  // the space at hand; nil if its name is lost
	number uint32 // of the space at hand
	from   uint32 // the spaces before this number are done
	proof  *proof // the stream at hand

	recent      sum // of the keys that the index should have
	recentCount uint64

	attached      sum // of the references to files that the records make
	attachedCount uint64
}

func newExamination(o Options, found *Findings, k keeper) *examination {
	found.Faults = []Fault{}
	return &examination{
		options: o, found: found, keeper: k, vouchers: map[crdt.Writer]voucher{}, trees: map[crdt.Writer]tree{},
		names: map[uint32]crdt.Space{}, spaces: map[uint32]space{}, heads: map[stream]head{}, forked: map[crdt.Space]bool{},
	}
}

// entry takes one entry of the log.
func (x *examination) entry(k, v []byte) error {
	number, w, seq, ok := splitLogKey(k)
	if !ok {
		x.fault(string(logBucket), Refetch, "the key %x is none of a batch", k)
		return nil
	}
	if number != x.number {
		if err := x.enter(number); err != nil {
			return err
		}
	}
	if x.fold == nil {
		x.holed = x.holed || w.Device() == x.device
		return nil
	}
	st := stream{x.fold.name, w}
	if h := x.heads[st]; seq <= h.floor.batch || seq > h.seq && (len(x.leaving(st)) > 0 || x.tookBack(number, w)) {
		return nil // left in a pack, until the next compaction
	}
	if x.proof == nil || x.proof.stream != st {
		x.endStream()
		x.proof = newProof(x.options.County, st, x.vouchers[w].Signatory, x.leafOf(number, w), x.heads[st].floor)
		x.proof.arms = x.leaving(st)
	}
	for _, l := range x.proof.take(logged{key: k, entry: x.whole(k, v), seq: seq}) {
		l.batch = x.turned(number, w, l.batch)
		x.fold.apply(w, l)
		x.found.Batches++
		if err := x.keeper.batch(l); err != nil {
			return err
		}
	}
	return nil
}

// whole returns a log entry with what vouches for its batch, which may stand in a
// kept tree.
func (x *examination) whole(k, v []byte) []byte {
	signature, b := splitEntry(v)
	if _, kept := keptNumber(signature); !kept {
		return v
	}
	signature, err := whole(func(number []byte) []byte { return x.pages.get(keptTreeBucket, number) }, k, signature)
	if err != nil {
		x.fault(string(keptTreeBucket), Refetch, "%v", err)
	}
	return joinEntry(signature, b)
}

// enter begins with the space of a number, after those before it.
func (x *examination) enter(number uint32) error {
	if err := errors.Join(x.endSpace(), x.passEmpty(number)); err != nil {
		return err
	}
	x.number = number
	if name, ok := x.names[number]; ok {
		x.fold = x.begin(name, number)
		return nil
	}
	x.fault(string(logBucket), Refetch, "the log holds batches of a space whose name is lost (its number is %d)", number)
	x.cut, x.doubtful = true, true
	return nil
}

// begin returns the fold of a space, from its streams' floors on.
func (x *examination) begin(name crdt.Space, number uint32) *fold {
	f := newFold(name, number)
	for _, w := range x.unmet(name) {
		f.begin(w, x.heads[stream{name, w}].floor)
	}
	return f
}

// passEmpty goes through the spaces before a number of which the log has nothing.
func (x *examination) passEmpty(number uint32) error {
	for _, n := range slices.Sorted(maps.Keys(x.names)) {
		if n < x.from || n >= number {
			continue
		}
		x.fold = x.begin(x.names[n], n)
		if err := x.endSpace(); err != nil {
			return err
		}
	}
	return nil
}

// endStream compares what the log proved of a stream with the head on file.
func (x *examination) endStream() {
	p := x.proof
	if p == nil {
		return
	}
	x.proof = nil
	why := p.finish()
	onFile, listed := x.heads[p.stream]
	x.headless = x.headless || !listed // so others may be gone of which the log tells nothing
	delete(x.heads, p.stream)
	x.found.Streams++
	if x.judge(p.stream, p.good, onFile, why) {
		onFile = head{} // nor are its levels believed
	}
	if p.good.seq > 0 {
		x.fold.heads[p.stream.writer] = p.good.level(onFile)
	}
}

// judge tells what is wrong with a stream, and whether its head on file is another
// than the log gives.
func (x *examination) judge(st stream, good, onFile head, why error) (other bool) {
	if why == nil && good.seq < onFile.seq {
		why = errors.New("the log ends there")
	}
	own := st.writer.Device() == x.device
	away := max(onFile.box, onFile.hub, good.seq)
	switch {
	case why != nil && own && away < onFile.seq:
		x.fault(string(logBucket), Lost, "the stream of %s in %s is good up to batch %d: %v. Batches %d to %d are this node's own, and no other machine is known to have them",
			st.writer, st.space, good.seq, why, away+1, onFile.seq)
	case why != nil:
		x.fault(string(logBucket), Refetch, "the stream of %s in %s is good up to batch %d: %v", st.writer, st.space, good.seq, why)
	case good.seq != onFile.seq || good.hash != onFile.hash || onFile.box > good.seq || onFile.hub > good.seq:
		x.fault(string(streamBucket), Rebuild, "the head of %s in %s is not the one that the log gives: batch %d instead of %d",
			st.writer, st.space, onFile.seq, good.seq)
		return true
	default:
		return false
	}
	x.cut, x.fold.cut = true, true
	x.holed = x.holed || own
	x.doubtful = x.doubtful || own || x.device == 0
	return false
}

func (x *examination) endSpace() error {
	x.endStream()
	if x.fold == nil {
		return nil
	}
	f := x.fold
	for _, w := range x.unmet(f.name) {
		x.endUnmet(stream{f.name, w})
	}
	// Which of two branches an op meant follows from what was held when it came: where
	// that was cut, the county is asked.
	f.space.hollow = x.spaces[f.space.number].hollow || f.cut && x.forked[f.name]
	if f.based {
		return x.endBased(f)
	}
	f.close()
	if err := x.compareRecords(f); err != nil {
		return err
	}
	if onFile := x.spaces[f.space.number]; !f.cut && (onFile.records != f.space.records || onFile.sum != f.space.sum) {
		x.fault(string(spaceBucket), Rebuild, "the count and sum of %s are not those that the log gives: %d records instead of %d",
			f.name, onFile.records, f.space.records)
	}
	return x.settle(f)
}

// endUnmet judges a stream of which nothing is in the log: all of it may stand
// below its floor.
func (x *examination) endUnmet(st stream) {
	x.found.Streams++
	onFile := x.heads[st]
	good := head{seq: onFile.floor.batch, hash: onFile.floor.chain, floor: onFile.floor}
	why := errors.New("nothing of it is in the log")
	if good.seq > 0 && good.seq == onFile.seq {
		good, why = onFile, nil
		x.fold.heads[st.writer] = onFile
	}
	x.judge(st, good, onFile, why)
}

// settle takes a space as it is proven.
func (x *examination) settle(f *fold) error {
	x.found.Spaces++
	x.found.Records += f.space.records
	for id, rec := range f.records {
		x.expect(recentKey(f.space.number, id, rec))
		x.expectAttached(f.space.number, id, rec)
	}
	x.fold = nil
	return x.keeper.space(f)
}

// unmet returns the writers of a space whose heads are on file though the log
// has nothing of them.
func (x *examination) unmet(name crdt.Space) (writers []crdt.Writer) {
	for st := range x.heads {
		if st.space == name {
			writers = append(writers, st.writer)
		}
	}
	slices.SortFunc(writers, func(a, b crdt.Writer) int { return cmp.Compare(a, b) })
	return writers
}

// compareRecords compares the records on file with those of a fold, and finds
// records of no space before them. Where the log has lost batches, it cannot
// tell what the records should be.
func (x *examination) compareRecords(f *fold) error {
	met := map[crdt.RecordID]bool{}
	err := x.records(f.space.number+1, func(k, v []byte) {
		id := crdt.RecordID(k[4:])
		met[id] = true
		if wrong, shown := f.stands(id, v); wrong != "" && !shown && !f.cut {
			x.found.Kills++
		} else if wrong != "" && !f.cut {
			x.fault(string(recordBucket), Rebuild, "record %s of %s %s", id, f.name, wrong)
		}
	})
	for _, id := range f.ids() {
		if !met[id] && !f.cut {
			x.fault(string(recordBucket), Rebuild, "record %s of %s is missing", id, f.name)
		}
	}
	return err
}

// records calls yield with the records of the space at hand. What stands between
// the space before it and the next number otherwise belongs to no space.
func (x *examination) records(next uint32, yield func(k, v []byte)) error {
	from, to := binary.BigEndian.AppendUint32(nil, x.from), binary.BigEndian.AppendUint32(nil, next)
	x.from = next
	return x.pages.eachLayered(recordLayer, from, to, func(k, v []byte) error {
		if len(k) == 20 && x.fold != nil && binary.BigEndian.Uint32(k) == x.fold.space.number {
			yield(k, v)
			return nil
		}
		x.fault(string(recordBucket), Rebuild, "record %x belongs to no space", k)
		return nil
	})
}

// expect adds a key that the index of recent changes must have.
func (x *examination) expect(key []byte) {
	x.recent = x.recent.plus(sumOf(key))
	x.recentCount++
}

// end judges what can only be judged once all spaces are through.
func (x *examination) end() error {
	if err := errors.Join(x.endSpace(), x.passEmpty(math.MaxUint32)); err != nil {
		return err
	}
	var recent sum
	var count uint64
	err := errors.Join(
		x.records(math.MaxUint32, func(_, _ []byte) {}),
		x.pages.each(recentBucket, nil, nil, func(k, v []byte) error {
			recent, count = recent.plus(sumOf(append(k, v...))), count+1 // the values are empty
			return nil
		}),
		x.compareAttached())
	if !x.cut && (recent != x.recent || count != x.recentCount) {
		x.fault(string(recentBucket), Rebuild, "the index of recent changes is not that of the records: %d entries, and there are %d records", count, x.recentCount)
	}
	if x.headless { // one that was trimmed may have gone, so peers must not think that it is here, nor its writer begin anew
		x.cut, x.doubtful = true, true
	}
	if x.headless && x.holed {
		x.fault(string(streamBucket), Lost, "the list of streams is damaged and so is the log: which of this node's own batches are gone, and whether another machine has them, cannot be told")
	}
	if free := x.pages.checkFree(); free != nil {
		x.fault(partWhole, Rebuild, "%v: the next save could destroy what is there", free)
	}
	return err
}
