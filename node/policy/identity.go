package policy

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"path/filepath"

	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// Identity is a device's own keys and certificates, read from its folder.
type Identity struct {
	Device      Device
	County      wire.County
	CountyName  string
	Root        *x509.Certificate
	Certificate tls.Certificate
	IdentityKey []byte            // hashes identities into record ids; the county's own secret
	LinkKey     [32]byte          // resets and tokens of connections outlive a restart
	Sealing     bundle.PrivateKey // opens bundles for this device, at a replica those for the hub; none in a folder from before
	Hub         Card              // of the county's hub
	// Chance is where the keys and names of new writers come from: nil is the
	// system's, and only a simulation has another.
	Chance io.Reader
}

// LoadIdentity reads the folder that Enrol filled, and checks that its files
// belong together: with a key that is not its certificate's a device would work
// for months before any peer told it that its work counts for nothing.
func LoadIdentity(dir string) (*Identity, error) {
	id := &Identity{}
	for _, read := range []func(string) error{id.readDevice, id.readSecrets, id.readSealing} {
		if err := read(dir); err != nil {
			return nil, err
		}
	}
	return id, nil
}

func (id *Identity) readDevice(dir string) error {
	path := filepath.Join(dir, rootFile)
	root, err := readCertificate(path)
	if err != nil {
		return err
	}
	if root.CheckSignature(root.SignatureAlgorithm, root.RawTBSCertificate, root.Signature) != nil { // its own
		return fmt.Errorf("%s is damaged: restore it, or enrol the device again", path)
	}
	cert, err := readCertificate(filepath.Join(dir, certificateFile))
	if err != nil {
		return err
	}
	key, err := readKey(filepath.Join(dir, deviceKeyFile))
	if err != nil {
		return err
	}
	if id.Device, err = NewAuthority(root).device(cert); err != nil {
		return fmt.Errorf("%s holds a certificate of another county: enrol the device again", dir)
	}
	if !key.Public().(ed25519.PublicKey).Equal(cert.PublicKey) {
		return fmt.Errorf("%s holds a device key that is not its certificate's: enrol the device again", dir)
	}
	id.County, id.CountyName, id.Root = CountyID(root), root.Subject.CommonName, root
	id.Certificate = tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
	return nil
}

func (id *Identity) readSecrets(dir string) (err error) {
	if id.IdentityKey, err = readPEM(filepath.Join(dir, identityFile)); err != nil {
		return err
	}
	link, err := readPEM(filepath.Join(dir, linkKeyFile))
	if err != nil {
		return err
	}
	if len(link) != len(id.LinkKey) || len(id.IdentityKey) != identityKeySize {
		return fmt.Errorf("%s holds an identity key or a link key that is damaged: enrol the device again", dir)
	}
	id.LinkKey = [32]byte(link)
	return nil
}
