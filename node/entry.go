package node

import (
	"github.com/klauspost/compress/s2"

	"wangge/node/consensus"
	"wangge/sync/wire"
)

// plainEntry begins an entry whose message is told plainly, as no message begins; the
// rest is a block of S2 (https://github.com/klauspost/compress/tree/master/s2).
const plainEntry = 0xff

// entryOf returns a message as the county's log has it. A chunk is told plainly: each
// replica reads each entry, and reading a packed one costs more than all that follows.
// Where that comes to more than an entry holds, it stays packed.
func entryOf(m wire.Message) []byte {
	if c, ok := m.(wire.Chunk); ok {
		if clear := wire.EncodePlain(c); len(clear) <= wire.FrameMax {
			if b := append([]byte{plainEntry}, s2.Encode(nil, clear)...); len(b) <= consensus.EntryMax {
				return b
			}
		}
	}
	return wire.Encode(m)
}

// readEntry returns the message of an entry, nil where there is none: nonsense changes
// nothing but the index.
func readEntry(entry []byte) wire.Message {
	if len(entry) > 0 && entry[0] == plainEntry {
		size, err := s2.DecodedLen(entry[1:])
		if err != nil || size > wire.FrameMax {
			return nil
		}
		if entry, err = s2.Decode(nil, entry[1:]); err != nil {
			return nil
		}
	}
	m, _ := wire.Decode(entry)
	return m
}
