package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

const (
	// pageSize is how many bytes records have before they are packed into a page:
	// a cut costs at most one.
	pageSize = 128 << 10
	// checkpointAge and checkpointLag say when a checkpoint is made anew: what came
	// since follows it as streams.
	checkpointAge = 7 * 24 * time.Hour
	checkpointLag = 10 // a part of so many
)

// Offer returns a checkpoint of a space, sealed by this replica, and whether it
// has one: a box has none to offer. One that was made not long ago is offered
// again, so that a taker that was cut off may go on with it.
func (s *Store) Offer(name crdt.Space) (wire.Checkpoint, bool, error) {
	if s.options.Seal == nil {
		return wire.Checkpoint{}, false, nil
	}
	defer s.offered.lock(name)()
	f := s.pageFile(name, "checkpoint")
	if c, err := f.checkpoint(); err == nil && s.fresh(c) && f.whole(c) {
		return c, true, nil
	}
	c, err := s.makeCheckpoint(name, f)
	if disk := new(fs.PathError); errors.Is(err, errPage) || errors.As(err, &disk) {
		return wire.Checkpoint{}, false, nil // the streams carry what a full disk does not take as well
	}
	if err != nil {
		return wire.Checkpoint{}, false, fmt.Errorf("making a checkpoint of %s: %w", name, err)
	}
	return c, true, nil
}

// errPage says that a record is too large for a page; the streams carry it.
var errPage = errors.New("a record does not fit into a page")

func (s *Store) fresh(c wire.Checkpoint) bool {
	if s.options.Now().Sub(time.UnixMilli(c.At)) > checkpointAge {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	held, merged := s.mirror.spaces[c.Space].frontier, c.Frontier()
	var all, since uint64
	for w, seq := range held {
		if wire.ArmDepth(w) > 0 && merged[w] < seq {
			return false // who has trimmed its stem can have it in no other way
		}
		all += seq
		since += seq - min(seq, merged[w])
	}
	return held.Covers(merged) && since*checkpointLag <= all
}

// Page returns a page of a checkpoint that was offered, and whether it is still
// there.
func (s *Store) Page(c wire.Checkpoint, number uint64) ([]byte, bool, error) {
	defer s.offered.lock(c.Space)()
	f := s.pageFile(c.Space, "checkpoint")
	now, err := f.checkpoint()
	if err != nil || now.Name() != c.Name() || number >= uint64(len(c.Pages)) {
		return nil, false, nil
	}
	b, err := f.page(c, number)
	if err != nil { // a page that is not what it was: the next offer is made anew
		return nil, false, f.remove()
	}
	return b, true, nil
}

func (s *Store) makeCheckpoint(name crdt.Space, f pageFile) (wire.Checkpoint, error) {
	c := wire.Checkpoint{Space: name, At: s.options.Now().UnixMilli()}
	err := f.write(func(add func([]byte) error) error {
		return s.view(func(tx *bolt.Tx) error {
			p := pager{checkpoint: &c, add: add}
			return p.fill(s.layers(tx), name)
		})
	})
	if err != nil {
		return c, err
	}
	c.Seal = s.options.Seal(c.Content(s.options.County))
	return c, f.seal(c)
}

// pager fills a checkpoint with pages, of one moment of the file.
type pager struct {
	checkpoint *wire.Checkpoint
	add        func([]byte) error
	content    wire.Content
	size       int
}

func (p *pager) fill(from layers, name crdt.Space) error {
	tx := from.tx
	sp, err := decodeSpace(tx.Bucket(spaceBucket).Get([]byte(name.String())))
	if err != nil {
		return err
	}
	p.checkpoint.Records = sp.records
	copy(p.checkpoint.Sum[:], sp.sum.append(nil))
	prefix, end := spaceKeys(sp.number)
	c := tx.Bucket(streamBucket).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := p.head(tx, k, v); err != nil {
			return err
		}
	}
	err = from.each(recordLayer, prefix, end, p.record)
	return errors.Join(err, p.turn())
}

func (p *pager) head(tx *bolt.Tx, k, v []byte) error {
	_, w, _ := splitStreamKey(k)
	h, err := decodeHead(k, v)
	if err != nil {
		return err
	}
	p.checkpoint.Heads = append(p.checkpoint.Heads, wire.Head{Writer: w, Seq: h.seq, Hash: h.hash})
	credential := bytes.Clone(tx.Bucket(writersBucket).Get(writerKey(w)))
	p.content.Credentials = append(p.content.Credentials, credential)
	return p.grow(len(credential))
}

func (p *pager) record(k, v []byte) error {
	rec, err := wire.DecodeRecord(v)
	if err != nil {
		return fmt.Errorf("record %x is damaged: %v", k[4:], err)
	}
	p.content.Records = append(p.content.Records, wire.Merged{ID: crdt.RecordID(k[4:]), Record: rec})
	return p.grow(len(v))
}

func (p *pager) grow(n int) error {
	if p.size += n; p.size < pageSize {
		return nil
	}
	return p.turn()
}

// turn ends a page. A taker must be able to read it.
func (p *pager) turn() error {
	if p.size == 0 {
		return nil
	}
	b := wire.AppendPage(nil, p.content)
	if _, err := wire.DecodePage(b); err != nil {
		return errPage
	}
	p.checkpoint.Pages = append(p.checkpoint.Pages, wire.PageName{Size: uint64(len(b)), Hash: sha256.Sum256(b)})
	p.content, p.size = wire.Content{}, 0
	return p.add(b)
}
