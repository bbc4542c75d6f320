package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wangge/sync/bundle"
)

// Sealing keys are what bundles are sealed to (sync/bundle). A box has one of its
// own. The county's hub has one for all, made with the county: its private part is
// handed to replicas alone, its card to every device, so that a box can write to
// the hub from its first day on without having met it.
const (
	sealingFile = "sealing.key" // county, replica: the hub's; box: its own
	hubCardFile = "hub.card"    // device: the hub's public key, which the root signed
)

// ErrNoSealing says that a device was enrolled before there were sealing keys.
var ErrNoSealing = errors.New("this device has no sealing key, for it was enrolled before there were bundles: " +
	"renew its keys with wangge enrol --renew and bring them to it")

// sealingKey reads the key of a folder; it is none where there is no file.
func sealingKey(dir string) (bundle.PrivateKey, error) {
	path := filepath.Join(dir, sealingFile)
	b, err := readPEM(path)
	if errors.Is(err, fs.ErrNotExist) {
		return bundle.PrivateKey{}, nil
	}
	if err != nil {
		return bundle.PrivateKey{}, err
	}
	key, err := bundle.ReadPrivateKey(b)
	if err != nil {
		return key, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// makeSealing returns the key of a folder, which gets one if it has none.
func makeSealing(dir string) (bundle.PrivateKey, error) {
	key, err := sealingKey(dir)
	if err != nil || !key.None() {
		return key, err
	}
	if key, err = bundle.NewKey(); err != nil {
		return key, err
	}
	return key, writeSealing(dir, key)
}

func writeSealing(dir string, key bundle.PrivateKey) error {
	b, err := key.Bytes()
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, sealingFile), "WANGGE SEALING KEY", b, 0o600)
}

// issueSealing gives a device's folder what it needs for bundles.
func (c *County) issueSealing(d Device, dir string) error {
	hub, err := makeSealing(c.dir) // an older county has none yet
	if err != nil {
		return err
	}
	if d.Role == Hub {
		err = writeSealing(dir, hub)
	} else {
		_, err = makeSealing(dir)
	}
	return errors.Join(err, writePEM(filepath.Join(dir, hubCardFile), "WANGGE CARD", newCard(c.root.Raw, CountyID(c.root), 0, hub.Public(), c.key), 0o644))
}

// readSealing reads what issueSealing wrote. A folder from before has nothing.
func (id *Identity) readSealing(dir string) (err error) {
	if id.Sealing, err = sealingKey(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, hubCardFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	b, err := readPEM(path)
	if err != nil {
		return err
	}
	card, err := NewAuthority(id.Root).Card(b)
	if err == nil && card.Device.Index != bundle.Hub {
		err = ErrCard
	}
	if err != nil {
		return fmt.Errorf("%s: %w: restore it, or enrol the device again", path, err)
	}
	id.Hub = card
	return nil
}
