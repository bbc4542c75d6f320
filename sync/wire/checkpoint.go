package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"wangge/crdt"
)

// Checkpoint says what a space has come to: up to where each stream is merged
// into it, and which pages hold the merged records. The county's hub seals it,
// so that a replica can start from it without the streams' history.
type Checkpoint struct {
	Space   crdt.Space
	At      int64 // the sealer's clock, in milliseconds since 1970
	Heads   []Head
	Records uint64
	Sum     [32]byte // of the records, as a store adds them up
	Pages   []PageName
	Seal    Seal
}

// Head is how far a stream goes, and its chain's hash there.
type Head struct {
	Writer crdt.Writer
	Seq    uint64
	Hash   Hash
}

// PageName is a page's size in bytes and its SHA-256.
type PageName struct {
	Size uint64
	Hash Hash
}

// Seal proves who vouches for a checkpoint.
type Seal struct{ Credential, Signature []byte }

const (
	pagesMax    = 1 << 16 // pages of one checkpoint
	pageNameMin = 1 + len(Hash{})
	headMin     = 3 + len(Hash{})
)

// Content returns what the sealer signs. Its hash is the checkpoint's name.
func (m Checkpoint) Content(county County) []byte {
	b := append([]byte("wangge checkpoint 1\x00"), county[:]...)
	return m.appendContent(b)
}

// Name returns the hash of the content: two checkpoints of one name are one.
func (m Checkpoint) Name() Hash { return sha256.Sum256(m.appendContent(nil)) }

// Frontier returns what is merged into the checkpoint.
func (m Checkpoint) Frontier() crdt.Frontier {
	f := make(crdt.Frontier, len(m.Heads))
	for _, h := range m.Heads {
		f[h.Writer] = h.Seq
	}
	return f
}

func (m Checkpoint) appendContent(b []byte) []byte {
	b = appendSpace(b, m.Space)
	b = binary.AppendUvarint(b, uint64(m.At))
	b = binary.AppendUvarint(b, uint64(len(m.Heads)))
	for _, h := range m.Heads {
		b = binary.AppendUvarint(appendWriter(b, h.Writer), h.Seq)
		b = append(b, h.Hash[:]...)
	}
	b = binary.AppendUvarint(b, m.Records)
	b = append(b, m.Sum[:]...)
	b = binary.AppendUvarint(b, uint64(len(m.Pages)))
	for _, p := range m.Pages {
		b = append(binary.AppendUvarint(b, p.Size), p.Hash[:]...)
	}
	return b
}

func (m Checkpoint) append(b []byte) []byte {
	b = m.appendContent(append(b, tagCheckpoint))
	return appendBytes(appendBytes(b, m.Seal.Credential), m.Seal.Signature)
}

func (r *reader) checkpoint() Checkpoint {
	m := Checkpoint{Space: r.space(), At: int64(r.uint("a moment", 1<<62))}
	for i := range r.count("a number of heads", writersMax, headMin) {
		h := Head{Writer: r.writer(), Seq: r.seq()}
		copy(h.Hash[:], r.bytes("a head's hash", len(h.Hash)))
		r.check(i == 0 || m.Heads[i-1].Writer < h.Writer, "heads out of order")
		if r.err != nil {
			return m
		}
		m.Heads = append(m.Heads, h)
	}
	m.Records = r.uint("a number of records", 1<<62)
	copy(m.Sum[:], r.bytes("a sum", len(m.Sum)))
	for range r.count("a number of pages", pagesMax, pageNameMin) {
		p := PageName{Size: r.uint("a page's size", FrameMax)}
		copy(p.Hash[:], r.bytes("a page's hash", len(p.Hash)))
		m.Pages = append(m.Pages, p)
	}
	m.Seal.Credential = r.sized("a credential", credentialMax)
	m.Seal.Signature = r.sized("a signature", signatureMax)
	return m
}

// Want answers a Checkpoint and each of its pages: which page the sender of the
// Want lacks next. The number of pages means that it has joined the whole; a
// zero Checkpoint, from either side, means that nothing comes of it, and that the
// streams say the rest.
type Want struct {
	Space      crdt.Space
	Checkpoint Hash // its name
	Page       uint64
}

func (m Want) append(b []byte) []byte {
	b = appendSpace(append(b, tagWant), m.Space)
	return binary.AppendUvarint(append(b, m.Checkpoint[:]...), m.Page)
}

func (r *reader) want() Want {
	m := Want{Space: r.space()}
	copy(m.Checkpoint[:], r.bytes("a checkpoint's name", len(m.Checkpoint)))
	m.Page = r.uint("a page's number", pagesMax)
	return m
}

// Page is one page of a checkpoint. Data is what AppendPage wrote.
type Page struct {
	Space      crdt.Space
	Checkpoint Hash
	Number     uint64 // from 0
	Data       []byte
}

func (m Page) append(b []byte) []byte {
	b = appendSpace(append(b, tagPage), m.Space)
	b = binary.AppendUvarint(append(b, m.Checkpoint[:]...), m.Number)
	return appendBytes(b, m.Data)
}

func (r *reader) page() Page {
	m := Page{Space: r.space()}
	copy(m.Checkpoint[:], r.bytes("a checkpoint's name", len(m.Checkpoint)))
	m.Number = r.uint("a page's number", pagesMax)
	m.Data = r.sized("a page", FrameMax)
	return m
}
