package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// post returns where a machine of the province writes and reads letters.
func (m *party) post() Post {
	l := m.letters()
	if m.isHub() {
		l.history = func(ctx context.Context, _ policy.Device) conversing { return m.hubLog(ctx) }
		l.note = func(context.Context, policy.Device, time.Time) {}
		if m.most != nil {
			l.most = func(_ context.Context, files []store.Spare, _ bool) map[wire.Hash]bool { return m.most(files) }
		}
	}
	return openShut{l}
}

// openShut is a post that stays open.
type openShut struct{ letters }

func (openShut) Close() error { return nil }

// stick is a folder that is carried about.
type stick struct {
	*province
	dir string
	now time.Time
}

func (p *province) stick() *stick { return &stick{p, p.t.TempDir(), time.Now()} }

func (s *stick) path(name string) string { return filepath.Join(s.dir, name) }

func (s *stick) bytes(name string) []byte {
	s.t.Helper()
	b, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// export has a machine write a bundle to another, which it knows or whose card it
// is given.
func (s *stick) export(from, to *party, name string, change ...func(*Export)) Export {
	s.t.Helper()
	x, err := s.tryExport(from, to, name, change...)
	if err != nil {
		s.t.Fatal(err)
	}
	return x
}

func (s *stick) tryExport(from, to *party, name string, change ...func(*Export)) (Export, error) {
	s.t.Helper()
	card, err := to.id.Card()
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := Addressee(from.id, from.config.Data, correspondent(to.id.Device), card)
	if err != nil {
		return Export{}, err
	}
	f, err := os.OpenFile(s.path(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	s.now = s.now.Add(time.Second)
	x := Export{File: f, To: c, Progress: func(int64) {}}
	for _, do := range change {
		do(&x)
	}
	return x, x.Make(s.t.Context(), from.id, from.post(), s.now)
}

func (s *stick) read(at *party, name string) Import {
	s.t.Helper()
	m, err := s.tryRead(at, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

func (s *stick) tryRead(at *party, name string) (Import, error) {
	s.t.Helper()
	return ReadBundle(s.t.Context(), at.id, at.post(), bytes.NewReader(s.bytes(name)), func(uint64) {})
}

// round carries a machine's bundle to another and the answer back.
func (s *stick) round(from, to *party) {
	s.t.Helper()
	os.Remove(s.path("there"))
	os.Remove(s.path("back"))
	s.export(from, to, "there")
	m := s.read(to, "there")
	s.export(to, from, "back", func(x *Export) { x.Order.First = m.First })
	s.read(from, "back")
}

func TestWorkComesToTheCountyAndBackOnAStick(t *testing.T) {
	p := newProvince(t, 2)
	east, west := p.boxes[0], p.boxes[1]
	s := p.stick()
	p.write(east, 1, "东站独居老人张桂兰")
	x := s.export(east, p.hub, "there")
	if x.Batches != 1 || x.More || x.Header.To != bundle.Hub {
		t.Fatalf("the bundle: %+v", x)
	}
	for _, plain := range []string{"张桂兰", "140581105211", east.id.Device.Name, "visit"} {
		if bytes.Contains(s.bytes("there"), []byte(plain)) {
			t.Errorf("a carrier can read %q", plain)
		}
	}
	if m := s.read(p.hub, "there"); m.New != 1 || !m.Whole() || !m.Complete || m.Old || len(m.Refused) > 0 {
		t.Errorf("at the hub: %+v", m)
	}
	if level := p.level(east, 1); level != wire.Saved {
		t.Errorf("before the answer the box shows %s", level)
	}
	p.write(west, 2, "西站")
	p.meet(west, p.hub)
	s.export(p.hub, east, "back")
	if m := s.read(east, "back"); m.New != 1 || m.Old {
		t.Errorf("back at the box: %+v", m)
	}
	if level := p.level(east, 1); level != wire.AtCounty {
		t.Errorf("after the answer the box shows %s", level)
	}
	p.agree(p.hub, east, west)
	if x := s.export(east, p.hub, "again"); x.Batches != 0 {
		t.Errorf("what the county has is sent again: %d batches", x.Batches)
	}
	if x := s.export(east, p.hub, "all", func(x *Export) { x.Order.All = true }); x.Batches != 2 {
		t.Errorf("all are %d batches", x.Batches)
	}
}

func TestNeighboursWriteToEachOtherWithACard(t *testing.T) {
	p := newProvince(t, 2)
	east, west := p.boxes[0], p.boxes[1]
	s := p.stick()
	if _, err := Addressee(east.id, east.config.Data, west.id.Device.Index, nil); err == nil || !strings.Contains(err.Error(), "--card") {
		t.Errorf("a box that was never met: %v", err)
	}
	p.write(east, 1, "东")
	p.write(west, 2, "西")
	s.round(east, west)
	p.agree(east, west)
	if level := p.level(east, 1); level != wire.AtBox {
		t.Errorf("the neighbour's word proves %s", level)
	}
	if _, err := Addressee(west.id, west.config.Data, east.id.Device.Index, nil); err != nil {
		t.Errorf("after its bundle was read: %v", err)
	}
	if x := s.export(west, east, "not sure"); x.Batches != 1 {
		t.Errorf("of what the neighbour has not shown yet %d batches are sent", x.Batches)
	}
	s.export(east, west, "shown")
	s.read(west, "shown")
	if x := s.export(west, east, "more"); x.Batches != 0 {
		t.Errorf("what the neighbour showed is sent again: %d batches", x.Batches)
	}
}

func TestABundleReadTwiceOrLateDoesNoHarm(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.write(box, 1, "一")
	s.export(box, p.hub, "first")
	p.write(box, 2, "二")
	s.export(box, p.hub, "second")
	s.read(p.hub, "second")
	s.export(p.hub, box, "answer two")
	for range 2 { // the older one after the newer, and then again
		if m := s.read(p.hub, "first"); m.New != 0 || m.Known != 1 || !m.Old {
			t.Errorf("the older bundle: %+v", m)
		}
	}
	known := acquainted(p.hub.config.Data, box.id.Device.Index)
	if hello, _ := wire.Decode(known.Hello); hello.(wire.Hello).Holds[field][box.store.Writer()] != 2 {
		t.Errorf("the older bundle is taken for what the box holds: %+v", hello)
	}
	s.read(box, "answer two")
	if level := p.level(box, 2); level != wire.AtCounty {
		t.Errorf("level %s", level)
	}
	p.agree(p.hub, box)
}

// An answer that a hub gave before it lost its disks must not make the box believe
// that the county has what it lost.
func TestAnOldAnswerDoesNotProveWhatTheCountyLost(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.write(box, 1, "一")
	s.export(box, p.hub, "there")
	s.read(p.hub, "there")
	s.export(p.hub, box, "old answer")
	s.read(box, "old answer")
	p.hub.store.Close()
	if err := os.RemoveAll(p.hub.config.Data); err != nil {
		t.Fatal(err)
	}
	p.hub = p.open(p.hub.keys, p.hub.config.Data)
	s.export(p.hub, box, "new answer")
	if s.read(box, "new answer"); p.level(box, 1) != wire.Saved {
		t.Errorf("the county lost it, and the box shows %s", p.level(box, 1))
	}
	if m := s.read(box, "old answer"); !m.Old || p.level(box, 1) != wire.Saved {
		t.Errorf("the old answer: %+v, level %s", m, p.level(box, 1))
	}
	s.round(box, p.hub)
	if p.level(box, 1) != wire.AtCounty {
		t.Errorf("sent again, it is at %s", p.level(box, 1))
	}
}

// What a broken or newer program put in must not keep the rest from being taken, for
// the next bundle would hold it again.
func TestAMessageThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.write(box, 1, "一")
	from, err := sender(box.id)
	p.must(err)
	f, err := os.OpenFile(s.path("there"), os.O_CREATE|os.O_RDWR, 0o600)
	p.must(err)
	defer f.Close()
	w, err := bundle.Create(f, from, bundle.Hub, box.id.Hub.Key, s.now.UnixMilli())
	p.must(err)
	hub, err := p.hub.id.Card()
	p.must(err)
	p.must(box.post().Write(t.Context(), Order{Card: hub}, func(e bundle.Entry) error {
		return w.Append([]bundle.Entry{{Kind: bundle.Message, Bytes: []byte{200, 1}}, {Kind: bundle.Word, Bytes: []byte{200}}, {Kind: bundle.Load}, e}, nil)
	}))
	p.must(w.End(false))
	if m := s.read(p.hub, "there"); m.New != 1 || len(m.Damaged) == 0 || m.Whole() {
		t.Errorf("at the hub: %+v", m)
	}
}

// The county itself has said since that it lost the work, and the box was started
// anew: the answer of before is brought once more, and one that never was read.
func TestAnAnswerOfBeforeTheCountySpokeItselfProvesNothing(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	s.now = time.Now().Add(-time.Hour)
	p.write(box, 1, "一")
	s.export(box, p.hub, "there")
	s.read(p.hub, "there")
	s.export(p.hub, box, "read answer")
	s.read(box, "read answer")
	s.export(p.hub, box, "late answer")
	p.hub.store.Close()
	if err := os.RemoveAll(p.hub.config.Data); err != nil {
		t.Fatal(err)
	}
	p.hub = p.open(p.hub.keys, p.hub.config.Data)
	l := p.call(box, p.hub)
	l.hears(1)
	l.hears(0) // the hub's greeting; what the box would send again is lost
	box.witness(boxLog{}, p.hub.id.Device).hears(wire.Clock{At: time.Now().UnixMilli()})
	l.ends()
	if p.level(box, 1) != wire.Saved {
		t.Fatalf("the county lost it, and the box shows %s", p.level(box, 1))
	}
	box = p.again(box)
	for _, answer := range []string{"read answer", "late answer"} {
		if m := s.read(box, answer); !m.Old || p.level(box, 1) != wire.Saved || box.store.Heard() != 0 {
			t.Errorf("%s: %+v, level %s", answer, m, p.level(box, 1))
		}
	}
}

// A box that goes on from an old copy of its store reads a bundle that shows more of
// its own writer: it takes its work back and signs no number a second time.
func TestARestoredBoxLearnsFromABundleThatItWas(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.write(box, 1, "一")
	copied := p.copyOf(box, "copy")
	p.write(box, 2, "二")
	s.round(box, p.hub)
	box.store.Close()
	old := p.open(box.keys, copied)
	writer := old.store.Writer()
	s.round(old, p.hub)
	p.write(old, 3, "三")
	if old.store.Writer() == writer {
		t.Error("the restored box writes on under its old name")
	}
	s.round(old, p.hub)
	p.agree(p.hub, old)
	if p.level(old, 3) != wire.AtCounty || len(p.hub.store.Forks()) > 0 {
		t.Errorf("level %s, forks %v", p.level(old, 3), p.hub.store.Forks())
	}
}

func TestAWrongMachineNamesWhoseABundleIs(t *testing.T) {
	p := newProvince(t, 2)
	east, west := p.boxes[0], p.boxes[1]
	s := p.stick()
	s.export(east, p.hub, "to the hub")
	s.export(p.hub, east, "to the east")
	for name, want := range map[string]string{"to the hub": "for the county's hub", "to the east": "for device 2"} {
		_, err := s.tryRead(west, name)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "device 3 (站1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := newProvince(t, 1)
	o := other.stick()
	o.export(other.boxes[0], other.hub, "foreign")
	os.WriteFile(s.path("foreign"), o.bytes("foreign"), 0o600)
	if _, err := s.tryRead(p.hub, "foreign"); err == nil || !strings.Contains(err.Error(), "of county") {
		t.Errorf("another county's: %v", err)
	}
	if _, err := s.tryExport(east, west, "to the hub"); !errors.Is(err, bundle.ErrOther) {
		t.Errorf("going on with another addressee's bundle: %v", err)
	}
}

// big has a machine write texts that take many frames.
func (p *province) big(m *party, records int) {
	r := rand.New(rand.NewPCG(1, uint64(records)))
	for i := range records {
		text := make([]rune, 5000)
		for j := range text {
			text[j] = rune(0x4e00 + r.IntN(0x5000))
		}
		p.write(m, i+1, string(text))
	}
}

func TestATornBundleIsTakenAsFarAsItGoesAndGoneOnWith(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.big(box, 40)
	x := s.export(box, p.hub, "whole")
	if x.Frames < 4 {
		t.Fatalf("only %d frames of %d bytes", x.Frames, x.Bytes)
	}
	torn := s.bytes("whole")[:x.Bytes*2/3]
	if err := os.WriteFile(s.path("torn"), torn, 0o600); err != nil {
		t.Fatal(err)
	}
	first := s.read(p.hub, "torn")
	if !first.Torn || first.New == 0 || first.New >= x.Batches || first.Complete || len(first.Refused) > 0 {
		t.Fatalf("torn: %+v", first)
	}
	y := s.export(box, p.hub, "torn") // goes on
	if y.Batches+first.New != x.Batches || y.Header.ID != x.Header.ID {
		t.Errorf("%d batches were there, %d went in, of %d", first.New, y.Batches, x.Batches)
	}
	if m := s.read(p.hub, "torn"); !m.Whole() || m.New != y.Batches || m.Known != first.New || !m.Complete {
		t.Errorf("gone on with: %+v", m)
	}
	p.agree(p.hub, box)
}

func TestFramesThatAreDamagedSwappedOrForeignAreLeftOut(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.big(box, 40)
	x := s.export(box, p.hub, "whole")
	whole := s.bytes("whole")
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 1
	os.WriteFile(s.path("damaged"), damaged, 0o600)
	if m := s.read(p.hub, "damaged"); len(m.Damaged) != 1 || m.Whole() || m.New == 0 || m.New >= x.Batches {
		t.Errorf("damaged: %v, %d new of %d", m.Damaged, m.New, x.Batches)
	}
	for i := range 4000 { // of the beginning every byte counts
		changed := bytes.Clone(whole[:min(len(whole), 8000)])
		if i%37 != 0 {
			continue
		}
		changed[i] ^= 0x20
		os.WriteFile(s.path("changed"), changed, 0o600)
		if m, err := s.tryRead(p.hub, "changed"); err == nil && m.Whole() {
			t.Errorf("byte %d of the beginning does not count", i)
		}
	}
	if m := s.read(p.hub, "whole"); !m.Whole() {
		t.Errorf("the whole one: %+v", m)
	}
	p.agree(p.hub, box)
}

func TestALimitLeavesTheRestForAnotherStick(t *testing.T) {
	p := newProvince(t, 2)
	west, east := p.boxes[0], p.boxes[1] // whose own work would come last by its number
	p.big(west, 10)
	p.meet(east, west)
	p.big(east, 30) // and which is the larger
	s := p.stick()
	const limit = 220 << 10
	x := s.export(east, p.hub, "one", func(x *Export) { x.Limit = limit })
	if size := len(s.bytes("one")); !x.More || size > limit || size < limit/3 {
		t.Fatalf("%d bytes, %d batches, more %t", size, x.Batches, x.More)
	}
	if m := s.read(p.hub, "one"); !m.More || m.Complete || m.New == 0 || p.hub.store.Held(field, west.store.Writer()) > 0 {
		t.Errorf("the first stick: %+v", m)
	}
	var after []io.ReadSeeker
	for _, name := range []string{"one", "two", "three", "four"} {
		if name != "one" {
			x = s.export(east, p.hub, name, func(x *Export) { x.Limit, x.After = limit, after })
			s.read(p.hub, name)
		}
		if after = append(after, bytes.NewReader(s.bytes(name))); !x.More {
			break
		}
	}
	if x.More {
		t.Error("four sticks do not take it")
	}
	p.agree(p.hub, east)
}

func TestAnExportSinceAMomentLeavesOutWhatIsOlder(t *testing.T) {
	p := newProvince(t, 2)
	east, west := p.boxes[0], p.boxes[1]
	p.write(east, 1, "旧")
	p.write(east, 2, "旧")
	moment := time.Now().Add(time.Millisecond)
	for !time.Now().After(moment.Add(2 * time.Millisecond)) {
	}
	p.write(east, 3, "新")
	x := p.stick().export(east, west, "new", func(x *Export) { x.Order.Since = moment })
	if x.Batches != 1 {
		t.Errorf("%d batches since then, want 1", x.Batches)
	}
}

// A bundle that was sealed before its addressee lost an area brings nothing of that.
func TestABundleBringsNothingOfAnAreaThatWasLostSince(t *testing.T) {
	p := newProvince(t, 2)
	box, neighbour := p.boxes[0], p.boxes[1]
	p.must(neighbour.fill(far, 1, "别处的"))
	p.must(neighbour.fill(field, 2, "此处的"))
	p.meet(neighbour, p.hub)
	s := p.stick()
	s.export(p.hub, box, "wide")
	box = p.renew(box, own, own)
	m := s.read(box, "wide")
	if _, n := box.digest(far); n > 0 || len(m.Refused) != 1 || !strings.Contains(m.Refused[0], "not for this machine") {
		t.Errorf("%d batches came, refused %q", n, m.Refused)
	}
	if len(p.shows(box, 2)) != 1 {
		t.Error("what is for the box was not taken")
	}
}

// full is a stick without room for more than some bytes.
type full struct {
	*os.File
	room int
}

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.room {
		n, _ := f.File.Write(b[:f.room])
		f.room = 0
		return n, syscall.ENOSPC
	}
	f.room -= len(b)
	return f.File.Write(b)
}

func TestAFullStickKeepsWhatWentInWhole(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.big(box, 40)
	x, err := s.tryExport(box, p.hub, "full", func(x *Export) { x.File = &full{x.File.(*os.File), 150 << 10} })
	if !errors.Is(err, syscall.ENOSPC) || x.Bytes != int64(len(s.bytes("full"))) {
		t.Fatalf("%d bytes are whole of %d, %v", x.Bytes, len(s.bytes("full")), err)
	}
	if m := s.read(p.hub, "full"); !m.Torn || m.New == 0 || m.New != x.Batches || len(m.Damaged) > 0 {
		t.Errorf("of %d batches %d are new; %v", x.Batches, m.New, m.Damaged)
	}
	after := bytes.NewReader(s.bytes("full"))
	s.export(box, p.hub, "rest", func(x *Export) { x.After = []io.ReadSeeker{after} })
	if m := s.read(p.hub, "rest"); m.Known > 0 || !m.Complete {
		t.Errorf("the other stick: %+v", m.Receipt)
	}
	p.agree(p.hub, box)
}

func TestAKeyFolderFromBeforeSaysWhatToDo(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	for _, name := range []string{"sealing.key", "hub.card"} {
		if err := os.Remove(filepath.Join(box.keys, name)); err != nil {
			t.Fatal(err)
		}
	}
	id, err := policy.LoadIdentity(box.keys)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Addressee(id, box.config.Data, bundle.Hub, nil); !errors.Is(err, policy.ErrNoSealing) {
		t.Errorf("making a bundle: %v", err)
	}
	if _, err := openBundle(id, bytes.NewReader(nil)); !errors.Is(err, policy.ErrNoSealing) {
		t.Errorf("reading one: %v", err)
	}
	box.id = id
	p.write(box, 1, "照常")
	p.meet(box, p.hub)
	p.agree(box, p.hub)
}
