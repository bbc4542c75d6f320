package node

import (
	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// loader fills frames with entries.
type loader struct {
	export  *Export
	to      *bundle.Writer
	entries []bundle.Entry
	size    int
	batches uint64
	files   bundle.Freight
	has     wire.Ack
	pieces  []wire.Ask // of each file those in this frame
	at      wire.Hash  // the file whose pieces are loaded
}

func (l *loader) load(e bundle.Entry) error {
	if l.size > 0 && l.size+e.Size() > bundle.LetterMax {
		if err := l.unload(); err != nil {
			return err
		}
	}
	l.entries, l.size = append(l.entries, e), l.size+e.Size()
	if err := l.note(e); err != nil {
		return err
	}
	if l.size < letterSize {
		return nil
	}
	return l.unload()
}

// note notes what an entry holds, for whoever goes on with the file.
func (l *loader) note(e bundle.Entry) error {
	switch e.Kind {
	case bundle.Message:
		m, err := wire.Decode(e.Bytes)
		if chunk, ok := m.(wire.Chunk); ok {
			l.chunk(chunk)
		}
		return err
	case bundle.Word:
		m, err := wire.DecodeFileWord(e.Bytes)
		if piece, ok := m.(wire.Piece); ok {
			l.piece(piece)
		}
		return err
	case bundle.Load:
		load, err := bundle.ReadFreight(e.Bytes)
		l.export.Load = load
		return err
	}
	return nil
}

func (l *loader) chunk(m wire.Chunk) {
	for _, run := range m.Runs {
		l.batches += uint64(len(run.Batches))
		l.has.Marks = append(l.has.Marks, wire.Mark{Space: run.Space, Writer: run.Writer, Seq: run.Last()})
	}
}

func (l *loader) piece(m wire.Piece) {
	if m.Root != l.at {
		l.at = m.Root
		l.files.Files++
	}
	l.files.Bytes += uint64(len(m.Bytes))
	last := len(l.pieces) - 1
	if last < 0 || l.pieces[last].Root != m.Root || l.pieces[last].Size != m.Size || len(l.pieces[last].Pieces) == wire.AskMax {
		l.pieces = append(l.pieces, wire.Ask{Root: m.Root, Size: m.Size})
		last++
	}
	l.pieces[last].Pieces = append(l.pieces[last].Pieces, m.Number)
}

// notes returns what the frame's note says.
func (l *loader) notes() (note []bundle.Entry, size int) {
	if len(l.has.Marks) > 0 {
		note = append(note, bundle.Entry{Kind: bundle.Message, Bytes: wire.Encode(l.has)})
	}
	for _, ask := range l.pieces {
		note = append(note, bundle.Entry{Kind: bundle.Word, Bytes: wire.EncodeFileWord(ask)})
	}
	for _, e := range note {
		size += e.Size()
	}
	return note, size
}

// unload writes what is loaded as a frame.
func (l *loader) unload() error {
	if len(l.entries) == 0 {
		return nil
	}
	note, noted := l.notes()
	size, _ := l.to.Size()
	x := l.export
	if x.Limit > 0 && size+bundle.FrameSize(l.size, noted)+endSize > x.Limit {
		return errRoom
	}
	if err := l.to.Append(l.entries, note); err != nil {
		return err
	}
	x.Batches += l.batches
	x.Files.Files, x.Files.Bytes = x.Files.Files+l.files.Files, x.Files.Bytes+l.files.Bytes
	l.entries, l.size, l.batches, l.has.Marks, l.files, l.pieces = nil, 0, 0, nil, bundle.Freight{}, nil
	size, _ = l.to.Size()
	x.Progress(size)
	return nil
}
