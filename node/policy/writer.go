package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Writer is one incarnation of a device: a signing key of its own, for which
// the device's key vouches. A device mints one for every store that it begins,
// without asking anybody. The key lives and dies with that store, so that an
// empty disk never continues the streams of the lost one.
type Writer struct {
	name       crdt.Writer
	credential []byte
	key        ed25519.PrivateKey
}

// errKeptWriter says that what a store kept is not a writer of this device.
var errKeptWriter = errors.New("the writer's key that the store keeps is not of this device: give the device a folder of its own")

// NewWriter mints a writer.
func (id *Identity) NewWriter() (*Writer, error) {
	chance := id.Chance
	if chance == nil {
		chance = rand.Reader
	}
	var drawn [ed25519.SeedSize + 4]byte
	if _, err := io.ReadFull(chance, drawn[:]); err != nil {
		return nil, err
	}
	key := ed25519.NewKeyFromSeed(drawn[:ed25519.SeedSize])
	pub, incarnation := key.Public().(ed25519.PublicKey), drawn[ed25519.SeedSize:]
	name := crdt.NewWriter(id.Device.Index, wire.Incarnation(binary.BigEndian.Uint32(incarnation)))
	device := id.Certificate.PrivateKey.(ed25519.PrivateKey)
	return &Writer{name, newCredential(id.Certificate.Leaf.Raw, id.County, name, pub, device), key}, nil
}

// Keep returns what the store keeps of the writer: its private key among it.
func (w *Writer) Keep() []byte { return append(w.key.Seed(), w.credential...) }

// ReadWriter returns the writer that a store kept.
func (id *Identity) ReadWriter(kept []byte) (*Writer, error) {
	if len(kept) < ed25519.SeedSize {
		return nil, errKeptWriter
	}
	key := ed25519.NewKeyFromSeed(kept[:ed25519.SeedSize])
	credential := bytes.Clone(kept[ed25519.SeedSize:])
	s, err := NewAuthority(id.Root).Signatory(credential)
	if err != nil || s.device.Index != id.Device.Index || !s.key.Equal(key.Public()) {
		return nil, errKeptWriter
	}
	return &Writer{s.writer, credential, key}, nil
}

// Name returns the writer's name.
func (w *Writer) Name() crdt.Writer { return w.name }

// Credential returns the proof of who the writer is.
func (w *Writer) Credential() []byte { return w.credential }

// Sign returns the writer's signature of a message.
func (w *Writer) Sign(message []byte) []byte {
	return append([]byte{ed25519Signature}, ed25519.Sign(w.key, message)...)
}
