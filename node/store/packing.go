package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// How much a pack holds before packing, in bytes. Of the log whole packs are
// mostly wanted; of the records single ones, and unpacking one costs what its
// neighbours cost.
const (
	logPackSize    = 128 << 10
	recordPackSize = 28 << 10
	// signedEvery is how far apart signatures are kept in a stream: a run travels
	// whole, and the last one vouches for those before.
	signedEvery = 64 << 10
)

// unpackLog reads a pack of the log: the batches of some streams of a space as
// they travel in a chunk.
func unpackLog(number uint32, body []byte) (pairs []pair, err error) {
	m, err := wire.Decode(body)
	if err != nil {
		return nil, err
	}
	c, ok := m.(wire.Chunk)
	if !ok {
		return nil, errors.New("it holds no batches")
	}
	for _, run := range c.Runs {
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
	if len(p.pairs) > 0 && (p.size+len(value) > limit || !bytes.Equal(p.pairs[0].key[:4], key[:4])) {
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
func (r *rewriter) compact(p *pages) error {
	layered := [][]byte{logBucket, logPackBucket, recordBucket, recordPackBucket, keptTreeBucket}
	err := r.copy(p, func(bucket, _ []byte) bool {
		return slices.ContainsFunc(layered, func(b []byte) bool { return bytes.Equal(b, bucket) })
	})
	if err != nil {
		return err
	}
	return errors.Join(r.compactLog(p), r.compactRecords(p))
}

func (r *rewriter) compactRecords(p *pages) error {
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
		return k.add(bytes.Clone(key), bytes.Clone(value), recordPackSize)
	})
	return errors.Join(err, k.close())
}

func (r *rewriter) compactLog(p *pages) error {
	c := logCompactor{pages: p, spaces: map[uint32]crdt.Space{}, heads: map[string]head{}}
	c.packer = packer{rewriter: r, layer: logLayer, body: c.chunk}
	err := errors.Join(p.each(spaceBucket, nil, nil, c.space), p.each(streamBucket, nil, nil, c.head))
	if err == nil {
		err = c.keepTrees()
	}
	if err == nil {
		err = p.eachLayered(logLayer, nil, nil, c.entry)
	}
	return errors.Join(err, c.stream(), c.packer.close())
}

// logCompactor goes through the log stream by stream. Of the signatures it keeps
// one every so often and the last; what stands behind the last stays out of
// packs, for its writer has yet to sign it.
type logCompactor struct {
	packer
	pages  *pages
	spaces map[uint32]crdt.Space
	heads  map[string]head   // by stream
	refs   map[string][]byte // to kept trees, by stream
	at     []byte            // the stream at hand
	run    []pair            // its batches since the last signature that is kept
	signed int               // how many of them the last signature met covers
	vouch  []byte            // that signature
	size   int               // of run
}

func (c *logCompactor) space(k, v []byte) error {
	name, err := crdt.ParseSpace(string(k))
	sp, err2 := decodeSpace(v)
	c.spaces[sp.number] = name
	return errors.Join(err, err2)
}

func (c *logCompactor) head(k, v []byte) error {
	h, err := decodeHead(v)
	c.heads[string(k)] = h
	return err
}

// keepTrees writes the trees that stand behind many streams' last batches.
func (c *logCompactor) keepTrees() error {
	g := grove{trees: map[treeName]*grown{}, refs: map[string][]byte{}}
	copy(g.county[:], c.pages.get(metaBucket, countyKey))
	err := c.pages.eachLayered(logLayer, nil, nil, func(k, v []byte) error {
		number, w, seq, _ := splitLogKey(k)
		h := c.heads[string(k[:12])]
		signature, err := c.whole(k, v)
		if seq == h.seq {
			g.head(stream{c.spaces[number], w}, number, h, bytes.Clone(signature))
		}
		return err
	})
	if err != nil {
		return err
	}
	c.refs = g.refs
	return g.keep(func(number uint32, t tree) error {
		return c.put(keptTreeBucket, binary.BigEndian.AppendUint32(nil, number), t.encode())
	})
}

func (c *logCompactor) whole(k, v []byte) (signature []byte, err error) {
	signature, _ = splitEntry(v)
	return whole(func(number []byte) []byte { return c.pages.get(keptTreeBucket, number) }, k, signature)
}

func (c *logCompactor) entry(k, v []byte) error {
	if !bytes.Equal(c.at, k[:12]) {
		if err := c.stream(); err != nil {
			return err
		}
		c.at = bytes.Clone(k[:12])
	}
	h, seq := c.heads[string(c.at)], binary.BigEndian.Uint64(k[12:])
	if seq <= h.floor.batch || seq > h.seq { // below the floor, or of a branch that was given up
		return nil
	}
	_, b := splitEntry(v)
	signature, err := c.whole(k, v)
	if err != nil {
		return err
	}
	c.run = append(c.run, pair{bytes.Clone(k), joinEntry(nil, b)})
	c.size += len(b)
	if len(signature) == 0 {
		return nil
	}
	c.signed, c.vouch = len(c.run), bytes.Clone(signature)
	if ref := c.refs[string(c.at)]; ref != nil && seq == h.seq {
		c.vouch = ref
	}
	if c.size < signedEvery {
		return nil
	}
	return c.keep()
}

// keep hands on the batches that the last signature covers.
func (c *logCompactor) keep() error {
	size := 0
	for i, p := range c.run[:c.signed] {
		if i == c.signed-1 {
			_, b := splitEntry(p.value)
			p.value = joinEntry(c.vouch, b)
			c.run[i] = p
		}
		size += len(p.value)
	}
	if c.packer.size+size > logPackSize { // a run stands whole in one pack
		if err := c.packer.close(); err != nil {
			return err
		}
	}
	for _, p := range c.run[:c.signed] {
		if err := c.add(p.key, p.value, 1<<30); err != nil {
			return err
		}
	}
	c.run = c.run[c.signed:]
	c.signed, c.vouch, c.size = 0, nil, 0
	for _, p := range c.run {
		c.size += len(p.value)
	}
	return nil
}

// stream ends the stream at hand.
func (c *logCompactor) stream() error {
	if err := c.keep(); err != nil {
		return err
	}
	for _, p := range c.run {
		if err := c.put(logBucket, p.key, p.value); err != nil {
			return err
		}
	}
	c.run, c.size = nil, 0
	return nil
}

// chunk returns a pack's batches as runs of their streams.
func (c *logCompactor) chunk(pairs []pair) ([]byte, error) {
	var m wire.Chunk
	var run *wire.Run
	for _, p := range pairs {
		number, w, seq, _ := splitLogKey(p.key)
		space, known := c.spaces[number]
		if !known {
			return nil, fmt.Errorf("the name of space %d is lost", number)
		}
		if run == nil || run.Writer != w || run.Signature != nil {
			m.Runs = append(m.Runs, wire.Run{Space: space, Writer: w, First: seq})
			run = &m.Runs[len(m.Runs)-1]
		}
		signature, b := splitEntry(p.value)
		run.Batches = append(run.Batches, b)
		if len(signature) > 0 {
			run.Signature = signature
		}
	}
	return wire.Encode(m), nil
}
