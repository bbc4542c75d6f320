package link_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"wangge/sync/link"
)

// county makes device certificates under a root of its own.
type county struct {
	root *x509.Certificate
	key  ed25519.PrivateKey
}

func newCounty(t *testing.T) *county {
	t.Helper()
	c := &county{}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "county root"},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	c.root, c.key = c.issue(t, template)
	return c
}

// issue signs with the county's key, or with the new key itself while there is none.
func (c *county) issue(t *testing.T, template *x509.Certificate) (*x509.Certificate, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := c.root, c.key
	if parent == nil {
		parent, signer = template, private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, private
}

func (c *county) certificate(t *testing.T, device uint32) tls.Certificate {
	t.Helper()
	cert, key := c.issue(t, &x509.Certificate{
		SerialNumber: big.NewInt(int64(device) + 100),
		Subject:      pkix.Name{CommonName: strconv.Itoa(int(device))},
		DNSNames:     []string{serverName(device)},
		NotAfter:     time.Now().Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	})
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

func (c *county) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.root)
	return pool
}

func (c *county) options(t *testing.T, device uint32) link.Options {
	return link.Options{
		Certificate: c.certificate(t, device),
		Roots:       c.roots(),
		Device:      deviceOf,
		ServerName:  serverName,
		Secret:      [32]byte{byte(device), 1},
	}
}

func serverName(device uint32) string { return fmt.Sprintf("device-%d.test", device) }

func deviceOf(cert *x509.Certificate) (uint32, error) {
	n, err := strconv.ParseUint(cert.Subject.CommonName, 10, 32)
	return uint32(n), err
}

// listen opens a link on a free loopback port for the length of the test.
func listen(t *testing.T, o link.Options) *link.Link { return listenAt(t, "127.0.0.1:0", o) }

func listenAt(t *testing.T, addr string, o link.Options) *link.Link {
	t.Helper()
	l, err := link.Listen(addr, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

// pair opens the links of devices 1 and 2, which know each other's address.
func pair(t *testing.T) (one, two *link.Link) {
	t.Helper()
	c := newCounty(t)
	one, two = listen(t, c.options(t, 1)), listen(t, c.options(t, 2))
	one.Learn(2, two.Addr().String())
	two.Learn(1, one.Addr().String())
	return one, two
}

// nowhere returns an address at which packets arrive and nobody answers.
func nowhere(t *testing.T) string {
	t.Helper()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	return silent.LocalAddr().String()
}

func timeout(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// patience is how long a test waits for what takes milliseconds: on the busiest machine no longer.
const patience = time.Minute

// eventually polls until the condition holds, and fails the test when patience is over.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	ctx := timeout(t, patience)
	for !holds() {
		select {
		case <-poll.C:
		case <-ctx.Done():
			t.Fatalf("after %v still not: %s\n%s", patience, what, stacks())
		}
	}
}

// goroutines counts those that run code of the link or of QUIC.
func goroutines() int {
	n := 0
	for stack := range strings.SplitSeq(stacks(), "\n\n") {
		if strings.Contains(stack, "wangge/sync/link.") || strings.Contains(stack, "quic-go") {
			n++
		}
	}
	return n
}

// settled counts them once the number has stood still: one that was started but has not run yet
// shows nothing of where it belongs.
func settled(t *testing.T) int {
	t.Helper()
	last, same := goroutines(), 0
	eventually(t, "as many goroutines as before", func() bool {
		now := goroutines()
		if now != last {
			last, same = now, 0
		}
		same++
		return same > 20
	})
	return last
}

func stacks() string {
	b := make([]byte, 4<<20)
	return string(b[:runtime.Stack(b, true)])
}
