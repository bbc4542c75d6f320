package node

import (
	"wangge/node/consensus"
	"wangge/sync/wire"
)

// entryOf returns a message as the county's log has it. A chunk is pressed and not packed: each
// replica reads each entry, and reading a packed one costs more than all that follows.
// Where that comes to more than an entry holds, it is packed.
func entryOf(m wire.Message) []byte {
	if c, ok := m.(wire.Chunk); ok {
		if b := wire.EncodePressed(c, nil); len(b) <= consensus.EntryMax {
			return b
		}
	}
	return wire.Encode(m)
}

// readEntry returns the message of an entry, nil where there is none: nonsense changes
// nothing but the index.
func readEntry(entry []byte) wire.Message {
	m, _ := wire.Decode(entry)
	return m
}
