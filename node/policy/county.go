package policy

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The files of a county's folder, which the IT person keeps offline, and of a
// device's folder, which the device keeps.
const (
	rootKeyFile     = "root.key"      // county: signs certificates
	rootFile        = "county.crt"    // both: the root certificate
	identityFile    = "identity.key"  // both: hashes identities into record ids
	ledgerFile      = "devices.jsonl" // county: every device ever enrolled
	ledgerLockFile  = "devices.lock"  // county: there while a device is being noted
	certificateFile = "device.crt"
	deviceKeyFile   = "device.key"
	linkKeyFile     = "link.key" // device: resets and tokens of its connections
)

const identityKeySize = 32

// County is the folder from which devices are enrolled.
type County struct {
	dir  string
	root *x509.Certificate
	key  ed25519.PrivateKey
	// Chance is where the keys of enrolled devices come from: nil is the system's.
	Chance io.Reader
}

// NewCounty makes a county's root key and certificate in a folder that has none.
func NewCounty(dir, name string, now time.Time) (*County, error) {
	return FoundCounty(rand.Reader, dir, name, now)
}

// FoundCounty is NewCounty with keys from a chance of the caller's: a simulation
// makes the same county again and again.
func FoundCounty(chance io.Reader, dir, name string, now time.Time) (*County, error) {
	if _, err := os.Stat(filepath.Join(dir, rootKeyFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s already holds a county: choose another folder, or enrol devices there", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	key, err := newKey(chance)
	if err != nil {
		return nil, err
	}
	der, err := newRoot(name, key, now)
	if err != nil {
		return nil, err
	}
	identity := make([]byte, identityKeySize)
	_, err = io.ReadFull(chance, identity)
	err = errors.Join(
		err,
		writePEM(filepath.Join(dir, rootFile), "CERTIFICATE", der, 0o644),
		writePEM(filepath.Join(dir, identityFile), "WANGGE IDENTITY KEY", identity, 0o600),
	)
	if err == nil {
		_, err = makeSealing(dir)
	}
	if err == nil {
		err = writeKey(filepath.Join(dir, rootKeyFile), key) // last: a folder that has it is whole
	}
	if err != nil {
		return nil, err
	}
	c, err := OpenCounty(dir)
	if err == nil {
		c.Chance = chance
	}
	return c, err
}

func newKey(chance io.Reader) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	_, err := io.ReadFull(chance, seed)
	return ed25519.NewKeyFromSeed(seed), err
}

func (c *County) chance() io.Reader {
	if c.Chance == nil {
		return rand.Reader
	}
	return c.Chance
}

// OpenCounty opens the folder of a county.
func OpenCounty(dir string) (*County, error) {
	root, err := readCertificate(filepath.Join(dir, rootFile))
	if err != nil {
		return nil, err
	}
	key, err := readKey(filepath.Join(dir, rootKeyFile))
	if err != nil {
		return nil, err
	}
	if !key.Public().(ed25519.PublicKey).Equal(root.PublicKey) {
		return nil, fmt.Errorf("%s holds the key of one county and the certificate of another: restore both from one copy", dir)
	}
	return &County{dir: dir, root: root, key: key}, nil
}
