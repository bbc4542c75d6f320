package store

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"wangge/crdt"
	"wangge/sync/wire"
)

// noise returns so many bytes that n alone makes.
func noise(n uint64, size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(b)
	return b
}

// filed writes a file and returns how a record refers to it.
func filed(t testing.TB, s *Store, content []byte) crdt.File {
	t.Helper()
	root, size, err := s.Files().Write(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return crdt.File{Root: root, Size: size, Media: "image/jpeg"}
}

// readFile reads a file back.
func readFile(s *Store, root wire.Hash) ([]byte, error) {
	c, err := s.Files().Open(root)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return io.ReadAll(c)
}

// attach returns a form that puts an attachment into field 9 of a record.
func attach(sp crdt.Space, id crdt.RecordID, a crdt.Attachment) func(*Draft) error {
	return func(d *Draft) error {
		rec, err := d.Record(sp, id)
		d.Write(sp, rec.Attach(id, "visit", 9, a.Value()))
		return err
	}
}

// detach returns a form that takes it out again.
func detach(sp crdt.Space, id crdt.RecordID, a crdt.Attachment) func(*Draft) error {
	return func(d *Draft) error {
		rec, err := d.Record(sp, id)
		d.Write(sp, rec.Detach(id, "visit", 9, a.Value()))
		return err
	}
}

func TestAFileReadsBackAsItWasWrittenAndAgainAfterARestart(t *testing.T) {
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	sizes := []int{1, wire.PieceSize - 1, wire.PieceSize, wire.PieceSize + 1, 3*wire.PieceSize + 5}
	var files []crdt.File
	opened(t, o, func(s *Store) {
		for i, size := range sizes {
			files = append(files, filed(t, s, noise(uint64(i), size)))
		}
	})
	opened(t, o, func(s *Store) {
		for i, f := range files {
			if got, err := readFile(s, f.Root); err != nil || !bytes.Equal(got, noise(uint64(i), sizes[i])) {
				t.Errorf("%d bytes read back as %d: %v", sizes[i], len(got), err)
			}
		}
		if st, err := s.FileStatus(); err != nil || st.Files != len(sizes) || st.Bytes != 6*wire.PieceSize+6 || st.Missing != 0 {
			t.Errorf("status %+v, %v", st, err)
		}
	})
}

func TestTheSamePhotoIsKeptOnce(t *testing.T) {
	s := newStore(t, 1)
	one, two := filed(t, s, noise(1, 50_000)), filed(t, s, noise(1, 50_000))
	if st, _ := s.FileStatus(); one != two || st.Files != 1 || st.Bytes != 50_000 {
		t.Errorf("%+v and %+v make %+v", one, two, st)
	}
}

// fileNames lists what lies in a store's folder of files.
func fileNames(t testing.TB, s *Store) (all []string) {
	t.Helper()
	err := filepath.WalkDir(s.files.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	s := newStore(t, 1)
	broken := errors.New("the line went dead")
	for what, r := range map[string]io.Reader{
		"broken": io.MultiReader(bytes.NewReader(noise(1, 40_000)), iotest.ErrReader(broken)),
		"empty":  strings.NewReader(""),
	} {
		if _, _, err := s.Files().Write(r); err == nil || errors.Is(err, ErrReadOnly) || what == "broken" && !errors.Is(err, broken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if left := fileNames(t, s); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestAFlippedBitIsNeverServedAndTheOtherPiecesStay(t *testing.T) {
	s := newStore(t, 1)
	content := noise(3, 5*wire.PieceSize+100)
	f := filed(t, s, content)
	flip(t, s.files.path(f.Root), 2*wire.PieceSize+17)
	got, err := readFile(s, f.Root)
	if err == nil || len(got) != 2*wire.PieceSize || !bytes.Equal(got, content[:len(got)]) {
		t.Fatalf("%d bytes were served, %v", len(got), err)
	}
	if _, err := readFile(s, f.Root); !errors.Is(err, ErrNoFile) || s.Files().Has(f.Root, f.Size) {
		t.Errorf("a damaged file is still here: %v", err)
	}
	have, err := s.Files().Pieces(f.Root)
	if err != nil || !slices.Equal(have, []bool{true, true, false, true, true, true}) {
		t.Errorf("pieces %v, %v", have, err)
	}
	whole, err := s.Files().Put(f.Root, 2, content[2*wire.PieceSize:3*wire.PieceSize])
	if got, again := readFile(s, f.Root); !whole || err != nil || again != nil || !bytes.Equal(got, content) {
		t.Errorf("mended by one piece: %v, %v, %v", whole, err, again)
	}
}

func flip(t testing.TB, path string, at int64) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		b[at] ^= 4
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestADamagedListIsMadeAnewFromGoodPiecesAndBelievedOfNoOthers(t *testing.T) {
	s := newStore(t, 1)
	content := noise(4, 2*wire.PieceSize+1)
	f := filed(t, s, content)
	flip(t, s.files.path(f.Root), f.Size+40)
	if got, err := readFile(s, f.Root); err != nil || !bytes.Equal(got, content) {
		t.Fatalf("good pieces behind a damaged list: %v", err)
	}
	flip(t, s.files.path(f.Root), 5)
	if got, err := readFile(s, f.Root); err == nil || len(got) > 0 {
		t.Errorf("%d bytes were served, %v", len(got), err)
	}
	if left := fileNames(t, s); len(left) != 2 || !strings.HasSuffix(left[0], badSuffix) || !strings.HasSuffix(left[1], hurtSuffix) {
		t.Errorf("%v is left, want the copy set aside and the mark that it was", left)
	}
	if filed(t, s, content); !s.Files().Has(f.Root, f.Size) {
		t.Error("the file cannot be added again")
	}
}

func TestACutFileIsNeverServed(t *testing.T) {
	for _, size := range []int64{0, 1, 31, 33, wire.PieceSize, 2 * wire.PieceSize, 3*wire.PieceSize - 1} {
		o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
		var f crdt.File
		opened(t, o, func(s *Store) {
			f = filed(t, s, noise(5, 3*wire.PieceSize))
			if err := os.Truncate(s.files.path(f.Root), size); err != nil {
				t.Fatal(err)
			}
			if got, err := readFile(s, f.Root); err == nil {
				t.Errorf("cut to %d bytes under a running node: %d bytes were served", size, len(got))
			}
		})
		opened(t, o, func(s *Store) {
			if got, err := readFile(s, f.Root); err == nil {
				t.Errorf("cut to %d bytes: %d bytes were served", size, len(got))
			}
		})
	}
}

func TestAFileFillsPieceByPieceInAnyOrderAcrossRestarts(t *testing.T) {
	from := newStore(t, 2)
	content := noise(6, 7*wire.PieceSize+9)
	f := filed(t, from, content)
	c, err := from.Files().Open(f.Root)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	r := rand.New(rand.NewPCG(6, 6))
	order := r.Perm(8)
	for n, i := range order {
		opened(t, o, func(s *Store) {
			if err := s.Files().Begin(f.Root, f.Size, c.List()); err != nil {
				t.Fatal(err)
			}
			have, err := s.Files().Pieces(f.Root)
			for j, here := range have {
				if here != slices.Contains(order[:n], j) {
					t.Errorf("after %v: piece %d is here: %v", order[:n], j, here)
				}
			}
			piece, err2 := c.Piece(i)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			wrong := bytes.Clone(piece)
			wrong[0] ^= 1
			if _, err := s.Files().Put(f.Root, i, wrong); err == nil {
				t.Error("a changed piece was kept")
			}
			for again := range 2 {
				whole, err := s.Files().Put(f.Root, i, piece)
				if err != nil || whole != (n == 7) {
					t.Errorf("piece %d, time %d: whole %v, %v", i, again, whole, err)
				}
			}
			if s.Files().Has(f.Root, f.Size) != (n == 7) {
				t.Errorf("after %d pieces it is here whole: %v", n+1, n != 7)
			}
		})
	}
	opened(t, o, func(s *Store) {
		if got, err := readFile(s, f.Root); err != nil || !bytes.Equal(got, content) {
			t.Errorf("filled, it reads as something else: %v", err)
		}
		if have, err := s.Files().Pieces(f.Root); err != nil || len(have) != 8 || slices.Contains(have, false) {
			t.Errorf("pieces %v, %v", have, err)
		}
	})
}

func TestAListThatIsNotTheFilesBeginsNothing(t *testing.T) {
	s := newStore(t, 1)
	list := []wire.Hash{{1}, {2}}
	root := wire.FileRoot(2*wire.PieceSize, list)
	for what, err := range map[string]error{
		"another size": s.Files().Begin(root, 2*wire.PieceSize-1, list),
		"another list": s.Files().Begin(root, 2*wire.PieceSize, []wire.Hash{{1}, {3}}),
		"no list":      s.Files().Begin(wire.Hash{}, 0, nil),
		"a huge size":  s.Files().Begin(root, crdt.FileMax+1, list),
	} {
		if err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if _, err := s.Files().Put(root, 0, []byte("x")); !errors.Is(err, ErrNoFile) {
		t.Errorf("a piece of nothing: %v", err)
	}
	if have, err := s.Files().Pieces(root); have != nil || err != nil || len(fileNames(t, s)) > 0 {
		t.Errorf("pieces %v, %v", have, err)
	}
}

func TestAFormRefersOnlyToFilesThatAreOnTheDisk(t *testing.T) {
	s := newStore(t, 1)
	there := filed(t, s, noise(7, 100))
	lies := there
	lies.Size++
	for what, a := range map[string]crdt.Attachment{
		"a file that is not here":    {File: crdt.File{Root: [32]byte{1}, Size: 5, Media: "image/png"}},
		"another size than it has":   {File: lies},
		"a preview that is not here": {File: there, Preview: crdt.File{Root: [32]byte{1}, Size: 5, Media: "image/png"}},
	} {
		if err := s.Save(attach(village, recordID(1), a)); err == nil || s.Held(village, newDevice(1).writer) > 0 {
			t.Errorf("%s was saved: %v", what, err)
		}
	}
	if err := s.Save(attach(village, recordID(1), crdt.Attachment{File: there})); err != nil {
		t.Error(err)
	}
}

func TestARecordMayComeBeforeItsPhoto(t *testing.T) {
	from, to := newStore(t, 2), newStore(t, 1)
	content, small := noise(8, 30_000), noise(9, 2_000)
	a := crdt.Attachment{File: filed(t, from, content), Preview: filed(t, from, small)}
	if err := from.Save(attach(village, recordID(1), a)); err != nil {
		t.Fatal(err)
	}
	pull(t, from, to)
	if st, err := to.FileStatus(); err != nil || st.Missing != 2 || st.Files != 0 {
		t.Fatalf("%+v, %v", st, err)
	}
	var order []Wanted
	to.Missing(func(w Wanted) bool { order = append(order, w); return true })
	if len(order) != 2 || !order[0].Preview || order[0].Root != a.Preview.Root || order[1].Size != a.Size || order[1].Record != recordID(1) || order[1].Space != village {
		t.Errorf("missing %+v, want the preview and then the original", order)
	}
	for i, c := range [][]byte{small, content} {
		filed(t, to, c)
		if st, _ := to.FileStatus(); st.Missing != 1-i {
			t.Errorf("after %d files %d are missing", i+1, st.Missing)
		}
	}
	if err := to.Save(detach(village, recordID(1), a)); err != nil {
		t.Fatal(err)
	}
	if referred, err := to.referred(a.Root); referred || err != nil {
		t.Errorf("a photo that was taken away is referred to: %v", err)
	}
}

func TestSweepingTakesOnlyWhatIsOldAndReferredToByNobody(t *testing.T) {
	now := morning
	o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
	o.Now = func() time.Time { return now }
	s := open(t, o)
	const grace = time.Hour
	sweep := func(want int, what string) {
		t.Helper()
		if n, _, err := s.SweepFiles(grace); n != want || err != nil {
			t.Errorf("%s: %d files went, %v", what, n, err)
		}
	}
	kept := crdt.Attachment{File: filed(t, s, noise(1, 100))}
	if err := s.Save(attach(village, recordID(1), kept)); err != nil {
		t.Fatal(err)
	}
	filed(t, s, noise(2, 100))
	sweep(0, "both are fresh")
	now = now.Add(2 * grace)
	if n, err := s.sweep(kept.Root, now); n > 0 || err != nil { // a form came to refer to it since it was looked at
		t.Errorf("%d bytes of a file that is referred to went: %v", n, err)
	}
	filed(t, s, noise(2, 100))
	sweep(0, "one was offered again")
	now = now.Add(2 * grace)
	sweep(1, "one is old and nobody's")
	if err := s.Save(detach(village, recordID(1), kept)); err != nil {
		t.Fatal(err)
	}
	sweep(0, "one was let go of just now")
	now = now.Add(2 * grace)
	sweep(1, "one was let go of")
	if left := fileNames(t, s); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// Whatever people do and however sweeps fall between: a file that a record
// refers to is never removed, nor one that is fresh.
func TestNoSweepTakesWhatIsReferredToOrFresh(t *testing.T) {
	const grace = time.Hour
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		now := morning
		o := newDevice(1).options(filepath.Join(t.TempDir(), "store.db"))
		o.Now = func() time.Time { return now }
		s := open(t, o)
		uploaded := map[uint64]time.Time{}
		refers := map[int]map[uint64]bool{0: {}, 1: {}, 2: {}}
		photo := func(n uint64) crdt.Attachment {
			content := noise(n, 50)
			list := []wire.Hash{wire.PieceHash(content)}
			return crdt.Attachment{File: crdt.File{Root: wire.FileRoot(50, list), Size: 50, Media: "image/png"}}
		}
		for range 60 {
			n, record := r.Uint64N(6), r.IntN(3)
			switch r.IntN(5) {
			case 0:
				filed(t, s, noise(n, 50))
				uploaded[n] = now
			case 1, 2:
				err := s.Save(attach(village, recordID(record), photo(n)))
				if err == nil {
					refers[record][n] = true
				} else if now.Sub(uploaded[n]) < grace {
					t.Fatalf("seed %d: a fresh file cannot be referred to: %v", seed, err)
				}
			case 3:
				if err := s.Save(detach(village, recordID(record), photo(n))); err != nil {
					t.Fatal(err)
				}
				delete(refers[record], n)
			case 4:
				now = now.Add(time.Duration(r.Int64N(int64(grace))))
				if _, _, err := s.SweepFiles(grace); err != nil {
					t.Fatal(err)
				}
			}
			for n := range uint64(6) {
				must := refers[0][n] || refers[1][n] || refers[2][n] || !uploaded[n].IsZero() && now.Sub(uploaded[n]) < grace
				if must && !s.Files().Has(photo(n).Root, 50) {
					t.Fatalf("seed %d: file %d went", seed, n)
				}
			}
		}
	}
}

func FuzzPieceLists(f *testing.F) {
	list := []wire.Hash{{1}, {2}}
	f.Add(appendList(nil, list), int64(2*wire.PieceSize), []byte("x"))
	f.Add([]byte{}, int64(0), []byte{})
	f.Fuzz(func(t *testing.T, b []byte, size int64, root []byte) {
		var name wire.Hash
		copy(name[:], root)
		if n := wire.Pieces(size); n > 0 && len(b) == 32*n { // what is a list gives its own root
			all := make([]wire.Hash, n)
			for i := range all {
				copy(all[i][:], b[32*i:])
			}
			name = wire.FileRoot(size, all)
		}
		got, err := decodeList(b, size, name)
		if err == nil && (!bytes.Equal(appendList(nil, got), b) || wire.FileRoot(size, got) != name) {
			t.Errorf("%x is written again as %x", b, appendList(nil, got))
		}
		length := size + int64(len(b))
		if again, ok := contentSize(length); err == nil && (!ok || again != size) {
			t.Errorf("a file of %d bytes is taken for one of %d", size, again)
		}
	})
}
