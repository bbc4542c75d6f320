package policy

import (
	"bytes"
	"crypto/x509"
	"testing"
)

// FuzzReadDevice reads devices out of whatever x509 takes for a certificate.
func FuzzReadDevice(f *testing.F) {
	c, err := NewCounty(f.TempDir(), "高平市", founded)
	if err != nil {
		f.Fatal(err)
	}
	_, dir := enrol(f, c, box)
	id := load(f, dir)
	f.Add(id.Certificate.Leaf.Raw)
	f.Add(id.Root.Raw)
	f.Fuzz(func(t *testing.T, b []byte) {
		cert, err := x509.ParseCertificate(b)
		if err != nil {
			return
		}
		if d, err := ReadDevice(cert); err == nil && d.Index == 0 {
			t.Errorf("%x is taken for a device without a number", b)
		}
	})
}

// FuzzReadWriter: of what a store kept of its writer, only what proves it is taken.
func FuzzReadWriter(f *testing.F) {
	c, err := NewCounty(f.TempDir(), "高平市", founded)
	if err != nil {
		f.Fatal(err)
	}
	_, dir := enrol(f, c, box)
	id := load(f, dir)
	whole := mint(f, id).Keep()
	f.Add(whole)
	f.Add(whole[:32])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, kept []byte) {
		if w, err := id.ReadWriter(kept); err == nil && !bytes.Equal(w.Keep(), kept) {
			t.Errorf("%x comes back as %x", kept, w.Keep())
		}
	})
}
