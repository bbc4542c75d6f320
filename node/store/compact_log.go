package store

import (
	"bytes"
	"encoding/binary"
	"errors"

	"wangge/crdt"
	"wangge/sync/wire"
)

func (r *rewriter) compactLog(p *pages, x dropping) error {
	c := logCompactor{pages: p, drops: x, spaces: map[uint32]crdt.Space{}, heads: map[string]head{}}
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
	drops  dropping
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
	h, err := decodeHead(k, v)
	if !c.drops.numbered(k) { // of a stream without a head nothing is kept
		c.heads[string(k)] = h
	}
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
		if seq == h.seq && wire.ArmDepth(w) == 0 {
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
	if c.signed > 0 && c.size > runMax { // together more than one signature may cover
		if err := c.keep(); err != nil {
			return err
		}
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
		if run == nil || run.Space != numbered(number) || run.Writer != w || run.Signature != nil {
			m.Runs = append(m.Runs, wire.Run{Space: numbered(number), Writer: w, First: seq})
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
