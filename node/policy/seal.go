package policy

import (
	"crypto/ed25519"
	"crypto/x509"
	"errors"

	"wangge/sync/wire"
)

// Seal signs a checkpoint's content with the device's key.
func (id *Identity) Seal(content []byte) wire.Seal {
	key := id.Certificate.PrivateKey.(ed25519.PrivateKey)
	signature := append([]byte{ed25519Signature}, ed25519.Sign(key, content)...)
	return wire.Seal{Credential: id.Certificate.Leaf.Raw, Signature: signature}
}

// ErrSeal is what every seal comes down to that a replica of the county's hub did
// not make of this very content.
var ErrSeal = errors.New("the seal is not that of this county's hub")

// Sealed reports whether a replica of the county's hub sealed the content. As for
// writers, it does not matter whether its certificate has expired since.
func (a *Authority) Sealed(content []byte, s wire.Seal) error {
	if len(s.Credential) > credentialMax {
		return ErrSeal
	}
	cert, err := x509.ParseCertificate(s.Credential)
	if err != nil {
		return ErrSeal
	}
	device, err := a.device(cert)
	if err != nil || device.Role != Hub {
		return ErrSeal
	}
	key, ok := cert.PublicKey.(ed25519.PublicKey)
	signed := len(s.Signature) == 1+ed25519.SignatureSize && s.Signature[0] == ed25519Signature
	if !ok || weak(key) || !signed || !ed25519.Verify(key, content, s.Signature[1:]) {
		return ErrSeal
	}
	return nil
}
