package policy

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A device that goes on with a damaged key or certificate works for nothing, or gives a person's
// records a name that nobody else gives them.
func TestADamagedKeyOrCertificateIsNeverTakenForAGoodOne(t *testing.T) {
	c, r := newCounty(t), rand.New(rand.NewPCG(1, 2))
	for _, d := range []Device{box, {Name: "县中心", Role: Hub, Holds: []Pattern{"*"}}} {
		_, dir := enrol(t, c, d)
		good := load(t, dir)
		files, err := os.ReadDir(dir)
		if err != nil || len(files) < 6 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, f := range files {
			path := filepath.Join(dir, f.Name())
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for at := r.IntN(3); at < len(whole); at += 1 + r.IntN(4) {
				flipped := append([]byte{}, whole...)
				flipped[at] ^= 1 << r.IntN(8)
				for what, b := range map[string][]byte{"flipped at": flipped, "cut at": whole[:at]} {
					if err := os.WriteFile(path, b, 0o600); err != nil {
						t.Fatal(err)
					}
					got, err := LoadIdentity(dir)
					if err == nil && !reflect.DeepEqual(got, good) {
						t.Fatalf("%s %s byte %d is taken", f.Name(), what, at)
					}
					if err != nil && (!strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "enrol the device again")) {
						t.Fatalf("%s %s byte %d: %v", f.Name(), what, at, err)
					}
				}
			}
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
