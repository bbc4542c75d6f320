package store

import (
	"bytes"

	"wangge/crdt"
	"wangge/sync/wire"
)

// voucher is a verified credential and its bytes.
type voucher struct {
	Signatory
	credential []byte
}

func (v *voucher) is(credential []byte) bool { return bytes.Equal(v.credential, credential) }

// vouchers verifies the credentials that a chunk brings, of which each run
// needs one at most. One that proves nothing is passed over; the run that needs
// it is refused.
func (s *Store) vouchers(c wire.Chunk) map[crdt.Writer]*voucher {
	brought := map[crdt.Writer]*voucher{}
	for _, credential := range c.Credentials[:min(len(c.Credentials), len(c.Runs))] {
		if sig, err := s.options.signatory(credential); err == nil {
			brought[sig.Writer()] = &voucher{sig, credential}
		}
	}
	return brought
}

// known returns the signatory that the store holds a credential of, or nil.
func (s *Store) known(w crdt.Writer) (Signatory, error) {
	s.mu.RLock()
	sig := s.mirror.signatories[w]
	s.mu.RUnlock()
	if sig != nil {
		return sig, nil
	}
	credential, err := s.credential(w)
	if err != nil || credential == nil {
		return nil, err
	}
	if sig, err = s.options.signatory(credential); err != nil {
		return nil, nil // of a county root that was replaced: a new credential may be brought
	}
	s.mu.Lock()
	s.mirror.signatories[w] = sig
	s.mu.Unlock()
	return sig, nil
}

// entitled returns those who may have signed a run: the writer as the store
// knows it and, because a certificate may have been renewed since, as the chunk
// introduces it.
func (s *Store) entitled(run wire.Run, brought *voucher) ([]*voucher, error) {
	if err := sound(run.Space); err != nil {
		return nil, refuse(wire.WhyDamaged, "%v", err)
	}
	sig, err := s.known(run.Writer)
	if err != nil {
		return nil, err
	}
	if sig == nil && brought == nil {
		return nil, refuse(wire.WhyStranger, "nobody vouches for writer %s here: its credential is missing or of another county", run.Writer)
	}
	var may []*voucher
	if sig != nil {
		if err = sig.MayWrite(run.Space); err == nil {
			may = append(may, &voucher{Signatory: sig})
		}
	}
	if brought != nil {
		if err = brought.MayWrite(run.Space); err == nil {
			may = append(may, brought)
		}
	}
	if len(may) == 0 {
		return nil, refuse(wire.WhyRights, "%v", err)
	}
	return may, nil
}
