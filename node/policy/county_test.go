package policy

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/crdt"
)

var founded = time.Date(2026, 5, 1, 8, 0, 0, 500, time.UTC)

func newCounty(t testing.TB) *County {
	t.Helper()
	c, err := NewCounty(filepath.Join(t.TempDir(), "county"), "高平市", founded)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var box = Device{
	Name: "北诗镇便民服务中心", Role: Box, Ring: "北诗镇 #1?",
	Holds: []Pattern{"140581105*/open", "140581105*/personal"}, Writes: []Pattern{"140581*/open", "140581105211/personal"},
}

// enrol enrols a device and returns the folder of its keys.
func enrol(t testing.TB, c *County, d Device) (Device, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	d, err := c.Enrol(d, dir, founded.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return d, dir
}

func load(t testing.TB, dir string) *Identity {
	t.Helper()
	id, err := LoadIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func mint(t testing.TB, id *Identity) *Writer {
	t.Helper()
	w, err := id.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAStoreKeepsItsWriterAndANewStoreHasAnother(t *testing.T) {
	c := newCounty(t)
	_, dir := enrol(t, c, box)
	_, neighbour := enrol(t, c, box)
	id := load(t, dir)
	w := mint(t, id)
	again, err := id.ReadWriter(w.Keep())
	if err != nil || again.Name() != w.Name() || string(again.Sign([]byte("x"))) != string(w.Sign([]byte("x"))) {
		t.Errorf("kept %v, read %v: %v", w.Name(), again, err)
	}
	if other := mint(t, id); other.Name() == w.Name() || other.Name().Device() != w.Name().Device() {
		t.Errorf("a second store's writer is %v beside %v", other.Name(), w.Name())
	}
	for _, kept := range [][]byte{nil, w.Keep()[:40], mint(t, load(t, neighbour)).Keep()} {
		if _, err := id.ReadWriter(kept); err == nil {
			t.Errorf("%d bytes that are no writer of this device were taken", len(kept))
		}
	}
}

func TestAnEnrolledDeviceIsWhoItWasEnrolledAs(t *testing.T) {
	c := newCounty(t)
	want, dir := enrol(t, c, box)
	id := load(t, dir)
	if want.Index != 1 || !reflect.DeepEqual(id.Device, want) {
		t.Errorf("loaded %+v, enrolled %+v", id.Device, want)
	}
	if id.CountyName != "高平市" || id.County != CountyID(id.Root) {
		t.Errorf("loaded %+v", id)
	}
	other := load(t, second(enrol(t, c, box)))
	if string(other.IdentityKey) != string(id.IdentityKey) || other.LinkKey == id.LinkKey {
		t.Error("the identity key is the county's, the link key the device's own")
	}
	w, foreign := mint(t, id), mint(t, other)
	sig, err := NewAuthority(other.Root).Signatory(w.Credential())
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("head")
	if sig.Writer() != w.Name() || w.Name().Device() != 1 || !sig.Signed(message, w.Sign(message)) {
		t.Error("the credential does not vouch for the writer")
	}
	if sig.Signed([]byte("other"), w.Sign(message)) || sig.Signed(message, foreign.Sign(message)) || sig.Signed(message, w.Sign(message)[1:]) || sig.Signed(message, nil) {
		t.Error("a false signature was taken")
	}
	if err := sig.MayWrite(crdt.Space{Area: "140581999", Class: crdt.Open}); err != nil {
		t.Error(err)
	}
	if err := sig.MayWrite(crdt.Space{Area: "140581105212", Class: crdt.Personal}); err == nil || !strings.Contains(err.Error(), box.Name) {
		t.Errorf("got %v", err)
	}
}

func second(_ Device, dir string) string { return dir }

func TestACertificateServesTLSBetweenDevicesOfOneCounty(t *testing.T) {
	c := newCounty(t)
	_, dir := enrol(t, c, box)
	id := load(t, dir)
	verify := func(root *x509.Certificate) error {
		roots := x509.NewCertPool()
		roots.AddCert(root)
		_, err := id.Certificate.Leaf.Verify(x509.VerifyOptions{
			Roots: roots, DNSName: ServerName(1), CurrentTime: founded.AddDate(1, 0, 0),
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		})
		return err
	}
	if err := verify(id.Root); err != nil {
		t.Error(err)
	}
	if err := verify(newCounty(t).root); err == nil {
		t.Error("another county's root vouches for it")
	}
}

func TestWhatAnotherCountyIssuedIsRefused(t *testing.T) {
	here, there := newCounty(t), newCounty(t)
	_, dir := enrol(t, here, box)
	_, foreign := enrol(t, there, box)
	if _, err := NewAuthority(load(t, dir).Root).Signatory(mint(t, load(t, foreign)).Credential()); !errors.Is(err, ErrCredential) {
		t.Errorf("credential: %v", err)
	}
	if _, err := NewAuthority(load(t, dir).Root).device(load(t, foreign).Certificate.Leaf); !errors.Is(err, ErrCredential) {
		t.Errorf("certificate: %v", err)
	}
}

func TestAFolderWhoseFilesDoNotBelongTogetherIsRefused(t *testing.T) {
	here, there := newCounty(t), newCounty(t)
	for _, file := range []string{rootFile, certificateFile, deviceKeyFile} {
		for name, from := range map[string]*County{"another device's": here, "another county's": there} {
			if file == rootFile && from == here {
				continue // the same for all devices
			}
			_, dir := enrol(t, here, box)
			_, other := enrol(t, from, box)
			b, err := os.ReadFile(filepath.Join(other, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadIdentity(dir); err == nil || !strings.Contains(err.Error(), "enrol the device again") {
				t.Errorf("%s %s: %v", name, file, err)
			}
		}
	}
}

func TestADamagedOrMissingFileIsNamed(t *testing.T) {
	c := newCounty(t)
	for _, file := range []string{rootFile, certificateFile, deviceKeyFile, identityFile, linkKeyFile} {
		for name, content := range map[string]string{"empty": "", "damaged": "-----BEGIN X-----\nAAAA\n-----END X-----\n"} {
			_, dir := enrol(t, c, box)
			path := filepath.Join(dir, file)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadIdentity(dir); err == nil || !strings.Contains(err.Error(), dir) {
				t.Errorf("%s %s: %v", name, file, err)
			}
			os.Remove(path)
			if _, err := LoadIdentity(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("missing %s: %v", file, err)
			}
		}
	}
}

func TestASecondCountyInOneFolderIsRefused(t *testing.T) {
	c := newCounty(t)
	if _, err := NewCounty(c.dir, "another", founded); err == nil || !strings.Contains(err.Error(), "already holds a county") {
		t.Errorf("got %v", err)
	}
	again, err := OpenCounty(c.dir)
	if err != nil || CountyID(again.root) != CountyID(c.root) {
		t.Errorf("%v", err)
	}
	key, err := os.ReadFile(filepath.Join(newCounty(t).dir, rootKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, rootKeyFile), key, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCounty(c.dir); err == nil {
		t.Error("opened with another county's key")
	}
}

func TestTheLedgerNeverGivesAnIndexTwice(t *testing.T) {
	c := newCounty(t)
	seen := map[uint32]bool{}
	note := func(d Device) {
		t.Helper()
		if d.Index == 0 || seen[d.Index] {
			t.Errorf("index %d was given before", d.Index)
		}
		seen[d.Index] = true
	}
	for range 2 {
		d, dir := enrol(t, c, box)
		note(d)
		if _, err := c.Enrol(box, dir, founded); err == nil {
			t.Error("a folder of keys was written over")
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := c.Enrol(box, filepath.Join(blocked, "keys"), founded); err == nil || d.Index != 0 {
		note(d) // an index may be lost, never given again
	}
	var g sync.WaitGroup
	var mu sync.Mutex
	for range 20 {
		g.Go(func() {
			d, err := c.Enrol(box, filepath.Join(t.TempDir(), "keys"), founded)
			for err != nil && strings.Contains(err.Error(), "another device is being enrolled") {
				d, err = c.Enrol(box, filepath.Join(t.TempDir(), "keys"), founded)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			note(d)
		})
	}
	g.Wait()
	devices, err := c.Devices()
	if err != nil || len(devices) != len(seen) {
		t.Errorf("the ledger knows %d devices of %d, %v", len(devices), len(seen), err)
	}
	ledger := filepath.Join(c.dir, ledgerFile)
	b, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ledger, b[strings.Index(string(b), "\n")+1:], 0o600); err != nil { // someone tidied up
		t.Fatal(err)
	}
	d, _ := enrol(t, c, box)
	note(d)
	if err := os.WriteFile(ledger, b[:len(b)-1], 0o600); err != nil { // torn at the end
		t.Fatal(err)
	}
	if _, err := c.Enrol(box, filepath.Join(t.TempDir(), "keys"), founded); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotBeEnrolledCostsNoIndex(t *testing.T) {
	c := newCounty(t)
	for name, change := range map[string]func(*Device, *time.Time){
		"a pattern to hold":  func(d *Device, _ *time.Time) { d.Holds = []Pattern{"all"} },
		"a pattern to write": func(d *Device, _ *time.Time) { d.Writes = []Pattern{"14/secret"} },
		"a role":             func(d *Device, _ *time.Time) { d.Role = "boxx" },
		"a clock too early":  func(_ *Device, now *time.Time) { *now = founded.AddDate(-1, 0, 0) },
		"a clock too late":   func(_ *Device, now *time.Time) { *now = founded.AddDate(31, 0, 0) },
	} {
		d, now := box, founded
		change(&d, &now)
		if _, err := c.Enrol(d, filepath.Join(t.TempDir(), "keys"), now); err == nil {
			t.Errorf("%s: enrolled", name)
		}
	}
	if devices, err := c.Devices(); err != nil || len(devices) != 0 {
		t.Errorf("%v, %v", devices, err)
	}
}

func TestKeysAreForTheirOwnerAlone(t *testing.T) {
	c := newCounty(t)
	_, dir := enrol(t, c, box)
	public := map[string]bool{hubCardFile: true, rootFile: true, certificateFile: true}
	for _, dir := range []string{dir, c.dir} {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			if !public[e.Name()] && info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v", e.Name(), info.Mode())
			}
		}
	}
	left := filepath.Join(t.TempDir(), "left.key")
	if err := os.WriteFile(left, []byte("of an earlier try"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writePEM(left, "X", []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(left); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
