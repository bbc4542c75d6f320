package bundle

import (
	"crypto/hpke"
	"errors"
)

// suite names how bundles are sealed: 1 is HPKE (RFC 9180) with the hybrid KEM of
// ML-KEM-768 and X25519, HKDF-SHA256 and ChaCha20-Poly1305, which is quick without
// help of the processor. Each thing sealed has an encapsulation of its own, so no
// nonce is ever counted or kept. SM2 will have another number.
const suite = 1

func kem() hpke.KEM { return hpke.MLKEM768X25519() }

// errKey says that bytes are no key for this program.
var errKey = errors.New("this is no sealing key that this program knows: it is damaged, or of a newer program")

// PublicKey is what is sealed to. Its zero value is none.
type PublicKey struct{ key hpke.PublicKey }

// ReadPublicKey reads what Bytes returned.
func ReadPublicKey(b []byte) (PublicKey, error) {
	if len(b) == 0 || b[0] != suite {
		return PublicKey{}, errKey
	}
	key, err := kem().NewPublicKey(b[1:])
	if err != nil {
		return PublicKey{}, errKey
	}
	return PublicKey{key}, nil
}

// Bytes returns the key behind the number of its algorithm.
func (p PublicKey) Bytes() []byte { return append([]byte{suite}, p.key.Bytes()...) }

func (p PublicKey) seal(info, plain []byte) ([]byte, error) {
	return hpke.Seal(p.key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, plain)
}

// PrivateKey opens what was sealed to its public key. Its zero value is none.
type PrivateKey struct{ key hpke.PrivateKey }

// NewKey makes a key.
func NewKey() (PrivateKey, error) {
	key, err := kem().GenerateKey()
	return PrivateKey{key}, err
}

// ReadPrivateKey reads what Bytes returned.
func ReadPrivateKey(b []byte) (PrivateKey, error) {
	if len(b) == 0 || b[0] != suite {
		return PrivateKey{}, errKey
	}
	key, err := kem().NewPrivateKey(b[1:])
	if err != nil {
		return PrivateKey{}, errKey
	}
	return PrivateKey{key}, nil
}

// Bytes returns the key behind the number of its algorithm.
func (p PrivateKey) Bytes() ([]byte, error) {
	b, err := p.key.Bytes()
	return append([]byte{suite}, b...), err
}

// None reports whether there is no key.
func (p PrivateKey) None() bool { return p.key == nil }

// Public returns the key to which others seal.
func (p PrivateKey) Public() PublicKey { return PublicKey{p.key.PublicKey()} }

func (p PrivateKey) open(info, sealed []byte) ([]byte, error) {
	return hpke.Open(p.key, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, sealed)
}
