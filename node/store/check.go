package store

import (
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/sync/wire"
)

// checked is a run whose signature, rights and content were verified.
type checked struct {
	run     wire.Run
	batches []crdt.Batch
	end     wire.Hash // what its writer signed; zero when it holds nothing new
	voucher *voucher  // the credential that it brought, when that one was needed
}

// Check verifies a chunk against what the store holds, without writing: who
// signs, whether they may, the chain and the form of every batch. It returns
// the part that can be kept, with the credentials that this part needs, and a
// refusal for every run that cannot.
func (s *Store) Check(c wire.Chunk) (wire.Chunk, []wire.Refusal) {
	var good wire.Chunk
	runs, refusals, broken := s.check(c)
	for _, ch := range runs {
		good.Runs = append(good.Runs, ch.run)
		if v := ch.voucher; v != nil && !slices.ContainsFunc(good.Credentials, v.is) {
			good.Credentials = append(good.Credentials, v.credential)
		}
	}
	for _, run := range broken.runs {
		refusals = append(refusals, refusal(run, broken.err))
	}
	return good, refusals
}

// broken are the runs about which this node could not decide, and why.
type broken struct {
	runs []wire.Run
	err  error
}

func (s *Store) check(c wire.Chunk) (runs []checked, refusals []wire.Refusal, undecided broken) {
	look := checking{s.vouchers(c), map[stream]head{}, map[string]bool{}}
	for _, run := range c.Runs {
		ch, err := s.checkRun(run, look)
		var why refused
		switch {
		case errors.As(err, &why):
			refusals = append(refusals, refusal(run, why))
		case err != nil:
			undecided = broken{append(undecided.runs, run), err}
		default:
			runs = append(runs, ch)
		}
	}
	return runs, refusals, undecided
}

// checking is what is known while the runs of one chunk are looked at.
type checking struct {
	brought map[crdt.Writer]*voucher
	pending map[stream]head // heads as the chunk's earlier runs leave them
	signed  map[string]bool // who signed what: the runs of a tree have one signature
}

// signedBy asks a signatory, about one signature once.
func (c checking) signedBy(v *voucher) func(message, signature []byte) bool {
	return func(message, signature []byte) bool {
		key := fmt.Sprint(v.credential != nil, len(message)) + string(message) + string(signature)
		yes, known := c.signed[key]
		if !known {
			yes = v.Signed(message, signature)
			c.signed[key] = yes
		}
		return yes
	}
}

func (s *Store) checkRun(run wire.Run, look checking) (checked, error) {
	sigs, err := s.entitled(run, look.brought[run.Writer])
	if err != nil {
		return checked{}, err
	}
	c, err := read(run)
	if err != nil {
		return checked{}, err
	}
	st := stream{run.Space, run.Writer}
	h, ok := look.pending[st]
	if !ok {
		h = s.headOf(st)
	}
	n, err := s.overlap(st, run, h, ok)
	if err != nil || n == len(run.Batches) {
		return c, err
	}
	hash := h.hash
	for _, b := range run.Batches[n:] {
		hash = hash.Next(b)
	}
	for _, v := range sigs {
		if wire.Vouches(look.signedBy(v), s.options.County, run.Space, run.Writer, run.Last(), hash, run.Signature) {
			if v.credential != nil {
				c.voucher = v
			}
			c.end = hash
			look.pending[st] = head{seq: run.Last(), hash: hash}
			return c, nil
		}
	}
	return checked{}, unproven(run)
}
