package policy

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
)

func writeKey(path string, key ed25519.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "PRIVATE KEY", der, 0o600)
}

// writePEM returns once the file is on the disk, and has its mode even if one
// of that name was left there before.
func writePEM(path, kind string, b []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	err = f.Chmod(mode)
	if err == nil {
		block := &pem.Block{Type: kind, Bytes: b}
		if ours(kind) {
			block.Headers = map[string]string{checkHeader: check(b)}
		}
		err = pem.Encode(f, block)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// A certificate is signed, and a device's key must be its certificate's. In a file of
// another kind any flipped bit makes as good a key, and with another identity key a person would be
// a stranger in every record: so those say what they hold.

const checkHeader = "Check"

func ours(kind string) bool { return strings.HasPrefix(kind, "WANGGE ") }

// check is the first half of SHA-256, in hex.
func check(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:len(sum)/2])
}

func readPEM(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block: restore it, or enrol the device again", path)
	}
	if ours(block.Type) && block.Headers[checkHeader] != check(block.Bytes) {
		return nil, fmt.Errorf("%s is damaged: restore it, or enrol the device again", path)
	}
	return block.Bytes, nil
}

func readCertificate(path string) (*x509.Certificate, error) {
	der, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%s holds no certificate: restore it, or enrol the device again", path)
	}
	return cert, nil
}

func readKey(path string) (ed25519.PrivateKey, error) {
	der, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s holds no Ed25519 key: restore it, or enrol the device again", path)
	}
	return key, nil
}
