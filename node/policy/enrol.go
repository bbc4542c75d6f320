package policy

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Devices returns every device enrolled so far, in order, as it was noted last.
func (c *County) Devices() ([]Device, error) {
	b, err := os.ReadFile(filepath.Join(c.dir, ledgerFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var devices []Device
	for line := range bytes.Lines(b) {
		var d Device
		if err := json.Unmarshal(line, &d); err != nil || line[len(line)-1] != '\n' {
			return nil, fmt.Errorf("%s: line %d is damaged: repair it by hand, and give its index to no other device", ledgerFile, len(devices)+1)
		}
		if i := slices.IndexFunc(devices, func(k Device) bool { return k.Index == d.Index }); i >= 0 {
			devices[i] = d
			continue
		}
		devices = append(devices, d)
	}
	return devices, nil
}

// Enrol gives a device the next index, makes its keys and certificate in dir,
// and notes it in the ledger. The device's own Index is ignored.
func (c *County) Enrol(d Device, dir string, now time.Time) (Device, error) {
	if err := d.check(); err != nil {
		return d, err
	}
	if now.Before(c.root.NotBefore) || now.After(c.root.NotAfter) {
		return d, fmt.Errorf("today, %s, the county's certificate does not hold: set this machine's clock", now.Format(time.DateOnly))
	}
	if _, err := os.Stat(filepath.Join(dir, deviceKeyFile)); !errors.Is(err, fs.ErrNotExist) {
		return d, fmt.Errorf("%s already holds a device's keys: choose another folder", dir)
	}
	d, err := c.note(d) // first, so that an index is never given twice
	if err != nil {
		return d, err
	}
	return d, c.issue(d, dir, now)
}

// note gives a device its index in the ledger, while no other process does.
func (c *County) note(d Device) (noted Device, err error) {
	lock := filepath.Join(c.dir, ledgerLockFile)
	f, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return d, fmt.Errorf("another device is being enrolled: try again, or remove %s if that was interrupted", lock)
	}
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(lock)) }()
	known, err := c.Devices()
	if err != nil {
		return d, err
	}
	d.Index = 0
	for _, k := range known {
		d.Index = max(d.Index, k.Index)
	}
	d.Index++
	return d, c.enter(d)
}

func (c *County) enter(d Device) error {
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
	key, err := newKey(c.chance())
	if err != nil {
		return err
	}
	serial := make([]byte, 16)
	link := make([]byte, len(Identity{}.LinkKey))
	for _, drawn := range [][]byte{serial, link} {
		if _, err := io.ReadFull(c.chance(), drawn); err != nil {
			return err
		}
	}
	cert, err := newCertificate(d, serial, key.Public().(ed25519.PublicKey), c.root, c.key, now)
	if err != nil {
		return err
	}
	identity, err := readPEM(filepath.Join(c.dir, identityFile))
	if err != nil {
		return err
	}
	err = errors.Join(
		writePEM(filepath.Join(dir, rootFile), "CERTIFICATE", c.root.Raw, 0o644),
		writePEM(filepath.Join(dir, certificateFile), "CERTIFICATE", cert, 0o644),
		writePEM(filepath.Join(dir, linkKeyFile), "WANGGE LINK KEY", link, 0o600),
		writePEM(filepath.Join(dir, identityFile), "WANGGE IDENTITY KEY", identity, 0o600),
		c.issueSealing(d, dir),
	)
	if err != nil {
		return err
	}
	return writeKey(filepath.Join(dir, deviceKeyFile), key) // last: a folder that has it is whole
}
