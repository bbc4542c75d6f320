package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"wangge/crdt"
	"wangge/sync/wire"
)

// How much a pack holds before packing, in bytes. Of the log whole packs are
// mostly wanted; of the records single ones, and unpacking one costs what its
// neighbours cost.
const (
	logPackSize    = 128 << 10
	recordPackSize = 40 << 10
	// signedEvery is how far apart signatures are kept in a stream: a run travels
	// whole, and the last one vouches for those before.
	signedEvery = 64 << 10
)

// numbered is how a pack of the log names a space: by its number in this file,
// which the packed form of a chunk tells in a bit or two.
func numbered(number uint32) crdt.Space { return crdt.Space{Area: fmt.Sprintf("%010d", number)} }

func numberIn(name crdt.Space) (uint32, error) {
	n, err := strconv.ParseUint(name.Area, 10, 32)
	if err != nil || numbered(uint32(n)) != name {
		return 0, fmt.Errorf("%s is no space's number", name)
	}
	return uint32(n), nil
}

// unpackLog reads a pack of the log: the batches of some streams as they travel
// in a chunk, but for the names of spaces.
func unpackLog(_ uint32, body []byte) (pairs []pair, err error) {
	m, err := wire.Decode(body)
	if err != nil {
		return nil, err
	}
	c, ok := m.(wire.Chunk)
	if !ok {
		return nil, errors.New("it holds no batches")
	}
	for _, run := range c.Runs {
		number, err := numberIn(run.Space)
		if err != nil {
			return nil, err
		}
		for i, b := range run.Batches {
			seq, signature := run.First+uint64(i), []byte(nil)
			if seq == run.Last() {
				signature = run.Signature
			}
			pairs = append(pairs, pair{logKey(number, run.Writer, seq), joinEntry(signature, b)})
		}
	}
	if len(pairs) == 0 {
		return nil, errors.New("it holds no batches")
	}
	return pairs, nil
}

// unpackRecords reads a pack of records: a page as of a checkpoint.
func unpackRecords(number uint32, body []byte) (pairs []pair, err error) {
	c, err := wire.DecodePage(body)
	if err != nil {
		return nil, err
	}
	for _, m := range c.Records {
		pairs = append(pairs, pair{recordKey(number, m.ID), wire.AppendRecord(nil, m.Record)})
	}
	if len(pairs) == 0 {
		return nil, errors.New("it holds no records")
	}
	return pairs, nil
}

// packer moves keys into packs while a file is rewritten. What would not come
// back byte for byte stays as it is.
type packer struct {
	*rewriter
	layer layer
	pairs []pair // of the pack at hand, as they will come back
	size  int
	body  func([]pair) ([]byte, error)
}

func (p *packer) add(key, value []byte, limit int) error {
	if len(p.pairs) > 0 && (p.size+len(value) > limit || !p.layer.spans && !bytes.Equal(p.pairs[0].key[:4], key[:4])) {
		if err := p.close(); err != nil {
			return err
		}
	}
	p.pairs = append(p.pairs, pair{key, value})
	p.size += len(value)
	return nil
}

// close ends the pack at hand.
func (p *packer) close() error {
	pairs := p.pairs
	p.pairs, p.size = nil, 0
	if len(pairs) == 0 {
		return nil
	}
	body, err := p.body(pairs)
	if err == nil {
		var again []pair
		again, err = p.layer.unpack(binary.BigEndian.Uint32(pairs[0].key), body)
		if err == nil && !slices.EqualFunc(again, pairs, samePair) {
			err = errors.New("it does not come back")
		}
	}
	if err == nil {
		return p.put(p.layer.packs, pairs[0].key, appendPack(pairs, body))
	}
	for _, pr := range pairs {
		if err := p.put(p.layer.fresh, pr.key, pr.value); err != nil {
			return err
		}
	}
	return nil
}

func samePair(a, b pair) bool { return bytes.Equal(a.key, b.key) && bytes.Equal(a.value, b.value) }

// compact copies everything, the log and the records into packs.
func (r *rewriter) compact(p *pages) error { return r.compactBut(p, dropping{}) }

// compactBut does so and leaves out some spaces.
func (r *rewriter) compactBut(p *pages, x dropping) error {
	layered := [][]byte{logBucket, logPackBucket, recordBucket, recordPackBucket, keptTreeBucket}
	err := r.copy(p, func(bucket, key []byte) bool {
		return slices.ContainsFunc(layered, func(b []byte) bool { return bytes.Equal(b, bucket) }) || x.drops(bucket, key)
	})
	if err != nil {
		return err
	}
	return errors.Join(r.compactLog(p, x), r.compactRecords(p, x))
}

func (r *rewriter) compactRecords(p *pages, x dropping) error {
	k := packer{rewriter: r, layer: recordLayer, body: func(pairs []pair) ([]byte, error) {
		var c wire.Content
		for _, pr := range pairs {
			rec, err := wire.DecodeRecord(pr.value)
			if err != nil {
				return nil, err
			}
			c.Records = append(c.Records, wire.Merged{ID: crdt.RecordID(pr.key[4:]), Record: rec})
		}
		return wire.AppendPage(nil, c), nil
	}}
	err := p.eachLayered(recordLayer, nil, nil, func(key, value []byte) error {
		if x.numbered(key) {
			return nil
		}
		return k.add(bytes.Clone(key), bytes.Clone(value), recordPackSize)
	})
	return errors.Join(err, k.close())
}
