package policy

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"wangge/sync/wire"
)

// Seal signs with the county's root key what no device is to sign: a city and a province,
// which have no hub, publish so.
func (c *County) Seal(content []byte) wire.Seal {
	signature := append([]byte{ed25519Signature}, ed25519.Sign(c.key, content)...)
	return wire.Seal{Credential: c.root.Raw, Signature: signature}
}

// Published reports whether a replica of the county's hub, or its root, sealed what it
// publishes. Every error is ErrSeal.
func (a *Authority) Published(content []byte, s wire.Seal) error {
	if !bytes.Equal(s.Credential, a.root.Raw) {
		return a.Sealed(content, s)
	}
	key, ok := a.root.PublicKey.(ed25519.PublicKey)
	if !ok || weak(key) || !signedBy(key, content, s.Signature) {
		return ErrSeal
	}
	return nil
}

// ReadAuthority reads the root certificate of another county, city or province from a
// file: its county.crt, which somebody trusted has brought.
func ReadAuthority(path string) (*Authority, error) {
	root, err := readCertificate(path)
	if err != nil {
		return nil, err
	}
	if _, ok := root.PublicKey.(ed25519.PublicKey); !ok || !root.IsCA || root.CheckSignatureFrom(root) != nil {
		return nil, fmt.Errorf("%s is no root certificate: have the county.crt brought that wangge init made there", path)
	}
	return NewAuthority(root), nil
}

// Name returns what the root certificate calls its county, city or province.
func (a *Authority) Name() string { return a.root.Subject.CommonName }
