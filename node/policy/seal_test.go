package policy

import (
	"bytes"
	"errors"
	"testing"

	"wangge/sync/wire"
)

func TestOnlyTheHubOfTheCountySealsForIt(t *testing.T) {
	c := newCounty(t)
	replica := load(t, second(enrol(t, c, Device{Name: "县中心一", Role: Hub})))
	a, content := NewAuthority(replica.Root), []byte("what a space came to")
	good := replica.Seal(content)
	if err := a.Sealed(content, good); err != nil {
		t.Fatal(err)
	}
	stranger := load(t, second(enrol(t, newCounty(t), Device{Name: "县中心一", Role: Hub})))
	changed := bytes.Clone(good.Signature)
	changed[9] ^= 1
	for name, s := range map[string]wire.Seal{
		"a box's":               load(t, second(enrol(t, c, box))).Seal(content),
		"another county's":      stranger.Seal(content),
		"of something else":     replica.Seal([]byte("something else")),
		"a changed signature":   {Credential: good.Credential, Signature: changed},
		"a signature cut short": {Credential: good.Credential, Signature: good.Signature[:64]},
		"another algorithm's":   {Credential: good.Credential, Signature: append([]byte{2}, good.Signature[1:]...)},
		"no certificate":        {Credential: []byte("x"), Signature: good.Signature},
		"nothing":               {},
	} {
		if err := a.Sealed(content, s); !errors.Is(err, ErrSeal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
