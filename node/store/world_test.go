package store

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"wangge/crdt"
	"wangge/sync/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	county  = wire.County{'L', 'i', 'n', 'f', 'e', 'n', 'g', '1'}
	village = crdt.Space{Area: "140581105211", Class: crdt.Personal}
	street  = crdt.Space{Area: "140581105212", Class: crdt.Open}
	morning = time.UnixMilli(1_760_000_000_000)
)

// device is a writer with a key of its own and the right to areas below a prefix.
type device struct {
	writer crdt.Writer
	key    ed25519.PrivateKey
	area   string
	county wire.County
}

func newDevice(index uint32) device {
	seed := sha256.Sum256([]byte{byte(index)})
	return device{crdt.NewWriter(index, 0), ed25519.NewKeyFromSeed(seed[:]), "1405", county}
}

func (d device) Sign(message []byte) []byte {
	return append([]byte{1}, ed25519.Sign(d.key, message)...)
}

func (d device) Name() crdt.Writer { return d.writer }

func (d device) Keep() []byte { return d.key.Seed() }

func (d device) Credential() []byte {
	b := binary.BigEndian.AppendUint64(bytes.Clone(d.county[:]), uint64(d.writer))
	return append(append(b, d.key.Public().(ed25519.PublicKey)...), d.area...)
}

// signatory is what a device's credential proves.
type signatory struct {
	writer crdt.Writer
	key    ed25519.PublicKey
	area   string
}

func (s signatory) Writer() crdt.Writer { return s.writer }

// Signed takes a signature without its mark too, as testdata/v1 has them.
func (s signatory) Signed(message, signature []byte) bool {
	if len(signature) == 1+ed25519.SignatureSize && signature[0] == 1 {
		signature = signature[1:]
	}
	return len(signature) == ed25519.SignatureSize && ed25519.Verify(s.key, message, signature)
}

func (s signatory) MayWrite(sp crdt.Space) error {
	if strings.HasPrefix(sp.Area, s.area) {
		return nil
	}
	return fmt.Errorf("writer %s may not write for %s", s.writer, sp)
}

// MayMake has nobody write what is the county's.
func (s signatory) MayMake(op crdt.Op) error {
	if op.County() {
		return fmt.Errorf("writer %s may not make %+v", s.writer, op)
	}
	return nil
}

func verify(credential []byte) (Signatory, error) {
	if len(credential) < 48 || !bytes.Equal(credential[:8], county[:]) {
		return nil, errors.New("not of this county")
	}
	return signatory{crdt.Writer(binary.BigEndian.Uint64(credential[8:])), credential[16:48], string(credential[48:])}, nil
}

func (d device) options(path string) Options {
	return Options{
		Path: path, County: county, Author: func([]byte) (Author, error) { return d, nil },
		Signatory: verify, Now: func() time.Time { return morning }, Sealed: sealed,
	}
}

func hubOptions(path string) Options {
	o := newDevice(200).options(path)
	o.Author, o.Seal, o.Sealed = nil, seal, nil
	return o
}

// open opens a store that is closed when the test ends.
func open(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newStore(t testing.TB, index uint32) *Store {
	return open(t, newDevice(index).options(filepath.Join(t.TempDir(), "store.db")))
}

func newHub(t testing.TB) *Store {
	return open(t, hubOptions(filepath.Join(t.TempDir(), "store.db")))
}

func recordID(n int) crdt.RecordID {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return crdt.RecordID(sum[:16])
}

// visit fills one record's field 1 over what is visible.
func visit(sp crdt.Space, id crdt.RecordID, text string) func(*Draft) error {
	return func(d *Draft) error {
		rec, err := d.Record(sp, id)
		d.Write(sp, rec.Assign(id, "visit", 1, crdt.Text(text)))
		return err
	}
}

func save(t testing.TB, s *Store, sp crdt.Space, id crdt.RecordID, text string) {
	t.Helper()
	if err := s.Save(visit(sp, id, text)); err != nil {
		t.Fatal(err)
	}
}

// chunk returns a store's stream from batch after+1 on, with its credential.
func chunk(t testing.TB, s *Store, sp crdt.Space, w crdt.Writer, after uint64, room int) wire.Chunk {
	t.Helper()
	run, ok, err := s.Run(sp, w, after, room)
	if err != nil || !ok {
		t.Fatalf("no run of %s in %s after %d: %v", w, sp, after, err)
	}
	credential, err := s.Credential(w)
	if err != nil {
		t.Fatal(err)
	}
	return wire.Chunk{Credentials: [][]byte{credential}, Runs: []wire.Run{run}}
}

// keep has a store keep a chunk whole.
func keep(t testing.TB, s *Store, c wire.Chunk) {
	t.Helper()
	if _, refusals, err := s.Keep(c); err != nil || len(refusals) > 0 {
		t.Fatalf("kept not all: %v, %v", refusals, err)
	}
}

// pull brings everything that from holds and to lacks.
func pull(t testing.TB, from, to *Store) {
	t.Helper()
	for sp, f := range from.Frontiers(func(crdt.Space) bool { return true }) {
		for _, w := range f.Writers() {
			for to.Held(sp, w) < f[w] {
				keep(t, to, chunk(t, from, sp, w, to.Held(sp, w), 1000))
			}
		}
	}
}

func digest(t testing.TB, s *Store, sp crdt.Space) Digest {
	t.Helper()
	for _, st := range s.Spaces() {
		if st.Space == sp {
			return st.Digest
		}
	}
	t.Fatalf("nothing is held of %s", sp)
	return Digest{}
}

func text(t testing.TB, s *Store, sp crdt.Space, id crdt.RecordID) string {
	t.Helper()
	rec, err := s.Record(sp, id)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := rec.Cells[1].Winner().Text()
	return v
}

// dump writes a file's content, a line for each key, without what is random or
// a clock's.
func dump(t testing.TB, s *Store) string {
	t.Helper()
	text, err := dumped(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func dumped(s *Store) (string, error) {
	var out strings.Builder
	err := s.view(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				if bytes.Equal(k, epochKey) {
					return nil
				}
				key := hex.EncodeToString(k)
				if bytes.Equal(name, metaBucket) || bytes.Equal(name, spaceBucket) {
					key = string(k)
				}
				_, err := fmt.Fprintf(&out, "%s %s %x\n", name, key, v)
				return err
			})
		})
	})
	return out.String(), err
}
