package sim

import (
	"os"
	"path/filepath"

	"wangge/sync/pieces"
	"wangge/sync/wire"
)

// incurious asks what there is, and for nothing of it.
func incurious(_ *Machine, m wire.FileWord) bool {
	ask, ok := m.(wire.Ask)
	return !ok || len(ask.Pieces) == 0
}

// fading changes a byte of each file beside a store.
func fading(path string) {
	filepath.WalkDir(filepath.Join(filepath.Dir(path), "files"), func(path string, d os.DirEntry, err error) error {
		if b, err := os.ReadFile(path); err == nil && len(b) > 0 {
			b[0] ^= 1
			os.WriteFile(path, b, 0o600)
		}
		return err
	})
}

// silent tells nobody of what was not taken.
type silent struct{ pieces.Keeper }

func (silent) Declined(uint32, wire.Decline) {}

func silently(k pieces.Keeper) pieces.Keeper { return silent{k} }

// trusting takes everything for the piece that was asked for.
type trusting struct{ pieces.Keeper }

func (trusting) Put(wire.Hash, int, []byte) (fits, whole bool, err error) { return true, true, nil }

func trustingly(k pieces.Keeper) pieces.Keeper { return trusting{k} }
