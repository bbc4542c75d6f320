package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wangge/sync/wire"
)

const (
	filesCrashDir = "WANGGE_FILES_CRASH_DIR"
	filesFullDir  = "WANGGE_FILES_FULL_DIR"
)

// crashContent is what the n-th file of a child holds: a few pieces or many.
func crashContent(n int) []byte { return noise(uint64(n), 1000+n*7919%(9*wire.PieceSize)) }

// listOf returns the hashes of a file's pieces.
func listOf(content []byte) (list []wire.Hash) {
	for i := range wire.Pieces(int64(len(content))) {
		list = append(list, wire.PieceHash(pieceOf(content, i)))
	}
	return list
}

func pieceOf(content []byte, i int) []byte {
	return content[i*wire.PieceSize:][:wire.PieceLength(int64(len(content)), i)]
}

// writeFilesUntilKilled writes file after file, every other one piece by piece,
// and prints the number of each one that was acknowledged, and a + for a piece.
func writeFilesUntilKilled(dir string) error {
	s, err := Open(newDevice(1).options(filepath.Join(dir, "store.db")))
	if err != nil {
		return err
	}
	first := 0
	for f := s.Files(); ; first++ {
		content := crashContent(first)
		if !f.Has(wire.FileRoot(int64(len(content)), listOf(content)), int64(len(content))) {
			break
		}
	}
	for n := first; ; n++ {
		content := crashContent(n)
		if n%2 == 0 {
			_, _, err = s.Files().Write(bytes.NewReader(content))
		} else {
			err = inPieces(s, content, func() { fmt.Println("+") })
		}
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func inPieces(s *Store, content []byte, kept func()) error {
	list := listOf(content)
	root := wire.FileRoot(int64(len(content)), list)
	err := s.Files().Begin(root, int64(len(content)), list)
	for i := range list {
		if err == nil {
			_, err = s.Files().Put(root, len(list)-1-i, pieceOf(content, len(list)-1-i))
			kept()
		}
	}
	return err
}

func TestNoAcknowledgedFileIsLostWhenTheProcessIsKilled(t *testing.T) {
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	last, partial := -1, 0
	for range 12 {
		last = max(last, slices.Max(append(killedAs(t, filesCrashDir, dir, r.IntN(60)), -1)))
		s, err := Open(newDevice(1).options(filepath.Join(dir, "store.db")))
		if err != nil {
			t.Fatal(err)
		}
		for n := range last + 1 {
			content := crashContent(n)
			root := wire.FileRoot(int64(len(content)), listOf(content))
			if got, err := readFile(s, root); err != nil || !bytes.Equal(got, content) {
				t.Fatalf("file %d was acknowledged and reads as %d bytes, %v", n, len(got), err)
			}
		}
		for _, name := range fileNames(t, s) {
			if strings.HasPrefix(name, "new-") {
				t.Errorf("%s is left of an upload", name)
			}
			if strings.HasSuffix(name, partSuffix) {
				partial++
			}
		}
		if next := last + 1; next%2 == 1 { // it may have been cut in the middle of its pieces
			if err := inPieces(s, crashContent(next), func() {}); err != nil {
				t.Errorf("file %d cannot be filled: %v", next, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d files, %d cut in the middle of their pieces", last+1, partial)
}

// writeUntilFull is a child process that may not write files beyond a size, as
// on a full disk.
func writeUntilFull(dir string) error {
	s, err := Open(newDevice(1).options(filepath.Join(dir, "store.db")))
	if err != nil {
		return err
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: was.Max}); err != nil {
		return err
	}
	content := noise(1, 2<<20)
	_, _, err = s.Files().Write(bytes.NewReader(content))
	fmt.Println("refused:", errors.Is(err, ErrReadOnly), err)
	err = inPieces(s, content, func() {})
	fmt.Println("in pieces:", errors.Is(err, ErrReadOnly), err)
	err = s.Save(visit(village, recordID(1), "a form still finds room"))
	fmt.Println("a form:", err == nil && s.ReadOnly() == nil, err)
	left := 0
	filepath.WalkDir(s.files.dir, func(_ string, d os.DirEntry, _ error) error {
		if !d.IsDir() {
			left++
		}
		return nil
	})
	fmt.Println("left:", left)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	err = inPieces(s, content, func() {})
	root := wire.FileRoot(int64(len(content)), listOf(content))
	fmt.Println("with room:", err == nil && s.Files().Has(root, int64(len(content))), err)
	return s.Close()
}

func TestAFullDiskRefusesAFileInWordsAndStillTakesAForm(t *testing.T) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), filesFullDir+"="+t.TempDir())
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{
		"refused: true nothing can be saved now: the disk is full", "in pieces: true nothing can be saved now: the disk is full",
		"a form: true", "left: 0", "with room: true",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
