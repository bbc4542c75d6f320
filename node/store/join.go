package store

import (
	"bytes"
	"encoding/binary"
	"errors"

	"wangge/crdt"
	"wangge/sync/wire"
)

// errApart says that a checkpoint does not go together with the streams held
// here, or is not what it says.
var errApart = errors.New("the checkpoint and what is held here do not go together")

// join merges a checkpoint into the records. What is held here and not in the
// checkpoint stays; of streams that the checkpoint has further than this store
// the log is thrown away, for the county has it.
func (t *transaction) join(c wire.Checkpoint, f pageFile) error {
	sp := t.enter(c.Space)
	if !t.store.fits(c, sp, t.head) || !t.continues(c) {
		return errApart
	}
	mine, theirs := sp.frontier.Clone(), c.Frontier()
	if sp.hollow {
		if err := t.empty(c.Space, sp); err != nil {
			return err
		}
		mine = crdt.Frontier{} // of what was merged a part is lost: none of it is believed
	}
	m := merger{transaction: t, space: c.Space, mine: mine.Has, theirs: theirs.Has}
	if err := m.pages(c, f); err != nil {
		return err
	}
	if err := t.raise(c, sp); err != nil {
		return err
	}
	if !sp.hollow {
		return nil
	}
	sp.hollow = false
	t.spaces[c.Space] = sp
	return t.replay(c, sp)
}

// fits reports whether nothing that the county has not committed stands in the way
// of a stream that a checkpoint has further, and a hollow space gets all that it
// lacks.
func (s *Store) fits(c wire.Checkpoint, sp space, held func(stream) head) bool {
	told, me := c.Frontier(), s.self()
	for _, h := range c.Heads {
		mine := held(stream{c.Space, h.Writer})
		own := me != nil && h.Writer == me.Name()
		if h.Seq > mine.seq && (mine.seq > mine.hub || own) || h.Seq == mine.seq && h.Hash != mine.hash {
			return false
		}
	}
	for w, seq := range sp.frontier {
		if !sp.hollow {
			break
		}
		if told[w] < held(stream{c.Space, w}).floor.batch || told[w] < seq && s.trimmedStem(c.Space, w, held) {
			return false
		}
	}
	return true
}

// trimmedStem reports whether a stream is an arm that only the county can merge,
// because its stem is not at hand here.
func (s *Store) trimmedStem(sp crdt.Space, w crdt.Writer, held func(stream) head) bool {
	s.mu.RLock()
	a := s.mirror.arms[stream{sp, w}]
	s.mu.RUnlock()
	return a != nil && held(stream{sp, a.stem}).floor.batch > 0
}

// continues reports whether each stream is the same chain here and in a checkpoint,
// as far as this can be told.
func (t *transaction) continues(c wire.Checkpoint) bool {
	for _, h := range c.Heads {
		st := stream{c.Space, h.Writer}
		mine := t.head(st)
		if h.Seq <= mine.seq && h.Seq >= mine.floor.batch && h.Hash != t.hashAfter(st, h.Seq) {
			return false
		}
	}
	return true
}

// merger joins the records of pages.
type merger struct {
	*transaction
	space        crdt.Space
	mine, theirs crdt.Seen
	sum          sum
	records      uint64
}

func (m *merger) pages(c wire.Checkpoint, f pageFile) error {
	for n := range c.Pages {
		b, err := f.page(c, uint64(n))
		if err != nil {
			return errApart
		}
		content, err := wire.DecodePage(b)
		if err != nil {
			return errApart
		}
		if err := m.page(content); err != nil {
			return err
		}
	}
	if m.records != c.Records || !bytes.Equal(m.sum.append(nil), c.Sum[:]) {
		return errApart
	}
	return nil
}

func (m *merger) page(content wire.Content) error {
	for _, credential := range content.Credentials {
		if err := m.introduceNew(credential); err != nil {
			return err
		}
	}
	for _, r := range content.Records {
		m.records++
		m.sum = m.sum.plus(recordSum(r.ID, r.Record))
		change, err := m.record(recordName{m.space, r.ID})
		if err != nil {
			return err
		}
		change.written = true
		change.after = crdt.Join(change.after, r.Record, m.mine, m.theirs)
		m.clock = crdt.Witness(m.clock, r.Record.Stamp(), m.store.options.Now().UnixMilli())
	}
	return nil
}

// introduceNew keeps the credential of a writer of whom none is held. One that
// proves nothing here, as of a root that was replaced, is passed over: the records
// are believed on the seal.
func (t *transaction) introduceNew(credential []byte) error {
	signatory, err := t.store.options.signatory(credential)
	if err != nil || t.bolt.Bucket(writersBucket).Get(writerKey(signatory.Writer())) != nil {
		return nil
	}
	return t.introduce(voucher{signatory, credential})
}

// raise takes over the heads of streams that the checkpoint has further.
func (t *transaction) raise(c wire.Checkpoint, sp space) error {
	for _, h := range c.Heads {
		st := stream{c.Space, h.Writer}
		mine := t.head(st)
		if h.Seq <= mine.seq {
			continue
		}
		if err := t.forget(sp.number, st); err != nil {
			return err
		}
		sp.frontier[h.Writer] = h.Seq
		delete(t.quiet, st)
		t.heads[st] = head{seq: h.Seq, hash: h.Hash, box: h.Seq, hub: h.Seq, floor: floor{h.Seq, h.Hash}}
	}
	return nil
}

// forget takes a stream out of the log.
func (t *transaction) forget(number uint32, st stream) error {
	log, prefix := t.bolt.Bucket(logBucket), streamKey(number, st.writer)
	for {
		k, _ := log.Cursor().Seek(prefix)
		if !bytes.HasPrefix(k, prefix) {
			return nil
		}
		if err := log.Delete(bytes.Clone(k)); err != nil {
			return err
		}
	}
}

// empty forgets what a hollow space's records say.
func (t *transaction) empty(name crdt.Space, sp space) error {
	from, to := spaceKeys(sp.number)
	return t.layers().each(recordLayer, from, to, func(k, _ []byte) error {
		c, err := t.record(recordName{name, crdt.RecordID(k[4:])})
		if err != nil {
			return err
		}
		c.after, c.written = crdt.Record{}, true
		return nil
	})
}

// replay merges the batches in the log that a checkpoint does not hold: work that
// was on its way to the county while the space was hollow.
func (t *transaction) replay(c wire.Checkpoint, sp space) error {
	held := c.Frontier()
	from, to := spaceKeys(sp.number)
	return t.layers().each(logLayer, from, to, func(k, v []byte) error {
		_, w, seq, _ := splitLogKey(k)
		if seq <= held[w] || seq <= t.head(stream{c.Space, w}).floor.batch {
			return nil
		}
		_, b := splitEntry(v)
		batch, err := wire.DecodeBatch(b)
		if err != nil {
			return err
		}
		if err := t.fold(c.Space, w, seq, batch, held); err != nil {
			return err
		}
		held[w] = seq
		return nil
	})
}

// spaceKeys returns between which keys a space's stand in both layers.
func spaceKeys(number uint32) (from, to []byte) {
	return binary.BigEndian.AppendUint32(nil, number), binary.BigEndian.AppendUint32(nil, number+1)
}
