package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wangge/crdt"
	"wangge/sync/wire"
)

// partFiles names the folder of files where other faults name a bucket.
const partFiles = "files"

// FileFindings is what a look through the files beside a store came to.
type FileFindings struct {
	Files   int      `json:"files"` // whole ones
	Bytes   int64    `json:"bytes"`
	Begun   int      `json:"begun,omitempty"`   // of which pieces are still coming
	Missing []string `json:"missing,omitempty"` // that records refer to, with one of these; at most faultsMax
	More    int      `json:"more,omitempty"`    // missing beyond these
}

// expectAttached adds up the references that a record's index must have.
func (x *examination) expectAttached(space uint32, id crdt.RecordID, rec crdt.Record) {
	for _, k := range attachedKeys(space, id, rec) {
		x.attached = x.attached.plus(sumOf(k))
		x.attachedCount++
	}
}

// compareAttached compares the index of references with what the records give.
func (x *examination) compareAttached() error {
	var onFile sum
	var count uint64
	err := x.pages.each(attachedBucket, nil, nil, func(k, v []byte) error {
		onFile, count = onFile.plus(sumOf(append(k, v...))), count+1 // the values are empty
		return nil
	})
	if !x.cut && (onFile != x.attached || count != x.attachedCount) {
		x.fault(string(attachedBucket), Rebuild, "the index of attached files is not that of the records: %d references, and the records make %d", count, x.attachedCount)
	}
	return err
}

// receiptEntry notes a receipt that is damaged: the county is asked again, and until then the
// file is owed to it.
func (x *examination) receiptEntry(k, v []byte) error {
	if _, good := receiptOf(k, v); !good {
		x.fault(string(receiptBucket), Refetch, "what the county said of a photo or file is damaged: it is asked again")
	}
	return nil
}

// files reads every file beside the store, and finds those that records refer to
// and that are not here. It returns the damaged ones. None of this belongs to
// what a hub's replicas have equal, so each machine mends its own.
func (x *examination) files() (bad []wire.Hash, err error) {
	folder := filepath.Join(filepath.Dir(x.options.Path), filesFolder)
	good := map[wire.Hash]int64{}
	err = eachFile(folder, func(root wire.Hash, suffix string, info fs.FileInfo) error {
		if suffix == partSuffix {
			x.found.Files.Begun++
		}
		if suffix != "" {
			return nil
		}
		size, what, err := lookAt(filePath(folder, root), root)
		switch {
		case err != nil:
			return err
		case what != "":
			x.note(Fault{partFiles, fmt.Sprintf("the file %x: %s", root, what), Refill})
			bad = append(bad, root)
			return nil
		}
		good[root] = size
		x.found.Files.Files++
		x.found.Files.Bytes += size
		return nil
	})
	return bad, errors.Join(err, x.missing(good))
}

// lookAt reads a whole file and says what is wrong with it, or "".
func lookAt(path string, root wire.Hash) (size int64, what string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer file.Close()
	list, size, err := storedList(file, root)
	if errors.Is(err, errDamaged) {
		if _, err := readList(file, root); err == nil {
			return size, "", nil // reading goes on without its list
		}
		return size, "neither its pieces nor their list are those that its name stands for", nil
	}
	var bad []int
	for i := range list {
		piece, err := readPiece(file, size, i)
		if err != nil {
			return size, "", err
		}
		if wire.PieceHash(piece) != list[i] {
			bad = append(bad, i)
		}
	}
	if len(bad) > 0 {
		what = fmt.Sprintf("%d of its %d pieces are damaged: %v", len(bad), len(list), bad[:min(len(bad), 20)])
	}
	return size, what, err
}

// missing lists the files that records refer to and that are not among the good.
func (x *examination) missing(good map[wire.Hash]int64) error {
	last := Wanted{}
	return x.pages.each(attachedBucket, nil, nil, func(k, _ []byte) error {
		w, ok := wanted(k, x.names)
		if !ok || good[w.Root] == w.Size || w.Root == last.Root && w.Size == last.Size {
			return nil
		}
		last = w
		if len(x.found.Files.Missing) == faultsMax {
			x.found.Files.More++
			return nil
		}
		sort := "file"
		if w.Preview {
			sort = "preview"
		}
		x.found.Files.Missing = append(x.found.Files.Missing,
			fmt.Sprintf("%s %x of %d bytes, of record %s in %s", sort, w.Root, w.Size, w.Record, w.Space))
		return nil
	})
}

// mendFiles takes damaged files out of use, so that only what is bad of them need
// be fetched again.
func mendFiles(o Options, bad []wire.Hash) error {
	f := newFiles(o.files(), o.Path, o.Now)
	for _, root := range bad {
		f.whole[root] = 1
		if err := f.setAside(root, isListed(f.path(root), root)); err != nil {
			return err
		}
	}
	return nil
}

// isListed reports whether a file's list is good, by which its pieces are told apart.
func isListed(path string, root wire.Hash) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	_, _, err = storedList(file, root)
	return err == nil
}
