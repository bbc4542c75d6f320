package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/binary"
	"errors"

	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// Card says to which key one seals what a machine alone may read: its certificate,
// the key, and the machine's signature of it. The hub's has the root's certificate
// and signature, and names no replica. Cards are no secret; they travel inside
// bundles, because a certificate names spaces.
type Card struct {
	Device Device
	Key    bundle.PublicKey
	Raw    []byte            // its bytes
	key    ed25519.PublicKey // the machine's own
}

// ErrCard is what every card comes down to that proves nothing.
var ErrCard = errors.New("the card proves nothing in this county")

func cardMessage(county wire.County, device uint32, key []byte) []byte {
	b := append([]byte("wangge card 1\x00"), county[:]...)
	b = binary.BigEndian.AppendUint32(b, device)
	return append(b, key...)
}

func newCard(cert []byte, county wire.County, device uint32, public bundle.PublicKey, signer ed25519.PrivateKey) []byte {
	key := public.Bytes()
	b := append(binary.AppendUvarint(nil, uint64(len(cert))), cert...)
	b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	b = append(b, ed25519Signature)
	return append(b, ed25519.Sign(signer, cardMessage(county, device, key))...)
}

// Card returns the device's card, or ErrNoSealing.
func (id *Identity) Card() ([]byte, error) {
	if id.Sealing.None() {
		return nil, ErrNoSealing
	}
	key := id.Certificate.PrivateKey.(ed25519.PrivateKey)
	return newCard(id.Certificate.Leaf.Raw, id.County, id.Device.Index, id.Sealing.Public(), key), nil
}

// Sign signs a message of a bundle's with the device's key.
func (id *Identity) Sign(message []byte) []byte {
	key := id.Certificate.PrivateKey.(ed25519.PrivateKey)
	return append([]byte{ed25519Signature}, ed25519.Sign(key, message)...)
}

// Signed reports whether a signature is the device's own of a message.
func (id *Identity) Signed(message, signature []byte) bool {
	return signedBy(id.Certificate.Leaf.PublicKey.(ed25519.PublicKey), message, signature)
}

// Signed reports whether a signature is that of the card's machine of a message.
func (c Card) Signed(message, signature []byte) bool { return signedBy(c.key, message, signature) }

func signedBy(key ed25519.PublicKey, message, signature []byte) bool {
	return len(signature) == 1+ed25519.SignatureSize && signature[0] == ed25519Signature &&
		ed25519.Verify(key, message, signature[1:])
}

// Card verifies a card. Every error is ErrCard. As for writers, it does not matter
// whether the certificate has expired since.
func (a *Authority) Card(b []byte) (c Card, err error) {
	if len(b) > credentialMax {
		return c, ErrCard
	}
	der, rest, ok := splitSized(b)
	key, signature, ok2 := splitSized(rest)
	if !ok || !ok2 {
		return c, ErrCard
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return c, ErrCard
	}
	if bytes.Equal(der, a.root.Raw) {
		c.Device = Device{Name: cert.Subject.CommonName, Role: Hub, Holds: []Pattern{"*"}}
	} else if c.Device, err = a.device(cert); err != nil {
		return c, ErrCard
	}
	c.key, ok = cert.PublicKey.(ed25519.PublicKey)
	if !ok || weak(c.key) || !c.Signed(cardMessage(a.county, c.Device.Index, key), signature) {
		return c, ErrCard
	}
	if c.Key, err = bundle.ReadPublicKey(key); err != nil {
		return c, ErrCard
	}
	c.Raw = b
	return c, nil
}

func splitSized(b []byte) (part, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(size)], b[n+int(size):], true
}

// WriteCardFile writes a card into a file for another machine's folder.
func WriteCardFile(path string, card []byte) error {
	return writePEM(path, "WANGGE CARD", card, 0o644)
}

// ReadCardFile reads what WriteCardFile wrote. Nothing vouches for it yet.
func ReadCardFile(path string) ([]byte, error) { return readPEM(path) }
