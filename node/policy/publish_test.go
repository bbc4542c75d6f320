package policy

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"wangge/sync/wire"
)

func TestAReplicaOfTheHubAndTheRootAlonePublish(t *testing.T) {
	c := newCounty(t)
	a, err := ReadAuthority(filepath.Join(c.dir, rootFile))
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("what was counted")
	replica := load(t, second(enrol(t, c, Device{Name: "县中心一", Role: Hub})))
	for who, s := range map[string]wire.Seal{"a replica": replica.Seal(content), "the root": c.Seal(content)} {
		if err := a.Published(content, s); err != nil {
			t.Errorf("%s may not publish: %v", who, err)
		}
	}
	root := c.Seal(content)
	changed := bytes.Clone(root.Signature)
	changed[9] ^= 1
	for who, s := range map[string]wire.Seal{
		"a box":                        load(t, second(enrol(t, c, box))).Seal(content),
		"another root":                 newCounty(t).Seal(content),
		"the root of something else":   c.Seal([]byte("something else")),
		"a changed signature":          {Credential: root.Credential, Signature: changed},
		"no signature":                 {Credential: root.Credential},
		"a replica in the root's name": {Credential: root.Credential, Signature: replica.Seal(content).Signature},
		"nobody":                       {},
	} {
		if err := a.Published(content, s); !errors.Is(err, ErrSeal) {
			t.Errorf("%s publishes: %v", who, err)
		}
	}
	if err := a.Sealed(content, root); !errors.Is(err, ErrSeal) {
		t.Errorf("the root, which is offline, seals checkpoints: %v", err)
	}
}

func TestOnlyARootCertificateIsTrusted(t *testing.T) {
	keys := second(enrol(t, newCounty(t), Device{Name: "县中心一", Role: Hub}))
	for _, file := range []string{certificateFile, identityFile, "none.pem"} {
		if _, err := ReadAuthority(filepath.Join(keys, file)); err == nil {
			t.Errorf("%s is trusted as a root", file)
		}
	}
}
