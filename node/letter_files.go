package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/wake"
	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// carriage returns what speaks of files in letters: what carries them, or, where no node
// runs, the same without a link.
func (n *node) carriage() *freight.Freight {
	if n.freight == nil {
		n.freight = freight.New(freight.Host{
			Self: n.id.Device, Store: n.store, Log: n.log, Originals: n.isHub(), Peers: company{n},
		})
	}
	return n.freight
}

// writeFiles tells what there is to say of files, then how much goes, then pieces.
func (n letters) writeFiles(ctx context.Context, o Order, peer policy.Device, named referred, send func(bundle.Entry) error) error {
	l, err := n.fileLetter(ctx, o, peer, named)
	if err != nil {
		return err
	}
	say := func(m wire.FileWord) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return send(bundle.Entry{Kind: bundle.Word, Bytes: wire.EncodeFileWord(m)})
	}
	words, err := n.carriage().Words(l)
	if err != nil {
		return err
	}
	for _, m := range words {
		if err := say(m); err != nil {
			return err
		}
	}
	parcel, err := n.carriage().Pack(l)
	if err == nil {
		err = send(bundle.Freight{Files: uint64(parcel.Files), Bytes: uint64(parcel.Bytes)}.Entry())
	}
	if err != nil {
		return err
	}
	return parcel.Send(say)
}

// fileLetter says to freight what a letter is to hold.
func (n letters) fileLetter(ctx context.Context, o Order, peer policy.Device, named referred) (l freight.Letter, err error) {
	l = freight.Letter{
		To: peer, Known: fileWords(acquainted(n.config.Data, correspondent(peer)).Files), Beside: named.all(), Only: !o.Since.IsZero(), All: o.All,
	}
	for _, e := range o.Has {
		if e.Kind != bundle.Word {
			continue
		}
		m, err := wire.DecodeFileWord(e.Bytes)
		ask, ok := m.(wire.Ask)
		if err != nil || !ok {
			return l, errNote
		}
		l.Has = append(l.Has, ask)
	}
	if n.most != nil {
		l.Most = func(files []store.Spare) map[wire.Hash]bool { return n.most(ctx, slices.Clone(files), o.Wait) }
	}
	if peer.Role == policy.Hub {
		leaves := n.leavers()
		l.Spares, err = n.disposable(n.now(), func(s crdt.Space) bool { return leaves[s] })
	}
	return l, err
}

// fileWords reads words; what cannot be read is left out.
func fileWords(all [][]byte) (words []wire.FileWord) {
	for _, b := range all {
		if m, err := wire.DecodeFileWord(b); err == nil {
			words = append(words, m)
		}
	}
	return words
}

// referred are the files that a letter's records refer to.
type referred map[store.Wanted]bool

// note notes those of a message.
func (r referred) note(m wire.Message) {
	chunk, ok := m.(wire.Chunk)
	if !ok {
		return
	}
	for _, run := range chunk.Runs {
		for _, b := range run.Batches {
			batch, err := wire.DecodeBatch(b)
			if err != nil {
				continue // of a newer program
			}
			for _, op := range batch.Ops {
				if a, ok := op.Value.Attachment(); ok {
					r.add(a.File, false)
					r.add(a.Preview, true)
				}
			}
		}
	}
}

func (r referred) add(f crdt.File, preview bool) {
	if f != (crdt.File{}) {
		r[store.Wanted{Root: f.Root, Size: f.Size, Preview: preview}] = true
	}
}

func (r referred) all() []store.Wanted { return slices.Collect(maps.Keys(r)) }

const (
	// mostPause and mostPauseMax are the pauses between two questions to the hub's replicas
	// about files that came by courier to one of them: the others fetch them from it.
	mostPause, mostPauseMax = 500 * time.Millisecond, 8 * time.Second
	// mostPatience is how long it is waited while not one more comes to most of them.
	mostPatience = 30 * time.Second
)

// mostHave returns of which files most replicas have read their copy. If asked to it waits for
// them to fetch what this one has, for as long as they get on with it.
func (n *node) mostHave(ctx context.Context, files []store.Spare, wait bool) map[wire.Hash]bool {
	proven := map[wire.Hash]bool{}
	pause, moved := mostPause, time.Now()
	for {
		files = slices.DeleteFunc(files, func(f store.Spare) bool { return proven[f.Root] || !n.store.Files().Has(f.Root, f.Size) })
		before := len(proven)
		for some := range slices.Chunk(files, freight.ProvenMax) {
			now, _ := n.freight.Proven(ctx, some)
			maps.Copy(proven, now)
		}
		if len(proven) > before {
			pause, moved = mostPause, time.Now()
		}
		if !wait || len(proven)-before == len(files) || time.Since(moved) > mostPatience || ctx.Err() != nil {
			return proven
		}
		wake.Rest(ctx, pause)
		pause = min(2*pause, mostPauseMax)
	}
}
