package policy

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Renew gives an enrolled device a new certificate, for the same number and key,
// from the folder of its keys or a copy of that. change says what is to be otherwise;
// the number and role stay. The folder gets sealing keys if it has none. What the device signed
// before stays valid, and so does the older certificate to its end: it is the
// device that goes over to the new one.
func (c *County) Renew(dir string, change func(*Device) error, now time.Time) (Device, error) {
	path := filepath.Join(dir, certificateFile)
	cert, err := readCertificate(path)
	if err != nil {
		return Device{}, err
	}
	d, err := NewAuthority(c.root).device(cert)
	if err != nil {
		return d, fmt.Errorf("%s is not of this county: enrol the device", path)
	}
	index, role := d.Index, d.Role
	if err := change(&d); err != nil {
		return d, err
	}
	d.Index, d.Role = index, role
	if err := d.check(); err != nil {
		return d, err
	}
	serial := make([]byte, 16)
	if _, err := io.ReadFull(c.chance(), serial); err != nil {
		return d, err
	}
	der, err := newCertificate(d, serial, cert.PublicKey.(ed25519.PublicKey), c.root, c.key, now)
	if err != nil {
		return d, err
	}
	if err := c.enter(d); err != nil {
		return d, err
	}
	fresh := path + ".new"
	if err := writePEM(fresh, "CERTIFICATE", der, 0o644); err != nil {
		return d, err
	}
	return d, errors.Join(c.issueSealing(d, dir), os.Rename(fresh, path))
}

// SameRights reports whether two say the same of what a device may.
func (d Device) SameRights(o Device) bool {
	return slices.Equal(d.Holds, o.Holds) && slices.Equal(d.Writes, o.Writes)
}

// WriterOf returns the writer that a store kept, or a new one for a store that
// begins. A writer whose credential tells other rights than the device has now is
// succeeded: peers believe a writer's work by its credential, and what was written
// under the old rights must stay believed beside what is written under the new.
func (id *Identity) WriterOf(kept []byte) (*Writer, error) {
	if kept == nil {
		return id.NewWriter()
	}
	w, err := id.ReadWriter(kept)
	if err != nil {
		return nil, err
	}
	s, err := NewAuthority(id.Root).Signatory(w.credential)
	if err != nil {
		return nil, err
	}
	if !s.device.SameRights(id.Device) {
		return id.NewWriter()
	}
	return w, nil
}
