package city

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var errCut = errors.New("the power is cut")

// cutDisk loses its power before one of its steps. What no fsync has confirmed by then is
// lost, or is there, as the test says: of a file its content, of a folder its names.
type cutDisk struct {
	realDisk
	left   int  // steps until the cut
	loses  bool // what was not confirmed
	torn   bool // a file under way is there in half
	linked []string
}

func (d *cutDisk) step() error {
	d.left--
	if d.left < 0 {
		return errCut
	}
	return nil
}

func (d *cutDisk) write(path string, b []byte) error {
	if err := d.step(); err != nil {
		if d.torn {
			err = errors.Join(err, os.WriteFile(path, b[:len(b)/2], 0o600))
		}
		return err
	}
	return d.realDisk.write(path, b)
}

func (d *cutDisk) link(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	d.linked = append(d.linked, to)
	return d.realDisk.link(from, to)
}

func (d *cutDisk) remove(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.realDisk.remove(path)
}

func (d *cutDisk) sync(dir string) error {
	if err := d.step(); err != nil {
		return err
	}
	d.linked = nil
	return d.realDisk.sync(dir)
}

// cut is the power going.
func (d *cutDisk) cut(t *testing.T) {
	for _, path := range d.linked {
		if !d.loses {
			continue
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACutAtAnyStepLosesNothingThatWasAcknowledged(t *testing.T) {
	gaoping := newCounty(t, "140581", "高平市")
	first, second := gaoping.file(gaoping.said("2026-11", 1)), gaoping.file(gaoping.said("2026-11", 2))
	whole := 0
	for step := 0; whole < 4; step++ {
		for _, loses := range []bool{false, true} {
			for _, torn := range []bool{false, true} {
				f := newCity(t, "1405", gaoping)
				f.takes(t, first)
				d := &cutDisk{left: step, loses: loses, torn: torn}
				f.disk = d
				_, err := f.Receive(second, december)
				if err == nil {
					whole++
				} else if !errors.Is(err, errCut) {
					t.Fatal(err)
				}
				d.cut(t)
				f.disk = realDisk{}
				f.wakes(t, second, gaoping.sealed(gaoping.said("2026-11", 2)), err == nil)
			}
		}
	}
}

// wakes looks at the folder after a cut, and does again what was cut off.
func (f *Folder) wakes(t *testing.T, path string, want []byte, acknowledged bool) {
	t.Helper()
	m, err := f.Month("2026-11")
	if err != nil {
		t.Fatalf("after a cut the month is not shown: %v", err)
	}
	if n := m.Said["140581"].Number; n != 2 && (acknowledged || n != 1) {
		t.Errorf("after a cut number %d is shown, and the second was acknowledged: %t", n, acknowledged)
	}
	if r := f.takes(t, path); r.Latest != 2 {
		t.Errorf("done again it is %+v", r)
	}
	got, err := os.ReadFile(filepath.Join(f.dir, receivedDir, "140581-2026-11-2.publication"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("done again the file has %d bytes of %d: %v", len(got), len(want), err)
	}
}

// Who was killed between the name and its fsync has not said that it is taken; who finds it
// there says so only once the name is durable.
func TestWhatIsHereAlreadyIsMadeDurableBeforeThatIsSaid(t *testing.T) {
	gaoping := newCounty(t, "140581", "高平市")
	path := gaoping.file(gaoping.said("2026-11", 1))
	f := newCity(t, "1405", gaoping)
	f.takes(t, path)
	d := &cutDisk{}
	f.disk = d
	if _, err := f.Receive(path, december); !errors.Is(err, errCut) {
		t.Errorf("a folder whose names are on no disk says %v", err)
	}
	if d.left = 1; !f.takes(t, path).Known {
		t.Error("it is not known")
	}
}

func TestWhatACutLeftIsSweptAwayLater(t *testing.T) {
	gaoping := newCounty(t, "140581", "高平市")
	f := newCity(t, "1405", gaoping)
	left, fresh := filepath.Join(f.dir, receivedDir, "140581-2026-10-1.publication.1.part"), filepath.Join(f.dir, receivedDir, "140581-2026-10-1.publication.2.part")
	for _, path := range []string{left, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * partLife)
	if err := os.Chtimes(left, long, long); err != nil {
		t.Fatal(err)
	}
	f.takes(t, gaoping.file(gaoping.said("2026-11", 1)))
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a part of two hours ago is there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("another program's part is gone: %v", err)
	}
	if months, err := f.Months(); err != nil || len(months) != 1 || months[0] != "2026-11" {
		t.Errorf("the months are %v: %v", months, err)
	}
}

// Two programs take two files under one number at once: one of them is told.
func TestWhatAnotherProgramTookMeanwhileIsNotReplaced(t *testing.T) {
	gaoping := newCounty(t, "140581", "高平市")
	f := newCity(t, "1405", gaoping)
	one, other := gaoping.said("2026-11", 1), gaoping.said("2026-11", 1, visits(whole(t, 99)))
	if err := f.keep(receivedDir, one, gaoping.sealed(one)); err != nil {
		t.Fatal(err)
	}
	if err := f.keep(receivedDir, other, gaoping.sealed(other)); err == nil {
		t.Error("what was said first was replaced")
	}
	if m, err := f.Month("2026-11"); err != nil || m.Said["140581"].Tables[0].Table.Total.Value != 20 {
		t.Errorf("shown is %+v: %v", m, err)
	}
	if names, _ := filepath.Glob(filepath.Join(f.dir, receivedDir, "*")); len(names) != 1 {
		t.Errorf("the folder holds %q", names)
	}
}
