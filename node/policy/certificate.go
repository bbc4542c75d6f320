package policy

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wangge/sync/wire"
)

// A device's certificate is X.509 (RFC 5280) over Ed25519: the subject carries
// its name, index and role, URIs of the scheme "wangge" its spaces, and a DNS
// name its index once more, because that is what TLS checks when one dials it.

const (
	rootYears   = 30
	deviceYears = 3
	clockError  = 24 * time.Hour // clocks in the field are a day wrong
)

// ServerName returns the DNS name in the certificate of a device.
func ServerName(device uint32) string { return fmt.Sprintf("d%d.wangge", device) }

// CountyID returns the name of the trust domain of a root certificate.
func CountyID(root *x509.Certificate) wire.County {
	sum := sha256.Sum256(root.RawSubjectPublicKeyInfo)
	return wire.County(sum[:8])
}

func newRoot(name string, key ed25519.PrivateKey, now time.Time) ([]byte, error) {
	t := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-clockError),
		NotAfter:              now.AddDate(rootYears, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	return x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
}

func newCertificate(d Device, serial []byte, pub ed25519.PublicKey, root *x509.Certificate, key ed25519.PrivateKey, now time.Time) ([]byte, error) {
	from := now.Add(-clockError)
	if from.Before(root.NotBefore) { // one verifies at this moment, when the root must hold too
		from = root.NotBefore
	}
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject: pkix.Name{
			CommonName:         d.Name,
			SerialNumber:       strconv.FormatUint(uint64(d.Index), 10),
			OrganizationalUnit: []string{string(d.Role)},
		},
		NotBefore:   from,
		NotAfter:    now.AddDate(deviceYears, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{ServerName(d.Index)},
	}
	if d.Ring != "" {
		t.URIs = append(t.URIs, uri("ring", d.Ring))
	}
	for _, p := range d.Holds {
		t.URIs = append(t.URIs, uri("holds", string(p)))
	}
	for _, p := range d.Writes {
		t.URIs = append(t.URIs, uri("writes", string(p)))
	}
	return x509.CreateCertificate(rand.Reader, t, root, pub, key)
}

func uri(what, value string) *url.URL {
	return &url.URL{Scheme: "wangge", Opaque: what + ":" + url.PathEscape(value)}
}

// ReadDevice returns the device that a certificate of the county describes. The
// caller has verified the certificate.
func ReadDevice(c *x509.Certificate) (Device, error) {
	index, err := strconv.ParseUint(c.Subject.SerialNumber, 10, 32)
	if err != nil || index == 0 || len(c.Subject.OrganizationalUnit) != 1 {
		return Device{}, fmt.Errorf("the certificate of %q is not a device's: issue one with wangge enrol", c.Subject.CommonName)
	}
	d := Device{Index: uint32(index), Name: c.Subject.CommonName, Role: Role(c.Subject.OrganizationalUnit[0])}
	for _, u := range c.URIs {
		what, escaped, _ := strings.Cut(u.Opaque, ":")
		value, err := url.PathUnescape(escaped)
		switch {
		case u.Scheme != "wangge" || err != nil:
		case what == "ring":
			d.Ring = value
		case what == "holds":
			d.Holds = append(d.Holds, Pattern(value))
		case what == "writes":
			d.Writes = append(d.Writes, Pattern(value))
		}
	}
	return d, nil
}
