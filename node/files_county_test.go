package node

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/sync/link"
	"wangge/sync/weaklink"
	"wangge/sync/wire"
)

// district is a county of whole nodes in one process, over an emulated wire.
type district struct {
	t     *testing.T
	wire  *weaklink.Wire
	nodes []*resident // hub replicas first
	peers []Peer
	hubs  int
}

// resident is one running node of it.
type resident struct {
	*node
	config Config
	stop   func()
}

func newDistrict(t *testing.T, p weaklink.Profile, hubs, boxes int, change func(*Config)) *district {
	t.Helper()
	d := &district{t: t, wire: weaklink.New(1, p), hubs: hubs}
	dir := t.TempDir()
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "试验县", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for i := range hubs + boxes {
		device := policy.Device{Name: fmt.Sprintf("县中心%d", i), Role: policy.Hub, Holds: []policy.Pattern{"*"}}
		if i >= hubs {
			device = policy.Device{
				Name: fmt.Sprintf("站%d", i), Role: policy.Box, Ring: "140581105",
				Holds: []policy.Pattern{"140581105*/personal", "140581/personal", "140581105*/open"}, Writes: []policy.Pattern{"140581*/personal", "140581*/open"},
			}
		}
		keys := filepath.Join(dir, fmt.Sprint("keys", i))
		if device, err = county.Enrol(device, keys, time.Now()); err != nil {
			t.Fatal(err)
		}
		d.peers = append(d.peers, Peer{Device: device.Index, Name: device.Name, Role: device.Role, Address: fmt.Sprintf("10.0.0.%d:7400", i+1)})
		c := Config{Keys: keys, Data: filepath.Join(dir, fmt.Sprint("data", i)), Link: "0.0.0.0:7400", Web: "127.0.0.1:0"}
		if change != nil {
			change(&c)
		}
		d.nodes = append(d.nodes, &resident{config: c})
	}
	for i := range d.nodes {
		d.nodes[i].config.Peers = d.peers
		d.start(i)
	}
	return d
}

// start runs a node until stop or the end of the test.
func (d *district) start(i int) {
	d.t.Helper()
	r := d.nodes[i]
	end, err := d.wire.Listen(d.peers[i].Address)
	if err != nil {
		d.t.Fatal(err)
	}
	r.config.Socket = end
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("WANGGE_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if r.node, err = open(r.config, log); err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	up, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- r.node.run(ctx, func(web.Status) { close(up) }) }()
	select {
	case <-up:
	case err := <-done:
		d.t.Fatal(err)
	}
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			d.t.Error(err)
		}
		if err := r.node.close(); err != nil {
			d.t.Error(err)
		}
	}
	d.t.Cleanup(r.stop)
}

func (d *district) hub(i int) *resident { return d.nodes[i] }
func (d *district) box(i int) *resident { return d.nodes[d.hubs+i] }

// patience is how long a test waits for what takes seconds: on the busiest machine no longer.
const patience = 5 * time.Minute

// until waits for what must come true.
func (d *district) until(what string, holds func() bool) {
	d.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			for i, r := range d.nodes {
				status := r.Status()
				d.t.Logf("%d: %s, %+v, %+v", i, status.Light, status.Unsent, status.Files)
			}
			d.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// photograph writes a file and its preview, if any, at a node.
func (r *resident) photograph(t testing.TB, seed byte, size, preview int) crdt.Attachment {
	t.Helper()
	write := func(salt byte, size int) crdt.File {
		root, n, err := r.store.Files().Write(bytes.NewReader(noise(seed, salt, size)))
		if err != nil {
			t.Fatal(err)
		}
		return crdt.File{Root: root, Size: n, Media: "image/jpeg"}
	}
	a := crdt.Attachment{File: write(0, size)}
	if preview > 0 {
		a.Preview = write(1, preview)
	}
	return a
}

// noise returns so many bytes of which no two pieces are alike.
func noise(seed, salt byte, size int) []byte {
	b := make([]byte, 0, size+32)
	for i := 0; len(b) < size; i++ {
		h := wire.PieceHash([]byte{seed, salt, byte(i), byte(i >> 8), byte(i >> 16)})
		b = append(b, h[:]...)
	}
	return b[:size]
}

// attach saves a record that refers to files.
func (r *resident) attach(t testing.TB, record int, files ...crdt.Attachment) {
	t.Helper()
	err := r.store.Save(func(d *store.Draft) error {
		rec, err := d.Record(field, recordOf(record))
		if err != nil {
			return err
		}
		for _, a := range files {
			d.Write(field, rec.Attach(recordOf(record), "visit", 9, a.Value()))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *resident) has(files ...crdt.File) bool {
	for _, f := range files {
		if !r.store.Files().Has(f.Root, f.Size) {
			return false
		}
	}
	return true
}

func TestAPhotoOfABoxComesToEveryReplicaAndItsPreviewToTheNeighbour(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 3, 2, nil)
	big := d.box(0).photograph(t, 1, 300_000, 9_000)
	bare := d.box(0).photograph(t, 2, 40_000, 0)
	d.box(0).attach(t, 1, big, bare)
	d.until("all files at every replica", func() bool {
		return d.hub(0).has(big.File, big.Preview, bare.File) && d.hub(1).has(big.File, big.Preview, bare.File) && d.hub(2).has(big.File, big.Preview, bare.File)
	})
	up := int64(0)
	for i := range 3 {
		up += d.wire.Way(d.at(3), d.at(i)).Traffic().OnWire().Bytes
	}
	if up > 349_000*5/4+60_000 {
		t.Errorf("%d bytes went from the box to the hub for files of 349,000: more than one replica asked it", up)
	}
	d.until("the preview at the neighbour", func() bool { return d.box(1).has(big.Preview) })
	if d.box(1).has(big.File) || d.box(1).has(bare.File) {
		t.Error("an original came to a box that fetches none")
	}
	for _, r := range d.nodes[:3] {
		c, err := r.store.Files().Open(big.Root)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 300_000)
		n, _ := c.Read(got)
		c.Close()
		if !bytes.Equal(got[:n], noise(1, 0, n)) {
			t.Error("the photo is not what was taken")
		}
	}
}

func TestNobodyIsGivenAFileForKnowingItsName(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 1, nil)
	secret := d.hub(0).photograph(t, 3, 50_000, 0) // at the hub, and no record of the box's spaces refers to it
	s, err := d.box(0).link.Open(t.Context(), d.peers[0].Device, link.Files)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ask := func(root wire.Hash) wire.FileWord {
		if err := s.WriteFrame(wire.EncodeFileWord(wire.Ask{Root: root, Size: secret.Size, List: 1, Pieces: []int{0}})); err != nil {
			t.Fatal(err)
		}
		b, err := s.ReadFrame(wire.FileWordMax)
		if err != nil {
			t.Fatal(err)
		}
		m, err := wire.DecodeFileWord(b)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for what, root := range map[string]wire.Hash{"a file that is there": secret.Root, "one that is not": {1}} {
		if m := ask(root); !reflect.DeepEqual(m, wire.Stock{Root: root, Size: secret.Size}) {
			t.Errorf("%s: %#v", what, m)
		}
	}
}

func TestAnOriginalGoesOnlyOnceMostReplicasProveThatTheyHoldIt(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 3, 2, func(c *Config) { c.KeepFilesDays = 2 })
	box := d.box(0)
	photo := box.photograph(t, 4, 100_000, 5_000)
	long := time.Now().Add(-72 * time.Hour)
	age := func() {
		for _, f := range []crdt.File{photo.File, photo.Preview} {
			name := fmt.Sprintf("%x", f.Root)
			if err := os.Chtimes(filepath.Join(box.config.Data, "files", name[:2], name), long, long); err != nil {
				t.Fatal(err)
			}
		}
	}
	evicts := func(want int) {
		age()
		t.Helper()
		if n, _, err := box.evict(t.Context()); n != want || err != nil {
			t.Errorf("%d files went, want %d; %v", n, want, err)
		}
	}
	evicts(0) // no record refers to it yet
	box.attach(t, 1, photo)
	d.until("the photo at every replica, and the record at the county", func() bool {
		return d.hub(0).has(photo.File) && d.hub(1).has(photo.File) && d.hub(2).has(photo.File) && box.store.Waiting() == 0
	})
	for _, i := range []int{0, 1} { // two of three copies are damaged, which only who reads them finds out
		name := fmt.Sprintf("%x", photo.Root)
		path := filepath.Join(d.hub(i).config.Data, "files", name[:2], name)
		b, err := os.ReadFile(path)
		if err == nil {
			b[50_000] ^= 1
			err = os.WriteFile(path, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	evicts(0)
	for _, i := range []int{0, 1} {
		d.hub(i).freight.Reload()
	}
	d.until("the damaged copies are mended", func() bool { return d.hub(0).has(photo.File) && d.hub(1).has(photo.File) })
	evicts(1)
	if box.has(photo.File) || !box.has(photo.Preview) {
		t.Error("the preview went, or the original stayed")
	}
	if s := box.Status().Files; s.Missing != 0 || s.Elsewhere != 1 {
		t.Errorf("status %+v", s)
	}
	if _, err := (cabinet{box.store.Files(), box.freight.Show}).Content(photo.Root); err != web.ErrMissing {
		t.Errorf("an evicted file: %v", err)
	}
	d.until("what a person asked to see is back", func() bool { return box.has(photo.File) })
}

func TestAPhotoThatIsNowhereHoldsUpNoOther(t *testing.T) {
	d := newDistrict(t, weaklink.LAN(), 1, 2, nil)
	lost := d.box(0).photograph(t, 5, 100_000, 0)
	d.box(0).attach(t, 1, lost)
	name := fmt.Sprintf("%x", lost.Root)
	d.box(0).stop()
	if err := os.Remove(filepath.Join(d.box(0).config.Data, "files", name[:2], name)); err != nil {
		t.Fatal(err)
	}
	d.start(1)
	kept := d.box(0).photograph(t, 6, 100_000, 3_000)
	d.box(0).attach(t, 2, kept)
	d.until("the other photo at the hub", func() bool { return d.hub(0).has(kept.File, kept.Preview) })
	absent := d.hub(0).Status().Files.Absent
	if len(absent) == 0 && d.hub(0).has(lost.File) {
		return // it came before the box stopped
	}
	if len(absent) != 1 || absent[0].Root != name || len(absent[0].Wrote) != 1 || absent[0].Since.IsZero() {
		t.Errorf("shown as missing: %+v", absent)
	}
}

func TestAKilledFetchGoesOnFromThePiecesThatAreThere(t *testing.T) {
	d := newDistrict(t, weaklink.Profile{Rate: 2_000_000, Header: weaklink.Headers, Delay: 5 * time.Millisecond}, 1, 1, nil)
	photo := d.box(0).photograph(t, 7, 1_500_000, 0)
	d.box(0).attach(t, 1, photo)
	here := func() (n int) {
		held, _ := d.hub(0).store.Files().Pieces(photo.Root)
		for _, h := range held {
			if h {
				n++
			}
		}
		return n
	}
	d.until("some pieces at the hub", func() bool { return here() > 5 })
	d.hub(0).stop()
	sent := d.wire.Traffic().OnWire().Bytes
	d.start(0)
	before := here()
	d.until("the photo at the hub", func() bool { return d.hub(0).has(photo.File) })
	if before < 5 {
		t.Errorf("%d pieces are left after a restart", before)
	}
	if spent, left := d.wire.Traffic().OnWire().Bytes-sent, int64(wire.Pieces(photo.Size)-before)*wire.PieceSize; spent > left*5/4+400_000 {
		t.Errorf("%d bytes were sent to bring %d", spent, left)
	}
}
