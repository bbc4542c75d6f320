package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"wangge/crdt"
)

func TestACredentialChangedAnywhereProvesNothing(t *testing.T) {
	c := newCounty(t)
	id := load(t, second(enrol(t, c, box)))
	whole := mint(t, id).Credential()
	a := NewAuthority(id.Root)
	refused := func(name string, at int, b []byte) {
		t.Helper()
		if _, err := a.Signatory(b); !errors.Is(err, ErrCredential) {
			t.Errorf("%s %d: %v", name, at, err)
		}
	}
	for i := range whole {
		refused("cut at", i, whole[:i])
		for _, bit := range []byte{1, 0x80} {
			b := bytes.Clone(whole)
			b[i] ^= bit
			refused("changed at", i, b)
		}
	}
	refused("longer by", 1, append(bytes.Clone(whole), 0))
	refused("longer by", credentialMax, append(bytes.Clone(whole), make([]byte, credentialMax)...))
}

func TestFieldsOfTwoCredentialsDoNotMix(t *testing.T) {
	c := newCounty(t)
	one, two := load(t, second(enrol(t, c, box))), load(t, second(enrol(t, c, box)))
	cert, tail, _ := splitCredential(mint(t, one).Credential())
	cert2, tail2, _ := splitCredential(mint(t, two).Credential())
	a := NewAuthority(one.Root)
	join := func(cert []byte, parts ...[]byte) []byte {
		return append(append(binary.AppendUvarint(nil, uint64(len(cert))), cert...), slices.Concat(parts...)...)
	}
	for name, b := range map[string][]byte{
		"another's certificate": join(cert2, tail),
		"another's key":         join(cert, tail[:4], tail2[4:36], tail[36:]),
		"another's signature":   join(cert, tail[:36], tail2[36:]),
		"the root's":            join(one.Root.Raw, tail),
	} {
		if _, err := a.Signatory(b); !errors.Is(err, ErrCredential) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.Signatory(join(cert, tail)); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func TestADeviceCannotEnrolAnother(t *testing.T) {
	c := newCounty(t)
	id := load(t, second(enrol(t, c, box)))
	pub, key, _ := ed25519.GenerateKey(nil)
	der, err := newCertificate(Device{Index: 99, Role: Hub, Writes: []Pattern{"*"}}, []byte{1}, pub, id.Certificate.Leaf, id.Certificate.PrivateKey.(ed25519.PrivateKey), founded)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewAuthority(id.Root).device(cert); !errors.Is(err, ErrCredential) {
		t.Errorf("certificate: %v", err)
	}
	credential := newCredential(der, id.County, crdt.NewWriter(99, 0), pub, key)
	if _, err := NewAuthority(id.Root).Signatory(credential); !errors.Is(err, ErrCredential) {
		t.Errorf("credential: %v", err)
	}
}

// forgeable finds a message for which a signature that needs no secret, the
// point 1 and the number 0, passes the standard library's verifier.
func forgeable(key ed25519.PublicKey) bool {
	signature := make([]byte, ed25519.SignatureSize)
	signature[0] = 1
	for n := range 200 {
		if ed25519.Verify(key, []byte{byte(n)}, signature) {
			return true
		}
	}
	return false
}

func TestAKeyUnderWhichAnybodyCanSignIsRefused(t *testing.T) {
	c := newCounty(t)
	id := load(t, second(enrol(t, c, box)))
	cert, w := id.Certificate.Leaf.Raw, mint(t, id)
	device := id.Certificate.PrivateKey.(ed25519.PrivateKey)
	refused := func(name string, key []byte) {
		t.Helper()
		credential := newCredential(cert, id.County, w.Name(), key, device)
		if _, err := NewAuthority(id.Root).Signatory(credential); !errors.Is(err, ErrCredential) {
			t.Errorf("%s %x: %v", name, key, err)
		}
	}
	for _, y := range smallOrder {
		for _, sign := range []byte{0, 0x80} {
			key, err := hex.DecodeString(y)
			if err != nil {
				t.Fatal(err)
			}
			key[31] |= sign
			if !forgeable(key) {
				t.Errorf("%x is in the list and anybody cannot sign under it", key)
			}
			refused("of small order", key)
		}
	}
	for last := byte(0xed); last != 0; last++ { // y from the prime to 2^255-1
		key := bytes.Repeat([]byte{0xff}, 32)
		key[0], key[31] = last, 0x7f
		refused("spelled too long", key)
		key[31] = 0xff
		refused("spelled too long", key)
	}
	if sound := w.key.Public().(ed25519.PublicKey); weak(sound) || forgeable(sound) {
		t.Error("a sound key passes for weak")
	}
}

func FuzzSignatory(f *testing.F) {
	c, err := NewCounty(f.TempDir(), "高平市", founded)
	if err != nil {
		f.Fatal(err)
	}
	_, dir := enrol(f, c, box)
	id := load(f, dir)
	a := NewAuthority(id.Root)
	whole := mint(f, id).Credential()
	f.Add(whole)
	f.Add(whole[:40])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		sig, err := a.Signatory(b)
		if err == nil && !bytes.Equal(b, whole) {
			t.Errorf("%x vouches for %s", b, sig.Writer())
		}
		if err != nil && err != ErrCredential {
			t.Errorf("an error of another kind: %v", err)
		}
	})
}
