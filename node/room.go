package node

import (
	"errors"

	"wangge/node/store"
)

// roomMin is the size, in bytes, below which a file's free pages are not worth
// a slow start.
const roomMin = 64 << 20

// openRoomy opens the store. A file of min bytes and more of which the greater
// part is free is compacted first: bbolt uses free pages again but never gives
// them back, and after a great trim they would be the disk's for ever.
func (n *node) openRoomy(min int64) (*store.Store, error) {
	o := n.storeOptions()
	s, err := store.Open(o)
	if err != nil {
		return nil, err
	}
	size, free := s.Room()
	if size < min || 2*free <= size {
		return s, nil
	}
	n.log.Info("giving back the room that the store does not need, before the start", "bytes", size, "free", free)
	if err := s.Close(); err != nil {
		return nil, err
	}
	_, after, err := store.Compact(o.Path)
	if err != nil { // such as a disk without room for the new file: the old one stands
		n.log.Warn("the store could not be made smaller, and goes on as it is", "error", err)
	} else {
		n.log.Info("the store is smaller", "bytes", after)
	}
	again, err := store.Open(o)
	if err != nil {
		return nil, errors.Join(errors.New("opening the store after compacting it"), err)
	}
	return again, nil
}
