package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// withPhotos returns the options of a closed store whose records refer to three
// photos, and these.
func withPhotos(t *testing.T) (o Options, photos []crdt.File) {
	t.Helper()
	o = newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	opened(t, o, func(s *Store) {
		for i := range 3 {
			f := filed(t, s, noise(uint64(i), 3*wire.PieceSize+i))
			if err := s.Save(attach(village, recordID(i), crdt.Attachment{File: f})); err != nil {
				t.Fatal(err)
			}
			photos = append(photos, f)
		}
	})
	return o, photos
}

func filePathOf(o Options, f crdt.File) string {
	return filePath(filepath.Join(filepath.Dir(o.Path), filesFolder), f.Root)
}

func TestASoundStoreWithPhotosHasNoFaults(t *testing.T) {
	o, _ := withPhotos(t)
	found := examined(t, o)
	if len(found.Faults) > 0 || found.Files.Files != 3 || found.Files.Bytes != 9*wire.PieceSize+3 || len(found.Files.Missing) > 0 {
		t.Errorf("%+v", found)
	}
}

func TestDamagedAndMissingFilesAreNamedAndTakenOutOfUse(t *testing.T) {
	o, photos := withPhotos(t)
	flip(t, filePathOf(o, photos[0]), wire.PieceSize+3)
	if err := os.Remove(filePathOf(o, photos[1])); err != nil {
		t.Fatal(err)
	}
	found := examined(t, o)
	if len(found.Faults) != 1 || found.Worst() != Refill || !strings.Contains(found.Faults[0].What, "1 of its 3 pieces are damaged: [1]") {
		t.Errorf("faults %+v", found.Faults)
	}
	if len(found.Files.Missing) != 2 || !strings.Contains(strings.Join(found.Files.Missing, "\n"), "of record "+recordID(1).String()) {
		t.Errorf("missing %q", found.Files.Missing)
	}
	repaired(t, o)
	if found = examined(t, o); found.Files.Begun != 1 || len(found.Files.Missing) != 2 {
		t.Errorf("repaired: %+v", found)
	}
	content := noise(0, 3*wire.PieceSize)
	opened(t, o, func(s *Store) {
		if whole, err := s.Files().Put(photos[0].Root, 1, pieceOf(content, 1)); !whole || err != nil {
			t.Errorf("mended by the one piece: %v, %v", whole, err)
		}
		if got, err := readFile(s, photos[0].Root); err != nil || !bytes.Equal(got, content) {
			t.Error("it reads as something else", err)
		}
	})
}

func TestAFileOfWhichNothingIsGoodIsSetAside(t *testing.T) {
	o, photos := withPhotos(t)
	if err := os.Truncate(filePathOf(o, photos[2]), 20_000); err != nil {
		t.Fatal(err)
	}
	if found := examined(t, o); found.Worst() != Refill {
		t.Errorf("%+v", found.Faults)
	}
	repaired(t, o)
	if found := examined(t, o); found.Files.Begun != 0 {
		t.Errorf("repaired: %+v", found)
	}
	if _, err := os.Stat(filePathOf(o, photos[2]) + badSuffix); err != nil {
		t.Error(err)
	}
}

func TestTheIndexOfFilesIsFoundWrongAndMadeAnew(t *testing.T) {
	o, photos := withPhotos(t)
	tamper(t, o, func(b func([]byte) *bolt.Bucket) error {
		k, _ := b(attachedBucket).Cursor().First()
		return b(attachedBucket).Delete(k)
	})
	found := examined(t, o)
	if found.Worst() != Rebuild || !strings.Contains(found.Faults[0].What, "index of attached files") {
		t.Errorf("%+v", found.Faults)
	}
	repaired(t, o)
	opened(t, o, func(s *Store) {
		for _, f := range photos {
			if referred, err := s.referred(f.Root); !referred || err != nil {
				t.Errorf("nobody refers to %x: %v", f.Root[:4], err)
			}
		}
	})
}

// A record may announce a photo with any size, and must not keep it out of a backup.
func TestAPhotoAnnouncedWithAnotherSizeIsCopiedWithABackup(t *testing.T) {
	o, photos := withPhotos(t)
	db, err := bolt.Open(o.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) (err error) {
		for _, f := range photos {
			for _, size := range []int64{1, f.Size - 1, f.Size + 1, f.Size + wire.PieceSize} {
				id := recordID(9)
				err = errors.Join(err, tx.Bucket(attachedBucket).Put(append(attachedKey(keyOriginal, f.Root, size), recordKey(1, id)...), nil))
			}
		}
		return err
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := Backup(o.Path, backup); err != nil {
		t.Fatal(err)
	}
	if done, err := CopyFiles(backup, o.Path, backup); err != nil || done.Copied != len(photos) || done.Damaged != 0 {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestFilesAreCopiedWithABackupOnceAndChecked(t *testing.T) {
	o, photos := withPhotos(t)
	opened(t, o, func(s *Store) { filed(t, s, noise(77, 100)) }) // of a form that was not saved
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := Backup(o.Path, backup); err != nil {
		t.Fatal(err)
	}
	flip(t, filePathOf(o, photos[0]), 3)
	if err := os.Remove(filePathOf(o, photos[1])); err != nil {
		t.Fatal(err)
	}
	done, err := CopyFiles(backup, o.Path, backup)
	if want := (FilesCopied{Copied: 1, Bytes: photos[2].Size, Left: 1, Damaged: 1}); err != nil || done != want {
		t.Errorf("%+v, %v, want %+v", done, err, want)
	}
	opened(t, o, func(s *Store) { filed(t, s, noise(0, 3*wire.PieceSize)) }) // mended
	if done, err = CopyFiles(backup, o.Path, backup); err != nil || done.Copied != 1 || done.Left != 1 {
		t.Errorf("again: %+v, %v", done, err)
	}
	fresh := o
	fresh.Path = filepath.Join(t.TempDir(), "store.db")
	if _, err := Reinstate(fresh, backup, 0, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := CopyFiles(fresh.Path, backup, fresh.Path); err != nil {
		t.Fatal(err)
	}
	if found := examined(t, fresh); found.Files.Files != 2 || len(found.Files.Missing) != 1 || len(found.Faults) > 0 {
		t.Errorf("%+v", found)
	}
}
