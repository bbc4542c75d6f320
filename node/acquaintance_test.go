package node

import (
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
)

// A damaged note of a machine is none: with another moment its later letters would be old, and
// with another greeting it would not be sent what it lacks.
func TestADamagedNoteOfTheCouriersIsNone(t *testing.T) {
	data, r := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	good := acquaintance{At: 1_760_000_000_000, Card: []byte("a card of some bytes"), Hello: []byte("what it held then"), Files: [][]byte{[]byte("a word"), {}}}
	if err := good.remember(data, 7); err != nil {
		t.Fatal(err)
	}
	good = acquainted(data, 7)
	path := acquaintancePath(data, 7)
	whole, err := os.ReadFile(path)
	if err != nil || good.At == 0 {
		t.Fatal(good, err)
	}
	for at := range whole {
		flipped := append([]byte{}, whole...)
		flipped[at] ^= 1 << r.IntN(8)
		for what, b := range map[string][]byte{"flipped": flipped, "cut": whole[:at]} {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if a := acquainted(data, 7); !reflect.DeepEqual(a, good) && !reflect.DeepEqual(a, acquaintance{}) {
				t.Errorf("%s at byte %d it is %+v", what, at, a)
			}
		}
	}
}
