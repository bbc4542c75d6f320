package policy

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"wangge/sync/bundle"
)

func card(t testing.TB, id *Identity) []byte {
	t.Helper()
	b, err := id.Card()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestACardChangedAnywhereProvesNothing(t *testing.T) {
	c := newCounty(t)
	id := load(t, second(enrol(t, c, box)))
	a := NewAuthority(id.Root)
	for _, whole := range [][]byte{card(t, id), id.Hub.Raw} {
		if _, err := a.Card(whole); err != nil {
			t.Fatal(err)
		}
		for i := range whole {
			b := bytes.Clone(whole)
			b[i] ^= 1
			_, changed := a.Card(b)
			_, cut := a.Card(whole[:i])
			if !errors.Is(changed, ErrCard) || !errors.Is(cut, ErrCard) {
				t.Fatalf("changed at %d: %v; cut there: %v", i, changed, cut)
			}
		}
		if _, err := a.Card(append(bytes.Clone(whole), make([]byte, credentialMax)...)); !errors.Is(err, ErrCard) {
			t.Errorf("longer: %v", err)
		}
	}
	stranger := load(t, second(enrol(t, newCounty(t), box)))
	for _, b := range [][]byte{card(t, stranger), stranger.Hub.Raw} {
		if _, err := a.Card(b); !errors.Is(err, ErrCard) {
			t.Errorf("another county's: %v", err)
		}
	}
}

func TestTheHubHasOneKeyThatReplicasShareAndBoxesDoNotHave(t *testing.T) {
	c := newCounty(t)
	hub := Device{Name: "县中心一", Role: Hub, Holds: []Pattern{"*"}}
	one, two := load(t, second(enrol(t, c, hub))), load(t, second(enrol(t, c, hub)))
	centre := load(t, second(enrol(t, c, box)))
	key := func(id *Identity) string { return string(id.Sealing.Public().Bytes()) }
	if key(one) != key(two) || key(one) != string(centre.Hub.Key.Bytes()) || key(one) == key(centre) {
		t.Error("the hub's key is not what it should be")
	}
	if d := centre.Hub.Device; d.Index != bundle.Hub || d.Role != Hub {
		t.Errorf("the hub's card is of %+v", d)
	}
	got, err := NewAuthority(one.Root).Card(card(t, centre))
	if err != nil || got.Device.Index != centre.Device.Index || got.Device.Role != Box {
		t.Errorf("the box's card is of %+v, %v", got.Device, err)
	}
	message := []byte("a message")
	if !got.Signed(message, centre.Sign(message)) || got.Signed(message, one.Sign(message)) {
		t.Error("a card's machine is not known by its signature")
	}
}

func TestACountyFromBeforeBundlesGetsItsKeyWithTheNextDevice(t *testing.T) {
	c := newCounty(t)
	if err := os.Remove(filepath.Join(c.dir, sealingFile)); err != nil {
		t.Fatal(err)
	}
	one, two := load(t, second(enrol(t, c, box))), load(t, second(enrol(t, c, box)))
	if one.Sealing.None() || string(one.Hub.Raw) == "" || string(one.Hub.Key.Bytes()) != string(two.Hub.Key.Bytes()) {
		t.Error("the county has no key, or several")
	}
}
