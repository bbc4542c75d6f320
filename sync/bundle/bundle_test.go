package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenFile = "testdata/bundle.golden"

// ends are two machines: their keys follow from a seed.
type ends struct {
	from Sender
	me   Me
	to   PublicKey
}

var county = [8]byte{1, 2, 3, 4, 5, 6, 7, 8}

func newEnds(t testing.TB) ends {
	t.Helper()
	key := func(name string) PrivateKey {
		sum := sha256.Sum256([]byte(name))
		k, err := kem().DeriveKeyPair(sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return PrivateKey{k}
	}
	seed := sha256.Sum256([]byte("device"))
	device := ed25519.NewKeyFromSeed(seed[:])
	signed := func(m, s []byte) bool {
		return len(s) == signatureSize && s[0] == 1 && ed25519.Verify(device.Public().(ed25519.PublicKey), m, s[1:])
	}
	hub := key("hub")
	return ends{
		from: Sender{
			County: county, Device: 7, Card: []byte("card of seven"), Key: key("box"),
			Sign: func(m []byte) []byte { return append([]byte{1}, ed25519.Sign(device, m)...) }, Signed: signed,
		},
		to: hub.Public(),
		me: Me{County: county, Device: Hub, Key: hub, Sender: func(card []byte) (uint32, func(m, s []byte) bool, error) {
			if string(card) != "card of seven" {
				return 0, nil, errors.New("a stranger's card")
			}
			return 7, signed, nil
		}},
	}
}

func newFile(t testing.TB) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "bundle"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var sample = [][]Entry{{{Message, []byte("hello")}, {Message, []byte("a chunk")}}, {{Message, []byte("another")}, {9, []byte("of next year")}}}

// write writes the sample and returns the file's bytes.
func (e ends) write(t testing.TB) []byte {
	t.Helper()
	f := newFile(t)
	w, err := Create(f, e.from, Hub, e.to, 1_795_000_000_000)
	must(t, err)
	for _, entries := range sample {
		must(t, w.Append(entries, []Entry{{Message, []byte("note " + string(entries[0].Bytes))}}))
	}
	must(t, w.End(false))
	b, err := os.ReadFile(f.Name())
	must(t, err)
	return b
}

// read returns what a reader takes of a bundle, and how it ended.
func (e ends) read(b []byte) (got []string, damaged int, err error) {
	r, err := Open(bytes.NewReader(b), e.me)
	if err != nil {
		return nil, 0, err
	}
	for {
		entries, err := r.Next()
		switch {
		case errors.Is(err, ErrDamaged):
			damaged++
		case err != nil:
			return got, damaged, err
		}
		for _, entry := range entries {
			got = append(got, string(entry.Bytes))
		}
	}
}

const all = "hello,a chunk,another,of next year"

func TestGoldenBundle(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	e := newEnds(t)
	b := e.write(t)
	if *update {
		must(t, os.WriteFile(goldenFile, b, 0o600))
	}
	golden, err := os.ReadFile(goldenFile)
	must(t, err)
	if got, damaged, err := e.read(golden); strings.Join(got, ",") != all || damaged > 0 || err != io.EOF {
		t.Errorf("the golden bundle reads as %q, %d damaged, %v", got, damaged, err)
	}
	if h, _ := readHead(bytes.NewReader(golden)); !bytes.Equal(golden[:clearSize], b[:clearSize]) || h.To != Hub || h.From != 7 {
		t.Errorf("the head is written otherwise than it was")
	}
	if len(golden) != len(b) {
		t.Errorf("%d bytes, the golden bundle has %d", len(b), len(golden))
	}
}

func TestABundleCutAnywhereIsGoodUpToThere(t *testing.T) {
	e := newEnds(t)
	b := e.write(t)
	for n := 0; n < len(b); n += 127 {
		got, damaged, err := e.read(b[:n])
		if !errors.Is(err, ErrTorn) && !errors.Is(err, ErrFormat) || damaged > 0 || !strings.HasPrefix(all, strings.Join(got, ",")) {
			t.Errorf("cut at %d: %q, %d damaged, %v", n, got, damaged, err)
		}
	}
}

func TestEveryByteOfABundleCounts(t *testing.T) {
	e := newEnds(t)
	b := e.write(t)
	for i := 0; i < len(b); i += 29 {
		changed := bytes.Clone(b)
		changed[i] ^= 4
		if got, damaged, err := e.read(changed); err == io.EOF && damaged == 0 {
			t.Fatalf("byte %d may be changed: %q, %v", i, got, err)
		}
	}
}

// frames parts a bundle at its frames.
func frames(t *testing.T, b []byte) (parts [][]byte) {
	t.Helper()
	h, err := readHead(bytes.NewReader(b))
	must(t, err)
	parts, b = append(parts, b[:h.size]), b[h.size:]
	for len(b) > 0 {
		n := 4 + int(binary.BigEndian.Uint32(b))
		parts, b = append(parts, b[:n]), b[n:]
	}
	return parts
}

func TestFramesStandWhereTheyWereWrittenOrNowhere(t *testing.T) {
	e := newEnds(t)
	a, other := frames(t, e.write(t)), frames(t, e.write(t))
	for name, parts := range map[string][][]byte{
		"swapped":              {a[0], a[2], a[1], a[3]},
		"doubled":              {a[0], a[1], a[1], a[2], a[3]},
		"left out":             {a[0], a[2], a[3]},
		"of another bundle":    {a[0], other[1], a[2], a[3]},
		"under another head":   {other[0], a[1], a[2], a[3]},
		"ended before its end": {a[0], a[3]},
	} {
		if got, damaged, err := e.read(bytes.Join(parts, nil)); damaged == 0 || strings.Join(got, ",") == all {
			t.Errorf("%s: %q, %d damaged, %v", name, got, damaged, err)
		}
	}
}

func TestASenderGoesOnBehindItsLastWholeFrame(t *testing.T) {
	e := newEnds(t)
	b := e.write(t)
	parts := frames(t, b)
	f := newFile(t)
	_, err := f.Write(bytes.Join(parts[:2], parts[2][:0]))
	must(t, err)
	_, err = f.Write(parts[2][:len(parts[2])-5])
	must(t, err)
	var notes []string
	w, err := Continue(f, e.from, Hub, e.to, func(n []Entry) error { notes = append(notes, string(n[0].Bytes)); return nil })
	must(t, err)
	if len(notes) != 1 || notes[0] != "note hello" || w.Ended() {
		t.Errorf("the notes %q, ended %t", notes, w.Ended())
	}
	must(t, w.Append(sample[1], nil))
	must(t, w.End(true))
	now, err := os.ReadFile(f.Name())
	must(t, err)
	if got, _, err := e.read(now); strings.Join(got, ",") != all || err != io.EOF {
		t.Errorf("gone on with: %q, %v", got, err)
	}
	if s, err := Look(bytes.NewReader(now)); err != nil || !s.Ended || !s.More || s.Frames != 3 {
		t.Errorf("it looks like %+v, %v", s, err)
	}
	for name, change := range map[string]func(*Sender, *uint32){
		"another sender":    func(s *Sender, _ *uint32) { s.Device = 8 },
		"another addressee": func(_ *Sender, to *uint32) { *to = 9 },
		"another key":       func(s *Sender, _ *uint32) { s.Signed = func(_, _ []byte) bool { return false } },
	} {
		s, to := e.from, uint32(Hub)
		change(&s, &to)
		if _, err := Continue(f, s, to, e.to, func([]Entry) error { return nil }); !errors.Is(err, ErrOther) {
			t.Errorf("%s goes on: %v", name, err)
		}
	}
}

func TestStrangersAreTurnedAwayBeforeAnyFrame(t *testing.T) {
	e := newEnds(t)
	s := e.from
	s.Card = []byte("card of nobody")
	e2 := e
	e2.from = s
	if _, _, err := e.read(e2.write(t)); !errors.Is(err, ErrForged) {
		t.Errorf("a stranger: %v", err)
	}
	e2.from = e.from
	e2.from.Sign = func([]byte) []byte { return make([]byte, signatureSize) }
	if _, _, err := e.read(e2.write(t)); !errors.Is(err, ErrForged) {
		t.Errorf("a forged signature: %v", err)
	}
	b := e.write(t)
	var wrong Misdirected
	e.me.Device = 5
	if _, _, err := e.read(b); !errors.As(err, &wrong) || wrong.Header.To != Hub {
		t.Errorf("another addressee: %v", err)
	}
	e.me.Device, e.me.Key = Hub, e.from.Key
	if _, _, err := e.read(b); !errors.Is(err, ErrForged) || !strings.Contains(err.Error(), "a key that this machine does not have") {
		t.Errorf("another key: %v", err)
	}
}

func TestAnnouncedSizesCostNothing(t *testing.T) {
	e := newEnds(t)
	parts := frames(t, e.write(t))
	huge := append(bytes.Clone(parts[0]), 0xff, 0xff, 0xff, 0xff)
	if n := testing.AllocsPerRun(5, func() { readFrame(bytes.NewReader(huge[len(parts[0]):])) }); n > 20 {
		t.Errorf("%v allocations", n)
	}
	if _, _, err := e.read(huge); !errors.Is(err, ErrTorn) {
		t.Errorf("a huge frame: %v", err)
	}
	if _, err := readEntries(binary.AppendUvarint([]byte{1}, 1<<40)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a huge entry: %v", err)
	}
}

// FuzzOpen: whatever lies on a stick, a reader ends, and takes only what was signed.
func FuzzOpen(f *testing.F) {
	e := newEnds(f)
	b := e.write(f)
	f.Add(b)
	f.Add(b[:clearSize+40])
	f.Add(b[:len(b)-100])
	golden, _ := os.ReadFile(goldenFile)
	f.Add(golden)
	f.Fuzz(func(t *testing.T, b []byte) {
		Look(bytes.NewReader(b))
		got, _, _ := e.read(b)
		for _, entry := range got {
			if !strings.Contains(all, entry) {
				t.Errorf("%q was never written", entry)
			}
		}
		w := &Writer{from: e.from, file: reading{bytes.NewReader(b)}}
		w.each(func([]Entry) error { return nil })
	})
}

// FuzzEntries: entries are taken whole, or not at all.
func FuzzEntries(f *testing.F) {
	f.Add(appendEntry(appendEntry(nil, sample[0][0]), sample[1][1]))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := readEntries(b)
		size := 0
		for _, e := range entries {
			size += len(e.Bytes)
		}
		if err == nil && size > len(b) {
			t.Errorf("%d bytes out of %d", size, len(b))
		}
	})
}

func TestALoadIsReadWholeOrNotAtAll(t *testing.T) {
	e := Freight{3, 70_000}.Entry()
	if e.Kind != Load || !bytes.Equal(e.Bytes, []byte{3, 0xf0, 0xa2, 4}) {
		t.Errorf("written as %d %x", e.Kind, e.Bytes)
	}
	if f, err := ReadFreight(e.Bytes); err != nil || f != (Freight{3, 70_000}) {
		t.Errorf("read as %+v, %v", f, err)
	}
	for _, b := range [][]byte{nil, {3}, {3, 0xf0}, {3, 0xf0, 0xa2, 4, 0}, bytes.Repeat([]byte{0xff}, 12)} {
		if f, err := ReadFreight(b); !errors.Is(err, ErrDamaged) || f != (Freight{}) {
			t.Errorf("%x is read as %+v, %v", b, f, err)
		}
	}
}
