package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Compact rewrites a stopped node's file in as little room as it can: log and
// records in packs, and no page that nothing uses any more. It returns the file's
// size before and after, in bytes.
func Compact(path string) (before, after int64, err error) { return compact(realDisk{}, path) }

func compact(d disk, path string) (before, after int64, err error) {
	if before, err = fileSize(path); err != nil {
		return 0, 0, err
	}
	if err = rewriteFrom(d, path, path, (*rewriter).compact); err != nil {
		return 0, 0, err
	}
	after, err = fileSize(path)
	return before, after, err
}

func fileSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("there is no store at %s", path)
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Backup copies a stopped node's file. The copy has no author: a node that went
// on from it would sign a second batch under a number that peers may hold, and
// a backup is no place for a key.
func Backup(path, to string) error {
	if _, err := os.Stat(to); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already: give the backup a name of its own", to)
	}
	return copyFile(realDisk{}, path, to, isAuthor)
}

func isAuthor(bucket, key []byte) bool {
	return bytes.Equal(bucket, metaBucket) && bytes.Equal(key, authorKey)
}

// Reinstate makes a backup the file of a node that has none, after a look
// through all of it. The node's next start mints a new writer and a new epoch;
// the old writer's streams come back from peers as far as those have them. At a
// hub that has lost its raft log, begins is the index up to which the backup stands for
// the log that is begun anew; it is 0 where nothing is.
func Reinstate(o Options, backup string, begins uint64, progress func(done, of int64)) (Findings, error) {
	if _, err := os.Stat(o.Path); !errors.Is(err, os.ErrNotExist) {
		return Findings{}, fmt.Errorf("%s is there already: move it away first, it may hold what the backup does not", o.Path)
	}
	path := o.Path
	o.Path = backup
	found, err := Verify(o, progress)
	if err != nil {
		return found, err
	}
	if found.tree() {
		return found, fmt.Errorf("the backup %s is damaged: take another one, or mend a copy of it with wangge verify --repair", backup)
	}
	if err := makeFolder(o.files(), filepath.Dir(path)); err != nil {
		return found, err
	}
	err = rewriteFrom(o.files(), backup, path, func(r *rewriter, p *pages) error {
		err := r.copy(p, func(bucket, key []byte) bool {
			return isAuthor(bucket, key) || bytes.Equal(bucket, metaBucket) && bytes.Equal(key, epochKey)
		})
		if begins > 0 {
			err = errors.Join(err, putNumber(func(k, v []byte) error { return r.put(metaBucket, k, v) }, appliedKey, begins))
		}
		return err
	})
	if err == nil {
		err = newFiles(o.files(), path, o.Now).renew()
	}
	return found, err
}
