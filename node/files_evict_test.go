package node

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

// A replica that the configuration names twice is one.
func TestAReplicaHasOneVoteHoweverOftenItIsNamed(t *testing.T) {
	twice := Config{Peers: []Peer{{Device: 3, Role: policy.Hub}, {Device: 2, Role: policy.Hub}, {Device: 3, Role: policy.Hub}}}
	if got := twice.members(); len(got) != 2 {
		t.Errorf("it counts as two: %v", got)
	}
}

// What the file says of levels may be the word of a county that was restored since.
func TestNoFileGoesBeforeTheCountyWasHeardSinceTheStart(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	root, size, err := box.store.Files().Write(bytes.NewReader(bytes.Repeat([]byte("照片"), 9000)))
	p.must(err)
	p.must(box.store.Save(func(d *store.Draft) error {
		photo := crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: "image/jpeg"}}
		d.Write(field, crdt.Record{}.Attach(recordOf(1), "visit", 9, photo.Value()))
		return nil
	}))
	p.meet(box, p.hub)
	box = p.again(box)
	name, old := fmt.Sprintf("%x", root), time.Now().Add(-72*time.Hour)
	p.must(os.Chtimes(filepath.Join(box.config.Data, "files", name[:2], name), old, old))
	box.config.KeepFilesDays = 2
	for heard := range 2 {
		spares, err := box.spares(time.Now(), func(crdt.Space) bool { return false })
		if err != nil || len(spares) != heard {
			t.Errorf("the county was heard %d times, and %d files may go; %v", heard, len(spares), err)
		}
		p.meet(box, p.hub)
	}
}

func TestFilesThatNoReplicaHasKeepNoOtherFromGoing(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 1, func(c *Config) { c.KeepFilesDays = 2 })
	box, hub := d.box(0), d.hub(0)
	var lost []crdt.Attachment
	for i := range freight.ProvenMax {
		root, size, err := box.store.Files().Write(bytes.NewReader(fmt.Appendf(nil, "照片 %d", i)))
		if err != nil {
			t.Fatal(err)
		}
		lost = append(lost, crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: "image/jpeg"}})
	}
	kept := box.photograph(t, 4, 1000, 0)
	box.attach(t, 1, lost...)
	box.attach(t, 2, kept)
	d.until("all at the county", func() bool {
		return box.store.Waiting() == 0 && hub.store.Files().Has(kept.Root, kept.Size) && hub.Status().Files.Missing == 0
	})
	path := func(r *resident, root wire.Hash) string {
		name := fmt.Sprintf("%x", root)
		return filepath.Join(r.config.Data, "files", name[:2], name)
	}
	now := time.Now()
	for _, a := range lost {
		if err := errors.Join(os.Remove(path(hub, a.Root)), os.Chtimes(path(box, a.Root), now, now.Add(-96*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(path(box, kept.Root), now, now.Add(-72*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n, _, err := box.evict(t.Context()); n != 1 || err != nil || box.has(kept.File) {
		t.Errorf("%d files went; %v", n, err)
	}
}
