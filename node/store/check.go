package store

import (
	"errors"
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
	look := checking{s.vouchers(c), map[stream]head{}, map[signing]bool{}}
	for _, run := range c.Runs {
		ch, refusal, err := s.checkRun(run, look)
		switch {
		case refusal != nil:
			refusals = append(refusals, *refusal)
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
	pending map[stream]head  // heads as the chunk's earlier runs leave them
	signed  map[signing]bool // the runs of a tree have one signature
}

// signing is what a signatory is asked about, the one that is known here or the
// one that was brought.
type signing struct {
	brought            bool
	message, signature string
}

// signedBy asks a signatory, about one signature once.
func (c checking) signedBy(v *voucher) func(message, signature []byte) bool {
	return func(message, signature []byte) bool {
		key := signing{v.credential != nil, string(message), string(signature)}
		yes, known := c.signed[key]
		if !known {
			yes = v.Signed(message, signature)
			c.signed[key] = yes
		}
		return yes
	}
}

// checkRun returns a run as it can be kept, or why its sender is refused.
func (s *Store) checkRun(run wire.Run, look checking) (c checked, r *wire.Refusal, err error) {
	sigs, err := s.entitled(run, look.brought[run.Writer])
	if err == nil {
		c, err = read(run)
	}
	if err == nil {
		sigs, err = permitted(sigs, c.batches)
	}
	if err == nil {
		c, r, err = s.follow(c, sigs, look)
	}
	var apart fork
	switch {
	case errors.As(err, &apart):
		proof, err := s.apart(run, sigs, apart)
		return c, &proof, err
	case reason(err) != nil:
		plain := refusal(run, err)
		return c, &plain, nil
	}
	return c, r, err
}

// permitted leaves of a run's signatories those who may make every op of it.
func permitted(sigs []*voucher, batches []crdt.Batch) (may []*voucher, err error) {
	for _, v := range sigs {
		if no := forbidden(v.Signatory, batches); no != nil {
			err = refuse(wire.WhyRights, "%v", no)
			continue
		}
		may = append(may, v)
	}
	if len(may) > 0 {
		return may, nil
	}
	return nil, err
}

// forbidden returns why a signatory may not make some op, or nil.
func forbidden(sig Signatory, batches []crdt.Batch) error {
	for _, b := range batches {
		for _, op := range b.Ops {
			if err := sig.MayMake(op); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow checks that a run goes on from what is held, or from what the chunk's
// earlier runs bring.
func (s *Store) follow(c checked, sigs []*voucher, look checking) (checked, *wire.Refusal, error) {
	run, st := c.run, stream{c.run.Space, c.run.Writer}
	beside := func(err error, m wire.Message) (checked, *wire.Refusal, error) {
		r := refusal(run, err)
		r.Beside = m
		return c, &r, nil
	}
	h, ok := look.pending[st]
	if !ok {
		if h = s.headOf(st); h.seq == 0 {
			h.hash = originOf(s.options.County, sigs[0].Signatory, st)
		}
	}
	if run.First > h.seq+1 && !ok { // it may be told of batches that were moved to an arm
		return beside(gap(st, h, run), wire.Doubt{Space: st.space, Writer: st.writer})
	}
	n, err := s.overlap(st, run, h, ok)
	if err != nil || n == len(run.Batches) {
		return c, nil, err
	}
	end := head{seq: run.Last(), hash: h.hash}
	for _, b := range run.Batches[n:] {
		end.hash = end.hash.Next(b)
	}
	for _, v := range sigs {
		if !vouches(s.options.County, v.Signatory, look.signedBy(v), st, end, run.Signature) {
			continue
		}
		if f, frozen := s.frozen(st); frozen && end.seq > f.Seq {
			return beside(closed(f), f)
		}
		if v.credential != nil {
			c.voucher = v
		}
		c.end, look.pending[st] = end.hash, end
		return c, nil, nil
	}
	if n > 0 || h.seq == 0 || ok {
		return c, nil, unproven(run)
	}
	return beside(unproven(run), wire.Doubt{Space: st.space, Writer: st.writer}) // it may be true of another chain
}
