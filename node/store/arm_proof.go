package store

import (
	"bytes"
	"encoding/binary"

	"wangge/crdt"
)

// leaving returns the arms that leave a stream: what stands behind its head went
// with them.
func (x *examination) leaving(st stream) (arms []*arm) {
	for _, v := range x.vouchers {
		if a, ok := v.Signatory.(*arm); ok && a.Space == st.space && a.stem == st.writer {
			arms = append(arms, a)
		}
	}
	return arms
}

// turned returns a batch as it merges: of an arm, under the arm's name.
func (x *examination) turned(number uint32, w crdt.Writer, batch crdt.Batch) crdt.Batch {
	a, ok := x.vouchers[w].Signatory.(*arm)
	if !ok {
		return batch
	}
	return a.turn(batch, func(d crdt.Dot) (crdt.Op, bool) { return x.pages.op(number, d) })
}

// turner returns what makes of a stream's batches what they merge as.
func (o Options) turner(p readable, number uint32) func(crdt.Writer, crdt.Batch) crdt.Batch {
	return func(w crdt.Writer, batch crdt.Batch) crdt.Batch {
		sig, err := o.signatory(p.get(writersBucket, writerKey(w)))
		a, ok := sig.(*arm)
		if err != nil || !ok {
			return batch
		}
		return a.turn(batch, func(d crdt.Dot) (crdt.Op, bool) { return p.op(number, d) })
	}
}

// record returns a record as it stands, or nil: it may lie in any pack of its space.
func (p *pages) record(key []byte) (record []byte, err error) {
	from, to := spaceKeys(binary.BigEndian.Uint32(key))
	err = p.eachLayered(recordLayer, from, to, func(k, v []byte) error {
		if bytes.Equal(k, key) {
			record = bytes.Clone(v)
		}
		return nil
	})
	return record, err
}

// op returns an op as it was signed.
func (p *pages) op(number uint32, d crdt.Dot) (crdt.Op, bool) {
	return opOf(p.batch(number, d.Writer, d.Seq), d)
}

// batch returns a batch, or nil: it may lie in any pack of its space.
func (p *pages) batch(number uint32, w crdt.Writer, seq uint64) []byte {
	key := logKey(number, w, seq)
	entry := p.get(logBucket, key)
	if entry == nil {
		from, to := spaceKeys(number)
		_ = p.eachLayered(logLayer, from, to, func(k, v []byte) error { // damage is told where the log is examined
			if bytes.Equal(k, key) {
				entry = bytes.Clone(v)
				return errStop
			}
			return nil
		})
	}
	_, b := splitEntry(entry)
	return b
}
