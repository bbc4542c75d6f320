package policy

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"wangge/crdt"
)

// The files of a county's folder, which the IT person keeps offline, and of a
// device's folder, which the device keeps.
const (
	rootKeyFile     = "root.key"      // county: signs certificates
	rootFile        = "county.crt"    // both: the root certificate
	identityFile    = "identity.key"  // both: hashes identities into record ids
	ledgerFile      = "devices.jsonl" // county: every device ever enrolled
	certificateFile = "device.crt"
	deviceKeyFile   = "device.key"
	writerKeyFile   = "writer.key"
	credentialFile  = "writer.crt"
	linkKeyFile     = "link.key" // device: resets and tokens of its connections
)

// County is the folder from which devices are enrolled.
type County struct {
	dir  string
	root *x509.Certificate
	key  ed25519.PrivateKey
}

// NewCounty makes a county's root key and certificate in a folder that has none.
func NewCounty(dir, name string, now time.Time) (*County, error) {
	if _, err := os.Stat(filepath.Join(dir, rootKeyFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s already holds a county: choose another folder, or enrol devices there", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := newRoot(name, key, now)
	if err != nil {
		return nil, err
	}
	identity := make([]byte, 32)
	rand.Read(identity)
	err = errors.Join(
		writeKey(filepath.Join(dir, rootKeyFile), key),
		writePEM(filepath.Join(dir, rootFile), "CERTIFICATE", der, 0o644),
		writePEM(filepath.Join(dir, identityFile), "WANGGE IDENTITY KEY", identity, 0o600),
	)
	if err != nil {
		return nil, err
	}
	return OpenCounty(dir)
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
	return &County{dir, root, key}, nil
}

// Devices returns every device enrolled so far, in order.
func (c *County) Devices() ([]Device, error) {
	b, err := os.ReadFile(filepath.Join(c.dir, ledgerFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var devices []Device
	for line := range bytes.Lines(b) {
		var d Device
		if err := json.Unmarshal(line, &d); err != nil {
			return nil, fmt.Errorf("%s: line %d is damaged: %v", ledgerFile, len(devices)+1, err)
		}
		devices = append(devices, d)
	}
	return devices, nil
}

// Enrol gives a device the next index, makes its keys and certificate in dir,
// and notes it in the ledger. The device's own Index is ignored.
func (c *County) Enrol(d Device, dir string, now time.Time) (Device, error) {
	for _, p := range append(d.Holds, d.Writes...) {
		if err := p.Check(); err != nil {
			return d, err
		}
	}
	known, err := c.Devices()
	if err != nil {
		return d, err
	}
	if _, err := os.Stat(filepath.Join(dir, deviceKeyFile)); !errors.Is(err, fs.ErrNotExist) {
		return d, fmt.Errorf("%s already holds a device's keys: choose another folder", dir)
	}
	d.Index = uint32(len(known) + 1)
	if err := c.note(d); err != nil { // first, so that an index is never given twice
		return d, err
	}
	return d, c.issue(d, dir, now)
}

func (c *County) note(d Device) error {
	line, err := json.Marshal(d)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(c.dir, ledgerFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

func (c *County) issue(d Device, dir string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	writerPub, writerKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	cert, err := newCertificate(d, pub, c.root, c.key, now)
	if err != nil {
		return err
	}
	credential := newCredential(cert, CountyID(c.root), crdt.NewWriter(d.Index, 0), writerPub, key)
	link := make([]byte, 32)
	rand.Read(link)
	identity, err := os.ReadFile(filepath.Join(c.dir, identityFile))
	if err != nil {
		return err
	}
	return errors.Join(
		writePEM(filepath.Join(dir, rootFile), "CERTIFICATE", c.root.Raw, 0o644),
		writePEM(filepath.Join(dir, certificateFile), "CERTIFICATE", cert, 0o644),
		writeKey(filepath.Join(dir, deviceKeyFile), key),
		writeKey(filepath.Join(dir, writerKeyFile), writerKey),
		writePEM(filepath.Join(dir, credentialFile), "WANGGE CREDENTIAL", credential, 0o644),
		writePEM(filepath.Join(dir, linkKeyFile), "WANGGE LINK KEY", link, 0o600),
		os.WriteFile(filepath.Join(dir, identityFile), identity, 0o600),
	)
}

func writeKey(path string, key ed25519.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "PRIVATE KEY", der, 0o600)
}

func writePEM(path, kind string, b []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), mode)
}
