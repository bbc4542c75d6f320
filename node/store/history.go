package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Touch is one op that touched a record, as the log has it.
type Touch struct {
	Dot   crdt.Dot
	Stamp crdt.Stamp
	Op    crdt.Op
	// Merged says that only what is visible of the op is left, in the record: its
	// batch is no longer in the log, or never was because the space started from a
	// checkpoint. What it replaced is not known here.
	Merged bool
}

// readable is a file of which the log can be read, a stopped node's or a running one's.
type readable interface {
	eachLayered(l layer, from, to []byte, yield func(k, v []byte) error) error
	get(bucket, key []byte) []byte
	op(number uint32, d crdt.Dot) (crdt.Op, bool) // as it was signed
	record(key []byte) ([]byte, error)
}

// live is the file of a running node within one transaction.
type live struct{ layers }

func (l live) eachLayered(of layer, from, to []byte, yield func(k, v []byte) error) error {
	return l.each(of, from, to, yield)
}

func (l live) get(bucket, key []byte) []byte { return l.tx.Bucket(bucket).Get(key) }

func (l live) op(number uint32, d crdt.Dot) (crdt.Op, bool) {
	entry, _ := l.layers.get(logLayer, logKey(number, d.Writer, d.Seq)) // damage is told where the log is examined
	_, b := splitEntry(entry)
	return opOf(b, d)
}

func (l live) record(key []byte) ([]byte, error) { return l.layers.get(recordLayer, key) }

// History returns the ops that touched a record, each after those that it
// replaces and otherwise by their stamps, from a stopped node's file. It walks
// the whole log of the space, and takes from the record what the log has no more.
// Ops of an arm are named as they merge. There is none of a space that is not held.
func History(o Options, name crdt.Space, id crdt.RecordID) (touches []Touch, err error) {
	err = reserved(o.Path, func(file *os.File) error {
		p, err := openPages(file, func(string, error) {}, func(int64) {})
		if err != nil {
			return err
		}
		entry := p.get(spaceBucket, []byte(name.String()))
		if len(entry) < 4 {
			return nil
		}
		touches, err = o.history(p, binary.BigEndian.Uint32(entry), id)
		return err
	})
	return touches, err
}

// History is that of a running node: it walks the whole log of the space too, which
// takes less than a tenth of a second for a community's year. There is none of a space that is not held.
func (s *Store) History(name crdt.Space, id crdt.RecordID) (touches []Touch, err error) {
	number, ok := s.numberOf(name)
	if !ok {
		return nil, nil
	}
	err = s.view(func(tx *bolt.Tx) error {
		touches, err = s.options.history(live{s.layers(tx)}, number, id)
		return err
	})
	return touches, err
}

// history reads what a log and its records say of one record.
func (o Options) history(f readable, number uint32, id crdt.RecordID) (touches []Touch, err error) {
	from, to := spaceKeys(number)
	turned := o.turner(f, number)
	err = f.eachLayered(logLayer, from, to, func(k, v []byte) error {
		_, w, seq, _ := splitLogKey(k)
		_, b := splitEntry(v)
		if !bytes.Contains(b, id[:]) { // a batch names every record that it touches
			return nil
		}
		if h, err := decodeHead(k[:12], f.get(streamBucket, k[:12])); err != nil || seq > h.seq { // of a branch that is an arm now
			return nil
		}
		batch, err := wire.DecodeBatch(b)
		if err != nil {
			return fmt.Errorf("batch %d of %s in %s cannot be read, look at the file with wangge verify: %v", seq, w, o.Path, err)
		}
		for i, op := range turned(w, batch).Ops {
			if op.Record == id {
				touches = append(touches, Touch{Dot: crdt.Dot{Writer: w, Seq: seq, Index: uint32(i)}, Stamp: batch.Stamp, Op: op})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b, err := f.record(recordKey(number, id))
	if b == nil || err != nil {
		return causal(touches), err
	}
	rec, err := wire.DecodeRecord(b)
	return causal(append(touches, left(id, rec, touches)...)), err
}

// left returns what a record shows of ops that the log has no more.
func left(id crdt.RecordID, rec crdt.Record, told []Touch) (touches []Touch) {
	known := map[crdt.Dot]bool{}
	for _, t := range told {
		known[t.Dot] = true
	}
	for field, cell := range rec.Cells {
		for _, e := range cell.Entries {
			if !known[e.Dot] {
				op := crdt.Op{Record: id, Kind: rec.Kind, Field: field, Type: cell.Type, Value: e.Value}
				touches = append(touches, Touch{Dot: e.Dot, Stamp: e.Stamp, Op: op, Merged: true})
			}
		}
	}
	return touches
}

// causal puts every touch after those that it replaces, whatever its writer's
// clock said.
func causal(touches []Touch) []Touch {
	slices.SortFunc(touches, func(a, b Touch) int {
		return cmp.Or(cmp.Compare(a.Stamp, b.Stamp), a.Dot.Compare(b.Dot))
	})
	at, placed := map[crdt.Dot]int{}, map[crdt.Dot]bool{}
	for i, t := range touches {
		at[t.Dot] = i
	}
	var order []Touch
	var place func(t Touch)
	place = func(t Touch) {
		if placed[t.Dot] {
			return
		}
		placed[t.Dot] = true // before its causes: a faulty writer may name them in a circle
		for _, r := range t.Op.Replaces {
			if i, ok := at[r]; ok {
				place(touches[i])
			}
		}
		order = append(order, t)
	}
	for _, t := range touches {
		place(t)
	}
	return order
}
