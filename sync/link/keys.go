package link

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"fmt"

	"github.com/quic-go/quic-go"
)

// alpn names the conversation in the TLS handshake. A new number is a new, incompatible link.
const alpn = "wangge/1"

// keys are the TLS configurations of both directions and the keys that outlive a restart.
type keys struct {
	options   Options
	reset     quic.StatelessResetKey
	token     quic.TokenGeneratorKey
	accepting *tls.Config
}

func newKeys(o Options) keys {
	k := keys{
		options: o,
		reset:   derive(o.Secret, "wangge link: stateless reset"),
		token:   derive(o.Secret, "wangge link: address token"),
	}
	k.accepting = &tls.Config{
		MinVersion:       tls.VersionTLS13,
		NextProtos:       []string{alpn},
		Certificates:     []tls.Certificate{o.Certificate},
		ClientAuth:       tls.RequireAndVerifyClientCert,
		ClientCAs:        o.Roots,
		VerifyConnection: k.verifyDialler,
		// A ticket carries the certificate that it spares, and goes in the first flight.
		SessionTicketsDisabled: true,
	}
	return k
}

// dialling returns the configuration for a call to a device. The key exchange is TLS's usual, with ML-KEM-768 beside
// X25519: it takes some 0.6 s of a new connection on a weak link, and keeps what is recorded there today from who
// owns a quantum computer one day.
func (k keys) dialling(device uint32) *tls.Config {
	return &tls.Config{
		MinVersion:       tls.VersionTLS13,
		NextProtos:       []string{alpn},
		Certificates:     []tls.Certificate{k.options.Certificate},
		RootCAs:          k.options.Roots,
		ServerName:       k.options.ServerName(device),
		VerifyConnection: func(s tls.ConnectionState) error { return k.verifyAcceptor(device, s) },
	}
}

// verifyDialler refuses devices within the handshake.
func (k keys) verifyDialler(s tls.ConnectionState) error {
	_, err := k.device(s)
	return err
}

func (k keys) verifyAcceptor(wanted uint32, s tls.ConnectionState) error {
	device, err := k.device(s)
	if err == nil && device != wanted {
		err = fmt.Errorf("the machine that answers is device %d, not %d", device, wanted)
	}
	return err
}

func (k keys) device(s tls.ConnectionState) (uint32, error) {
	device, err := k.options.Device(s.PeerCertificates[0])
	if err != nil {
		return 0, fmt.Errorf("refuse certificate: %w", err)
	}
	return device, nil
}

// derive returns the key that the secret gives for one purpose.
func derive(secret [32]byte, purpose string) [32]byte {
	key, err := hkdf.Key(sha256.New, secret[:], nil, purpose, 32)
	if err != nil {
		panic("HKDF cannot make 32 bytes: " + err.Error())
	}
	return [32]byte(key)
}
