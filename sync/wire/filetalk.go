package wire

import (
	"encoding/binary"
	"fmt"
	"slices"

	"wangge/crdt"
)

// FileWord is one message of a conversation about files, which has a stream of
// its own so that it never stands before a record: an Ask, a Stock or a Decline
// from the side that lacks files, a Stock, List or Piece from the side that is asked.
type FileWord interface{ appendWord([]byte) []byte }

const (
	tagFileAsk = 1 + iota
	tagStock
	tagList
	tagPiece
	tagDecline
)

const (
	// FileWordMax is the most bytes of a FileWord.
	FileWordMax = 18 << 10
	// AskMax is the most pieces of one Ask.
	AskMax = 64
	// ListPart is how many pieces' hashes travel in one List; the last of a file has fewer.
	ListPart    = 512
	piecesMax   = crdt.FileMax / PieceSize
	branchesMax = 16
)

// Ask says that its sender lacks a file, and what it wants of it now. The first
// of a file is answered by a Stock, and by another whenever the peer has more of it.
type Ask struct {
	Root Hash
	Size int64
	// Sure asks that the peer read all of the file before it says that it has it:
	// who is about to remove a copy wants to know.
	Sure bool
	// Most asks a replica of the hub the same of most of them: that the answer is all
	// is the county's receipt for the file.
	Most   bool
	List   int   // the List wanted, counted from 1; 0 for none
	Pieces []int // in order
}

// Stock says what its sender holds of a file: all, some pieces, or nothing, which
// voids what was asked of it. From the side that asked, all means that nothing more
// of the file is wanted.
type Stock struct {
	Root   Hash
	Size   int64
	Whole  bool
	Pieces []bool // nil for all and for nothing
	// Nameless says, in answer to an Ask for most, that no record of the county names
	// the file: nobody will ask for it.
	Nameless bool
}

// List is a part of the list of a file's pieces, which can be checked by itself.
type List struct {
	Root     Hash
	Size     int64
	Part     int // from 0, each but the last of ListPart hashes
	Hashes   []Hash
	Branches []Hash // what Proven needs beside them
}

// Piece is a piece of a file.
type Piece struct {
	Root   Hash
	Size   int64
	Number int
	Bytes  []byte
}

// Decline says that its sender, who lacks a file, does not take what came of it, and
// why: for the person who looks after the giver. Nothing else is changed by it.
type Decline struct {
	Root   Hash
	Why    Why
	Reason string // a sentence; cut after 1,000 bytes
}

func (m Ask) appendWord(b []byte) []byte {
	b = appendName(append(b, tagFileAsk), m.Root, m.Size)
	if m.Most {
		b = append(b, sureMost)
	} else {
		b = append(b, flag(m.Sure))
	}
	b = binary.AppendUvarint(b, uint64(m.List))
	b = binary.AppendUvarint(b, uint64(len(m.Pieces)))
	for _, p := range m.Pieces {
		b = binary.AppendUvarint(b, uint64(p))
	}
	return b
}

// appendName appends what names a file. A root is made with one size, but who writes a
// record may announce another: that names a file which nobody has, and must not stand in
// the way of the one that somebody has.
func appendName(b []byte, root Hash, size int64) []byte {
	return binary.AppendUvarint(append(b, root[:]...), uint64(size))
}

func flag(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// How sure an Ask wants to be: 0 not, or one of these.
const (
	sureOne = 1 + iota
	sureMost
)

// The second byte of a Stock.
const (
	stockNone = iota
	stockWhole
	stockSome
	stockNameless
)

func (m Stock) appendWord(b []byte) []byte {
	b = appendName(append(b, tagStock), m.Root, m.Size)
	switch {
	case m.Whole:
		return append(b, stockWhole)
	case m.Nameless:
		return append(b, stockNameless)
	case !slices.Contains(m.Pieces, true):
		return append(b, stockNone)
	}
	b = append(b, stockSome)
	bits := make([]byte, (len(m.Pieces)+7)/8)
	for i, held := range m.Pieces {
		bits[i/8] |= flag(held) << (i % 8)
	}
	return append(b, bits...)
}

func (m List) appendWord(b []byte) []byte {
	b = appendName(append(b, tagList), m.Root, m.Size)
	b = binary.AppendUvarint(b, uint64(m.Part))
	for _, hashes := range [][]Hash{m.Hashes, m.Branches} {
		b = binary.AppendUvarint(b, uint64(len(hashes)))
		for _, h := range hashes {
			b = append(b, h[:]...)
		}
	}
	return b
}

func (m Piece) appendWord(b []byte) []byte {
	b = appendName(append(b, tagPiece), m.Root, m.Size)
	return appendBytes(binary.AppendUvarint(b, uint64(m.Number)), m.Bytes)
}

func (m Decline) appendWord(b []byte) []byte {
	b = append(append(append(b, tagDecline), m.Root[:]...), byte(m.Why))
	return appendReason(b, m.Reason)
}

// EncodeFileWord returns a word's bytes as they travel in one frame.
func EncodeFileWord(m FileWord) []byte { return m.appendWord(nil) }

// DecodeFileWord reads one word, all of it or nothing. A Piece's bytes are a part
// of b. Every error is ErrFormat.
func DecodeFileWord(b []byte) (FileWord, error) {
	if len(b) > FileWordMax {
		return nil, fmt.Errorf("%w: %d bytes about a file, %d at most", ErrFormat, len(b), FileWordMax)
	}
	r := &reader{b: b}
	m := r.fileWord()
	if err := r.end(); err != nil {
		return nil, err
	}
	return m, nil
}

func (r *reader) fileWord() FileWord {
	switch tag := r.byte("a word about a file"); tag {
	case tagFileAsk:
		return r.ask()
	case tagStock:
		return r.stock()
	case tagList:
		return r.list()
	case tagPiece:
		m := Piece{Root: r.hash(), Size: r.size()}
		m.Number = int(r.uint("a piece's number", uint64(max(Pieces(m.Size)-1, 0))))
		m.Bytes = r.sized("a piece", PieceSize)
		r.check(len(m.Bytes) > 0, "an empty piece")
		return m
	case tagDecline:
		return Decline{Root: r.hash(), Why: Why(r.byte("why a file is declined")), Reason: r.text("a reason", reasonMax)}
	default:
		r.fail(fmt.Sprintf("word %d about a file", tag))
		return nil
	}
}

func (r *reader) hash() (h Hash) {
	copy(h[:], r.bytes("a hash", len(h)))
	return h
}

func (r *reader) size() int64 {
	size := int64(r.uint("a file's size", crdt.FileMax))
	r.check(size > 0, "a file without a byte")
	return size
}

func (r *reader) ask() Ask {
	m := Ask{Root: r.hash(), Size: r.size()}
	pieces, sure := Pieces(m.Size), r.byte("whether to be sure")
	r.check(sure <= sureMost, "how sure to be")
	m.Sure, m.Most = sure == sureOne, sure == sureMost
	m.List = int(r.uint("a list's number", uint64(listParts(pieces))))
	for i := range r.count("a number of pieces", AskMax, 1) {
		p := int(r.uint("a piece's number", piecesMax-1))
		r.check(p < pieces && (i == 0 || m.Pieces[i-1] < p), "pieces out of order")
		if r.err != nil {
			return m
		}
		m.Pieces = append(m.Pieces, p)
	}
	return m
}

func listParts(pieces int) int { return (pieces + ListPart - 1) / ListPart }

func (r *reader) stock() Stock {
	m := Stock{Root: r.hash(), Size: r.size()}
	switch r.byte("how much is held") {
	case stockNone:
	case stockWhole:
		m.Whole = true
	case stockNameless:
		m.Nameless = true
	case stockSome:
		n := Pieces(m.Size)
		bits := r.bytes("the pieces held", (n+7)/8)
		if r.err != nil {
			return m
		}
		m.Pieces = make([]bool, n)
		for i := range m.Pieces {
			m.Pieces[i] = bits[i/8]>>(i%8)&1 == 1
		}
		r.check(slices.Contains(m.Pieces, true), "a stock of no pieces")
		r.check(n%8 == 0 || bits[n/8]>>(n%8) == 0, "pieces behind the last")
	default:
		r.fail("how much is held")
	}
	return m
}

func (r *reader) list() List {
	m := List{Root: r.hash(), Size: r.size()}
	m.Part = int(r.uint("a list's number", uint64(max(ListParts(m.Size)-1, 0))))
	m.Hashes = r.hashes("a number of pieces", ListPart)
	m.Branches = r.hashes("a number of branches", branchesMax)
	r.check(len(m.Hashes) > 0, "an empty list")
	return m
}

func (r *reader) hashes(what string, most int) (all []Hash) {
	for range r.count(what, most, len(Hash{})) {
		all = append(all, r.hash())
	}
	return all
}
