package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"wangge/node"
)

// partSuffix is that of a bundle which is not finished.
const partSuffix = ".part"

// openBundleFile opens a bundle, the unfinished one where there is no other.
func openBundleFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if part, err := os.Open(path + partSuffix); err == nil {
			return part, nil
		}
	}
	return f, err
}

// make writes a bundle beside its place and renames it once it is whole and on the
// disk. What an earlier try left is gone on with; what is finished is replaced, but
// only by a bundle of the same sender for the same addressee.
func (b *bundling) make(ctx context.Context, x *node.Export, path string) error {
	if done, err := os.Open(path); err == nil {
		err = errors.Join(node.CheckBundle(b.id, done, x.To.Device.Index), done.Close())
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	part := path + partSuffix
	f, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	x.File = f
	err = x.Make(ctx, b.id, b.post, time.Now())
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		syncFolder(filepath.Dir(path))
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return inPart("no room is left for %s. What is whole there, %d bytes, can be carried and imported as it is. Make room and give the same command again, "+
			"or write the rest on another stick with --after %s", part, x.Bytes, part)
	case err != nil:
		return fmt.Errorf("writing %s: %w", part, err)
	case x.More && x.Frames < 2:
		return fmt.Errorf("a limit of %d bytes leaves no room for anything: allow 200KB at least", x.Limit)
	case x.More:
		return inPart("%s holds what fits into its limit. Write the rest on another stick with --after %s", path, path)
	}
	return nil
}

// partial is a piece of work of which a part is done.
type partial struct{ error }

// Is makes the exit code that of a part.
func (partial) Is(target error) bool { return target == errPartial }

func inPart(format string, args ...any) error { return partial{fmt.Errorf(format, args...)} }

// syncFolder makes a name durable where the file system can: FAT cannot.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
