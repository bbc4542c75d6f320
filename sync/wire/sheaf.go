package wire

import "encoding/binary"

// sheavesMax bounds the sheaves of one page.
const sheavesMax = 1 << 16

func appendSheaves(b []byte, credentials [][]byte, sheaves []sheaf) []byte {
	b = binary.AppendUvarint(b, uint64(len(credentials)))
	for _, c := range credentials {
		b = appendBytes(b, c)
	}
	b = binary.AppendUvarint(b, uint64(len(sheaves)))
	for _, s := range sheaves {
		b = binary.AppendUvarint(appendWriter(b, s.writer), s.seq)
		b = binary.AppendUvarint(b, uint64(len(s.places)))
		for _, place := range s.places {
			b = binary.AppendUvarint(b, uint64(place))
		}
		b = appendBytes(b, AppendBatch(nil, s.batch))
	}
	return b
}

func (r *reader) sheaves() (credentials [][]byte, sheaves []sheaf) {
	for range r.count("a number of credentials", credentialsMax, 1) {
		credentials = append(credentials, r.sized("a credential", credentialMax))
	}
	for range r.count("a number of sheaves", sheavesMax, sheafMin) {
		s := sheaf{writer: r.writer(), seq: r.uint("a batch's number", seqMax)}
		places := r.count("a number of places", OpsMax, 1)
		r.check(s.seq > 0 || places == 0, "a place of no dot")
		for range places {
			s.places = append(s.places, uint32(r.uint("a dot's place", OpsMax-1)))
		}
		var err error
		if s.batch, err = DecodeBatch(r.sized("a sheaf", BatchMax)); err != nil && r.err == nil {
			r.fail(err.Error())
		}
		r.check(s.seq == 0 || places == len(s.batch.Ops), "a number of places")
		if r.err != nil {
			return nil, nil
		}
		sheaves = append(sheaves, s)
	}
	return credentials, sheaves
}

// unpackPage reads a packed page, whose size is declared and bounded before a
// byte of it is made.
func (r *reader) unpackPage() ([][]byte, []sheaf) {
	size := int(r.uint("a page's size", MessageMax))
	if size > packRatioMax*len(r.b) {
		r.fail("a page packed too tightly")
		return nil, nil
	}
	p := newPacker(newReader(r.b), size, Shared{})
	credentials, sheaves := p.page(nil, nil)
	p.end()
	r.b, r.err = nil, p.err
	if p.err == nil && len(appendSheaves(nil, credentials, sheaves)) != size {
		r.fail("a packed page of another size than declared")
	}
	return credentials, sheaves
}

func (p *packer) page(credentials [][]byte, sheaves []sheaf) ([][]byte, []sheaf) {
	h := p.header
	credentials = sized(p, credentials, p.count(&h.counts[0], len(credentials), credentialsMax, 1, "a number of credentials"))
	for i, c := range credentials {
		credentials[i] = p.bytes(columnCredential, c, credentialMax)
	}
	sheaves = sized(p, sheaves, p.count(&h.counts[1], len(sheaves), sheavesMax, sheafMin, "a number of sheaves"))
	for i := range sheaves {
		if p.err != nil {
			return nil, nil
		}
		sheaves[i] = p.sheaf(sheaves[i])
	}
	return credentials, sheaves
}

func (p *packer) sheaf(s sheaf) sheaf {
	h := p.header
	s.writer = p.writer(&h.writer, s.writer)
	h.seq += p.signed(&h.counts[3], int64(s.seq)-h.seq)
	if s.seq = uint64(h.seq); s.seq > seqMax {
		p.fail("a batch's number")
		return s
	}
	p.heard = append(p.heard[:0], "", "")
	s.batch = p.form(s.writer, s.batch)
	if s.seq > 0 {
		s.places = sized(p, s.places, len(s.batch.Ops))
	}
	next := int64(0)
	for i := range s.places {
		place := next + p.signed(&h.places, int64(s.places[i])-next)
		if place < 0 || place >= OpsMax {
			p.fail("a dot's place")
			return s
		}
		s.places[i], next = uint32(place), place+1
	}
	if p.reading && p.err == nil {
		p.spend(len(AppendBatch(nil, s.batch)))
	}
	return s
}
