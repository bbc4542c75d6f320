package store

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"wangge/sync/wire"
)

// A file that was whole here and is damaged now looks like one that is still coming.
// A mark beside it says otherwise, for a person: it may have been the only copy.

// note marks a file as damaged, before it is taken out of use. The caller holds mu.
func (f *Files) note(root wire.Hash) error {
	path := f.path(root) + hurtSuffix
	mark, err := f.disk.file(path, os.O_CREATE|os.O_WRONLY)
	if err != nil {
		return err
	}
	f.hurt[root] = f.now()
	if f.damaged != nil {
		f.damaged()
	}
	return errors.Join(mark.Close(), syncDir(f.disk, filepath.Dir(path)))
}

// heal takes the mark away from a file that is whole again. The caller holds mu.
func (f *Files) heal(root wire.Hash) error {
	if _, ok := f.hurt[root]; !ok {
		return nil
	}
	delete(f.hurt, root)
	if err := f.disk.remove(f.path(root) + hurtSuffix); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// IsHurt reports whether a file was whole here, is damaged now and has not come again.
func (f *Files) IsHurt(root wire.Hash) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.hurt[root]
	return ok
}

// Hurt returns those files, with when that was found.
func (f *Files) Hurt() map[wire.Hash]time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.hurt)
}
