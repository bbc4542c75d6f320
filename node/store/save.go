package store

import (
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Draft collects what one saved form changes. It sees the store as its ops find
// it, its own ops not included.
type Draft struct {
	tx    *transaction
	self  *self
	stamp crdt.Stamp
	ops   map[crdt.Space][]crdt.Op
	order []crdt.Space
}

// Writer returns the writer in whose name the form is saved.
func (d *Draft) Writer() crdt.Writer { return d.self.Name() }

// Record returns the state of a record; its Kind is empty when there is none.
func (d *Draft) Record(s crdt.Space, id crdt.RecordID) (crdt.Record, error) {
	c, err := d.tx.record(recordName{s, id})
	if err != nil {
		return crdt.Record{}, err
	}
	return c.after.Clone(), nil
}

// Write adds ops to the form.
func (d *Draft) Write(s crdt.Space, ops ...crdt.Op) {
	written, ok := d.ops[s]
	if !ok {
		d.order = append(d.order, s)
		d.ops[s] = slices.Clip(ops) // the next ones go into a copy
		return
	}
	d.ops[s] = append(written, ops...)
}

// Save runs fill and makes what it wrote durable before it returns: each space's
// ops as batches of this node's writer, all of the form or nothing. fill
// may run more than once and must not keep the draft.
func (s *Store) Save(fill func(*Draft) error) error {
	if s.options.Author == nil {
		return errors.New("the hub keeps what boxes wrote and writes nothing itself: save at a box")
	}
	return s.commit(func(t *transaction) error {
		me, err := t.self()
		if err != nil {
			return err
		}
		d := &Draft{tx: t, self: me, ops: map[crdt.Space][]crdt.Op{}}
		d.stamp = crdt.Next(t.clock, s.options.Now().UnixMilli())
		if err := fill(d); err != nil {
			return err
		}
		t.clock = max(t.clock, d.stamp)
		for _, sp := range d.order {
			if err := t.write(me, sp, d.stamp, d.ops[sp]); err != nil {
				return err
			}
		}
		return nil
	})
}

// write appends ops to this node's own stream of a space, in as many batches as
// their number and size ask for. What no peer would take is refused here, while
// the person who wrote it can still change it.
func (t *transaction) write(me *self, name crdt.Space, stamp crdt.Stamp, ops []crdt.Op) error {
	if err := sound(name); err != nil {
		return err
	}
	if err := me.MayWrite(name); err != nil {
		return err
	}
	if err := forbidden(me, []crdt.Batch{{Ops: ops}}); err != nil {
		return err
	}
	if err := errors.Join(t.filed(ops), t.owe(ops)); err != nil {
		return err
	}
	st := stream{name, me.Name()}
	for len(ops) > 0 {
		n := cut(ops)
		if err := t.chain(me, st, crdt.Batch{Stamp: stamp, Ops: ops[:n]}); err != nil {
			return err
		}
		ops = ops[n:]
	}
	return nil
}

// chain appends a batch to a stream of me. What vouches for it comes at the end
// of the transaction, unless the stream has grown too long without.
func (t *transaction) chain(me *self, st stream, batch crdt.Batch) error {
	b := wire.AppendBatch(nil, batch)
	if len(b) > wire.BatchMax {
		return fmt.Errorf("a text of this form is too long, %d bytes at most: shorten it", wire.BatchMax)
	}
	batch, err := wire.DecodeBatch(b) // as every other replica will read it
	if err != nil {
		return fmt.Errorf("no peer would take this form: %v", err)
	}
	h := t.head(st)
	if h.seq == 0 {
		if err := t.introduce(voucher{me.Signatory, me.Credential()}); err != nil {
			return err
		}
	}
	tail := t.tail(st) + len(b)
	h.seq, h.hash = h.seq+1, h.hash.Next(b)
	var signature []byte
	if tail > tailMax {
		signature = me.Sign(wire.HeadMessage(t.store.options.County, st.space, st.writer, h.seq, h.hash))
		tail = 0
	}
	if err := t.append(st, joinEntry(signature, b), batch, h); err != nil {
		return err
	}
	t.saved[st] = saved{me, tail}
	return nil
}

// A long import page is cut into batches well below what a frame takes.
const (
	batchOps  = 500
	batchSize = 32 << 10 // bytes
)

// cut returns how many ops the next batch takes. The ops of one record stay
// together unless they are too many themselves.
func cut(ops []crdt.Op) int {
	whole, size := 0, 0
	for n, op := range ops {
		if n > 0 && ops[n-1].Record != op.Record {
			whole = n
		}
		size += opSize(op)
		if n == batchOps || n > 0 && size > batchSize {
			if whole > 0 {
				return whole
			}
			return n
		}
	}
	return len(ops)
}

// opSize returns the most bytes that an op takes in a batch.
func opSize(op crdt.Op) int {
	const fixed, dot = 32, 22
	return fixed + len(op.Kind) + len(op.Value) + dot*len(op.Replaces)
}

// sound reports whether a space can be read back from its name: what is not
// must never come into the file.
func sound(name crdt.Space) error {
	if again, err := crdt.ParseSpace(name.String()); err != nil || again != name {
		return fmt.Errorf("%q is not a space that this node knows: want area/class, such as 140581105211/open", name)
	}
	return nil
}
