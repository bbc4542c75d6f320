package policy

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"

	"wangge/crdt"
	"wangge/sync/wire"
)

// A credential proves that a key signs for a writer: the device's certificate,
// the writer's incarnation and public key, and the device's signature of both.
// It travels with the first batch of a stream, so that a box can check the work
// of a device that was enrolled after it last met the county.

// ed25519Signature marks a signature's algorithm; SM2 will have another mark.
const ed25519Signature = 1

// ErrCredential is what every credential that proves nothing comes down to.
var ErrCredential = errors.New("the credential proves nothing in this county")

func writerMessage(county wire.County, w crdt.Writer, key ed25519.PublicKey) []byte {
	b := append([]byte("wangge writer 1\x00"), county[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(w))
	return append(b, key...)
}

func newCredential(cert []byte, county wire.County, w crdt.Writer, key ed25519.PublicKey, device ed25519.PrivateKey) []byte {
	b := binary.AppendUvarint(nil, uint64(len(cert)))
	b = append(b, cert...)
	b = binary.BigEndian.AppendUint32(b, w.Incarnation())
	b = append(b, key...)
	return append(b, ed25519.Sign(device, writerMessage(county, w, key))...)
}

// Signatory is a writer whose credential was verified.
type Signatory struct {
	device Device
	writer crdt.Writer
	key    ed25519.PublicKey
}

// Writer returns the writer that the signatory signs for.
func (s *Signatory) Writer() crdt.Writer { return s.writer }

// Signed reports whether signature is the writer's own of message.
func (s *Signatory) Signed(message, signature []byte) bool {
	return len(signature) == 1+ed25519.SignatureSize && signature[0] == ed25519Signature &&
		ed25519.Verify(s.key, message, signature[1:])
}

// MayWrite returns why the writer may not sign for a space, or nil.
func (s *Signatory) MayWrite(space crdt.Space) error {
	if s.device.MayWrite(space) {
		return nil
	}
	return fmt.Errorf("%s (device %d) may not write for %s: its certificate does not cover it", s.device.Name, s.device.Index, space)
}

// MayMake returns why the writer may not make an op, or nil: what is the county's a replica
// of the hub writes, and nobody else; and nobody at all claims another kind for a record.
func (s *Signatory) MayMake(op crdt.Op) error {
	if op.County() && s.device.Role != Hub {
		return fmt.Errorf("%s (device %d) may not write field %d of %s %s: the county alone does", s.device.Name, s.device.Index, op.Field, op.Kind, op.Record)
	}
	if op.Strays() {
		return fmt.Errorf("%s (device %d) may not call %s a record of kind %s: by its id it is of another, and nobody changes that", s.device.Name, s.device.Index, op.Record, op.Kind)
	}
	return nil
}

// Device returns the device whose incarnation the writer is.
func (s *Signatory) Device() Device { return s.device }
