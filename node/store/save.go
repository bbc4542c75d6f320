package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Draft collects what one saved form changes. It sees the store as its ops find
// it, its own ops not included.
type Draft struct {
	tx    *Tx
	stamp crdt.Stamp
	ops   map[crdt.Space][]crdt.Op
	order []crdt.Space
}

// Writer returns the writer in whose name the form is saved.
func (d *Draft) Writer() crdt.Writer { return d.tx.store.options.Writer }

// Record returns the state of a record; its Kind is empty when there is none.
func (d *Draft) Record(s crdt.Space, id crdt.RecordID) (crdt.Record, error) {
	c, err := d.tx.record(recordName{s, id})
	if err != nil {
		return crdt.Record{}, err
	}
	return c.after, nil
}

// Write adds ops to the form.
func (d *Draft) Write(s crdt.Space, ops ...crdt.Op) {
	if _, ok := d.ops[s]; !ok {
		d.order = append(d.order, s)
	}
	d.ops[s] = append(d.ops[s], ops...)
}

// Save runs fill and makes what it wrote durable before it returns: each space's
// ops as signed batches of this node's writer, all of the form or nothing. fill
// may run more than once and must not keep the draft.
func (s *Store) Save(fill func(*Draft) error) error {
	if s.options.Author == nil {
		return errors.New("the hub keeps what boxes wrote and writes nothing itself: save at a box")
	}
	return s.commit(func(t *Tx) error {
		d := &Draft{tx: t, ops: map[crdt.Space][]crdt.Op{}}
		d.stamp = crdt.Next(max(t.clock, s.clock), s.options.Now().UnixMilli())
		if err := fill(d); err != nil {
			return err
		}
		t.clock = max(t.clock, d.stamp)
		for _, sp := range d.order {
			if err := t.sign(sp, d.stamp, d.ops[sp]); err != nil {
				return err
			}
		}
		return nil
	})
}

// sign appends ops to this node's own stream of a space, in as many batches as
// their size asks for.
func (t *Tx) sign(name crdt.Space, stamp crdt.Stamp, ops []crdt.Op) error {
	s := t.store
	st := stream{name, s.options.Writer}
	sp, err := t.space(name)
	if err != nil {
		return err
	}
	h := t.head(st)
	if h.seq == 0 {
		if err := t.introduceSelf(); err != nil {
			return err
		}
	}
	for len(ops) > 0 {
		batch, rest := cut(crdt.Batch{Stamp: stamp, Ops: ops})
		ops = rest
		b := wire.AppendBatch(nil, batch)
		if len(b) > wire.BatchMax {
			return fmt.Errorf("a form of %d bytes is too long, %d at most: shorten its texts", len(b), wire.BatchMax)
		}
		h.seq, h.hash = h.seq+1, h.hash.Next(b)
		signature := s.options.Author.Sign(wire.HeadMessage(s.options.County, name, st.writer, h.seq, h.hash))
		if err := t.bolt.Bucket(logBucket).Put(logKey(sp.number, st.writer, h.seq), joinEntry(signature, b)); err != nil {
			return err
		}
		if err := t.apply(st, h.seq, batch); err != nil {
			return err
		}
		t.heads[st] = h
	}
	return nil
}

// batchSize is where a long import page is cut into batches, in ops: well below
// what a frame takes.
const batchSize = 500

// cut takes the first batch's ops off; the ops of one record stay together.
func cut(b crdt.Batch) (crdt.Batch, []crdt.Op) {
	n := min(batchSize, len(b.Ops))
	for n < len(b.Ops) && n < wire.OpsMax && b.Ops[n].Record == b.Ops[n-1].Record {
		n++
	}
	rest := b.Ops[n:]
	b.Ops = b.Ops[:n:n]
	return b, rest
}

// introduceSelf keeps the own credential where those of others are kept, so
// that it travels like theirs.
func (t *Tx) introduceSelf() error {
	k := binary.BigEndian.AppendUint64(nil, uint64(t.store.options.Writer))
	return t.bolt.Bucket(writersBucket).Put(k, t.store.options.Credential)
}
