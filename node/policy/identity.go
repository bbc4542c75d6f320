package policy

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"wangge/crdt"
	"wangge/sync/wire"
)

// Identity is a device's own keys and certificates, read from its folder.
type Identity struct {
	Device      Device
	County      wire.County
	CountyName  string
	Root        *x509.Certificate
	Certificate tls.Certificate
	Credential  []byte
	IdentityKey []byte   // hashes identities into record ids; the county's own secret
	LinkKey     [32]byte // resets and tokens of connections outlive a restart
	Writer      crdt.Writer
	writerKey   ed25519.PrivateKey
}

// LoadIdentity reads the folder that Enrol filled.
func LoadIdentity(dir string) (*Identity, error) {
	root, err := readCertificate(filepath.Join(dir, rootFile))
	if err != nil {
		return nil, err
	}
	cert, err := readCertificate(filepath.Join(dir, certificateFile))
	if err != nil {
		return nil, err
	}
	device, err := ReadDevice(cert)
	if err != nil {
		return nil, err
	}
	id := &Identity{
		Device: device, County: CountyID(root), CountyName: root.Subject.CommonName, Root: root,
		Writer: crdt.NewWriter(device.Index, 0),
	}
	key, err := readKey(filepath.Join(dir, deviceKeyFile))
	if err != nil {
		return nil, err
	}
	id.Certificate = tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
	if id.writerKey, err = readKey(filepath.Join(dir, writerKeyFile)); err != nil {
		return nil, err
	}
	if id.Credential, err = readPEM(filepath.Join(dir, credentialFile)); err != nil {
		return nil, err
	}
	if id.IdentityKey, err = readPEM(filepath.Join(dir, identityFile)); err != nil {
		return nil, err
	}
	link, err := readPEM(filepath.Join(dir, linkKeyFile))
	if err != nil || len(link) != len(id.LinkKey) {
		return nil, fmt.Errorf("%s: the link key is damaged: enrol the device again", dir)
	}
	id.LinkKey = [32]byte(link)
	return id, nil
}

// Sign returns the writer's signature of a message.
func (id *Identity) Sign(message []byte) []byte {
	return append([]byte{ed25519Signature}, ed25519.Sign(id.writerKey, message)...)
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
	return block.Bytes, nil
}

func readCertificate(path string) (*x509.Certificate, error) {
	der, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
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
