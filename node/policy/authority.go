package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/binary"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Authority verifies credentials against a county's root certificate.
type Authority struct {
	roots  *x509.CertPool
	root   *x509.Certificate
	county wire.County
}

// NewAuthority returns the authority of a county's root certificate.
func NewAuthority(root *x509.Certificate) *Authority {
	roots := x509.NewCertPool()
	roots.AddCert(root)
	return &Authority{roots, root, CountyID(root)}
}

// device returns the device of a certificate that the county issued. Expiry does
// not matter here: what a device wrote while its certificate held stays valid;
// whether it may still connect is TLS's question.
func (a *Authority) device(cert *x509.Certificate) (Device, error) {
	options := x509.VerifyOptions{Roots: a.roots, CurrentTime: cert.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	if _, err := cert.Verify(options); err != nil {
		return Device{}, ErrCredential
	}
	return ReadDevice(cert)
}

// credentialMax bounds a credential, in bytes, before it is parsed.
const credentialMax = 4 << 10

// Signatory verifies a credential. Every error is ErrCredential.
func (a *Authority) Signatory(credential []byte) (*Signatory, error) {
	der, rest, ok := splitCredential(credential)
	if !ok {
		return nil, ErrCredential
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, ErrCredential
	}
	device, err := a.device(cert)
	deviceKey, ok := cert.PublicKey.(ed25519.PublicKey)
	if err != nil || !ok {
		return nil, ErrCredential
	}
	w := crdt.NewWriter(device.Index, binary.BigEndian.Uint32(rest))
	key := ed25519.PublicKey(bytes.Clone(rest[4 : 4+ed25519.PublicKeySize]))
	if weak(key) || weak(deviceKey) {
		return nil, ErrCredential
	}
	if !ed25519.Verify(deviceKey, writerMessage(a.county, w, key), rest[4+ed25519.PublicKeySize:]) {
		return nil, ErrCredential
	}
	return &Signatory{device, w, key}, nil
}

// splitCredential parts a credential into the certificate and what follows it.
func splitCredential(b []byte) (certificate, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if len(b) > credentialMax || n <= 0 || n > 1 && b[n-1] == 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	certificate, rest = b[n:n+int(size)], b[n+int(size):]
	return certificate, rest, len(rest) == 4+ed25519.PublicKeySize+ed25519.SignatureSize
}
