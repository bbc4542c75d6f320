package policy

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestARenewedDeviceIsItselfWithOtherRights(t *testing.T) {
	c := newCounty(t)
	d, dir := enrol(t, c, box)
	before := load(t, dir)
	old := mint(t, before)
	if err := errors.Join(os.Remove(filepath.Join(dir, sealingFile)), os.Remove(filepath.Join(dir, hubCardFile))); err != nil {
		t.Fatal(err)
	}
	narrow := []Pattern{"140581105211/open"}
	later := founded.AddDate(1, 0, 0)
	now, err := c.Renew(dir, func(d *Device) error { d.Index, d.Role, d.Holds, d.Writes = 99, Hub, narrow, narrow; return nil }, later)
	if err != nil || now.Index != d.Index || now.Role != Box || now.Name != d.Name {
		t.Fatalf("%+v, %v", now, err)
	}
	after := load(t, dir)
	if !after.Device.SameRights(now) || after.Sealing.None() || after.Certificate.Leaf.NotAfter.Before(later.AddDate(2, 0, 0)) {
		t.Errorf("the folder has %+v until %s", after.Device, after.Certificate.Leaf.NotAfter)
	}
	devices, err := c.Devices()
	if err != nil || len(devices) != 1 || !devices[0].SameRights(now) {
		t.Errorf("the ledger has %+v, %v", devices, err)
	}
	if next, _ := enrol(t, c, box); next.Index != d.Index+1 {
		t.Errorf("the next device is %d", next.Index)
	}
	same, err := before.WriterOf(old.Keep())
	if err != nil || same.Name() != old.Name() {
		t.Errorf("under the same rights the writer is %v, %v", same, err)
	}
	fresh, err := after.WriterOf(old.Keep())
	if err != nil || fresh.Name() == old.Name() || fresh.Name().Device() != d.Index {
		t.Errorf("under other rights the writer goes on: %v, %v", fresh, err)
	}
	if _, err := NewAuthority(after.Root).Signatory(old.Credential()); err != nil {
		t.Errorf("what was signed before is believed no more: %v", err)
	}
}

func TestARefusedRenewalChangesNothing(t *testing.T) {
	c := newCounty(t)
	_, dir := enrol(t, c, box)
	path := filepath.Join(dir, certificateFile)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	for name, change := range map[string]func(*Device) error{
		"refused": func(*Device) error { return no },
		"unsound": func(d *Device) error { d.Holds = []Pattern{"nowhere"}; return nil },
	} {
		if _, err := c.Renew(dir, change, founded.Add(time.Hour)); err == nil {
			t.Errorf("%s: renewed", name)
		}
	}
	if _, err := newCounty(t).Renew(dir, func(*Device) error { return nil }, founded.Add(time.Hour)); err == nil {
		t.Error("another county renews")
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the certificate has changed")
	}
}
