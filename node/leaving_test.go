package node

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// far is a space of another centre.
var far = crdt.Space{Area: "140581105212", Class: crdt.Personal}

// renew gives a machine a certificate with other spaces, and starts it with that.
func (p *province) renew(m *party, holds, writes []policy.Pattern) *party {
	p.t.Helper()
	_, err := p.county.Renew(m.keys, func(d *policy.Device) error { d.Holds, d.Writes = holds, writes; return nil }, time.Now())
	if err != nil {
		p.t.Fatal(err)
	}
	return p.again(m)
}

// again stops a machine and starts it.
func (p *province) again(m *party) *party {
	p.t.Helper()
	if err := m.store.Close(); err != nil {
		p.t.Fatal(err)
	}
	return p.open(m.keys, m.config.Data)
}

// dropped has a machine drop what has drained, and starts it.
func (p *province) dropped(m *party) *party {
	p.t.Helper()
	if err := m.store.Close(); err != nil {
		p.t.Fatal(err)
	}
	if err := m.drop(m.storeOptions()); err != nil {
		p.t.Fatal(err)
	}
	return p.open(m.keys, m.config.Data)
}

// fill saves a text in a record of a space.
func (m *party) fill(sp crdt.Space, record int, text string) error {
	return m.store.Save(func(d *store.Draft) error {
		rec, err := d.Record(sp, recordOf(record))
		d.Write(sp, rec.Assign(recordOf(record), "visit", 1, crdt.Text(text)))
		return err
	})
}

func (p *province) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// digest returns what a machine has of a space.
func (m *party) digest(sp crdt.Space) (digest string, batches uint64) {
	for _, st := range m.store.Spaces() {
		if st.Space == sp {
			return st.Digest.String(), st.Batches
		}
	}
	return "", 0
}

var (
	both = []policy.Pattern{"140581105*/personal"}
	own  = []policy.Pattern{"140581105211/personal"}
)

func TestASpaceThatGoesDrainsBeforeItIsDroppedAndComesBackWhole(t *testing.T) {
	p := newProvince(t, 2)
	box, neighbour := p.boxes[0], p.boxes[1]
	p.must(box.fill(field, 1, "自己的"))
	p.must(box.fill(far, 2, "那边的，还没有交到县里"))
	p.must(neighbour.fill(far, 3, "邻站写的"))
	p.meet(box, neighbour)
	before, _ := box.digest(far)
	first := box.store.Writer()

	box = p.renew(box, own, own)
	goes := box.leaving()
	if len(goes) != 1 || goes[0].space != far || goes[0].batches != 2 || goes[0].drained() {
		t.Fatalf("leaving: %+v", goes)
	}
	if err := box.fill(far, 4, "不该写进去"); err == nil {
		t.Error("a space that goes takes new work")
	}
	p.must(neighbour.fill(far, 5, "以后写的"))
	p.meet(box, neighbour)
	if now, _ := box.digest(far); now != before {
		t.Error("a space that goes takes what neighbours bring")
	}
	box = p.dropped(box) // nothing has drained
	if now, _ := box.digest(far); now != before {
		t.Fatal("unacknowledged work was dropped")
	}
	p.meet(box, p.hub)
	if goes := box.leaving(); len(goes) != 1 || !goes[0].drained() {
		t.Fatalf("the county has all, and leaving are %+v", goes)
	}
	epoch := box.store.Epoch()
	box = p.dropped(box)
	if _, n := box.digest(far); n > 0 || len(box.leaving()) > 0 || box.store.Epoch() == epoch {
		t.Errorf("after the drop: %d batches, leaving %+v", n, box.leaving())
	}
	if rec, _ := box.store.Record(far, recordOf(2)); rec.Kind != "" || len(p.shows(box, 1)) != 1 {
		t.Errorf("after the drop the records are %+v and %v", rec, p.shows(box, 1))
	}
	p.meet(box, p.hub)
	p.meet(box, neighbour)
	if _, n := box.digest(far); n > 0 {
		t.Error("the space comes back uncalled")
	}

	box = p.renew(box, both, both)
	p.must(box.fill(far, 6, "又归我管")) // before anything came back
	p.meet(box, p.hub)
	p.meet(neighbour, p.hub)
	p.meet(box, p.hub)
	p.meet(box, neighbour)
	a, n := box.digest(far)
	b, _ := p.hub.digest(far)
	c, _ := neighbour.digest(far)
	if a != b || a != c || n != 4 || box.store.Held(far, first) != 1 {
		t.Errorf("the space that came back has %d batches; digests %s, %s, %s", n, a, b, c)
	}
	p.must(box.fill(far, 2, "接着写"))
	p.meet(box, p.hub)
	if now, _ := box.digest(far); len(p.hub.store.Forks()) > 0 || len(box.store.Refusals()) > 0 || box.store.Waiting() > 0 {
		t.Errorf("going on: forks %v, refused %v, waiting %d (%s)", p.hub.store.Forks(), box.store.Refusals(), box.store.Waiting(), now)
	}
}

// A box that wrote in a space which it loses to hold, but may still write for, must not
// begin that stream anew under the same name.
func TestAWriterNeverSignsInASpaceThatWasDroppedUnderIt(t *testing.T) {
	p := newProvince(t, 2)
	box, neighbour := p.boxes[0], p.boxes[1]
	p.must(neighbour.fill(far, 1, "别人的"))
	p.meet(box, neighbour)
	box = p.renew(box, own, both)
	p.must(box.fill(far, 2, "只许写"))
	writer := box.store.Writer()
	p.meet(box, p.hub)
	box = p.dropped(box)
	if box.store.Held(far, writer) != 0 || box.store.Writer() == writer {
		t.Errorf("%d batches of %s are left, the writer is %s", box.store.Held(far, writer), writer, box.store.Writer())
	}
	p.must(box.fill(far, 3, "再写"))
	p.meet(box, p.hub)
	if len(p.hub.store.Forks()) > 0 || box.store.Waiting() > 0 || len(box.leaving()) > 0 {
		t.Errorf("forks %v, waiting %d, leaving %+v", p.hub.store.Forks(), box.store.Waiting(), box.leaving())
	}
}

// What was written under older rights stays believed, also by a hub that meets it
// only after the rights were taken away.
func TestWorkUnderOldRightsCountsAfterTheyWereTaken(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.must(box.fill(far, 1, "有权时写的"))
	box = p.renew(box, own, own)
	p.must(box.fill(field, 2, "之后写的"))
	p.meet(box, p.hub)
	if box.store.Waiting() > 0 || len(box.store.Refusals()) > 0 {
		t.Errorf("waiting %d, refused %+v", box.store.Waiting(), box.store.Refusals())
	}
}

// Abuse: a box asks for another township's space. It is given nothing of it by any
// door, and the asking is noted.
func TestABoxThatAsksForAnothersSpaceGetsNothing(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.must(box.fill(field, 1, "城东"))
	p.must(box.fill(far, 2, "城西的隐私"))
	p.meet(box, p.hub)
	thief := p.enrol(policy.Device{Name: "外乡站", Role: policy.Box, Holds: own, Writes: own})
	device := thief.id.Device
	card, err := thief.id.Card()
	p.must(err)
	thief.id.Device.Holds = []policy.Pattern{"*"} // its program lies; its certificate does not

	var noted bytes.Buffer
	p.hub.log = slog.New(slog.NewTextHandler(&noted, nil))
	side := p.hub.side(device, false)
	hello := wire.Hello{Protocol: wire.Protocol, County: p.hub.id.County, Device: device.Index, Epoch: 1, Holds: map[crdt.Space]crdt.Frontier{far: {}, field: {}}}
	told := func(out []wire.Message) {
		for _, m := range out {
			switch m := m.(type) {
			case wire.Chunk:
				for _, run := range m.Runs {
					if run.Space == far {
						t.Error("a chunk tells of another's space")
					}
				}
			case wire.Hello:
				if m.Holds[far] != nil || m.Floors[far] != nil {
					t.Error("the greeting tells of another's space")
				}
			case wire.Checkpoint:
				if m.Space == far {
					t.Error("a checkpoint of another's space is offered")
				}
			}
		}
	}
	talk, _ := p.hub.conversation(device, false)
	out, err := talk.Step(hello)
	p.must(err)
	told(out)
	for _, m := range []wire.Message{
		wire.Want{Space: far}, wire.Doubt{Space: far, Writer: box.store.Writer(), Seq: 1},
		wire.Ack{Marks: []wire.Mark{{Space: far, Writer: box.store.Writer(), Seq: 1, Level: wire.AtCounty}}},
	} {
		out, err := talk.Step(m)
		if told(out); err != nil {
			t.Logf("%T ends the conversation: %v", m, err)
			talk, _ = p.hub.conversation(device, false)
			_, err = talk.Step(hello)
			p.must(err)
		}
	}
	if !strings.Contains(noted.String(), far.String()) {
		t.Errorf("the asking is not noted: %s", noted.String())
	}
	if side.Theirs(far) || !side.Theirs(field) {
		t.Error("the certificate does not decide")
	}
	p.must(p.hub.post().Write(t.Context(), Order{Card: card, All: true}, func(e bundle.Entry) error {
		if e.Kind != bundle.Message {
			return nil
		}
		m, err := wire.Decode(e.Bytes)
		told([]wire.Message{m})
		return err
	}))
}

// A photo that the county has not proven to have keeps its space here, though all
// batches have gone.
func TestASpaceWaitsForItsFilesToBeProven(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	root, size, err := box.store.Files().Write(bytes.NewReader(bytes.Repeat([]byte("照片"), 9000)))
	p.must(err)
	p.must(box.store.Save(func(d *store.Draft) error {
		photo := crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: "image/jpeg"}}
		d.Write(far, crdt.Record{}.Attach(recordOf(1), "visit", 9, photo.Value()))
		return nil
	}))
	p.meet(box, p.hub)
	box = p.renew(box, own, own)
	p.meet(box, p.hub)
	if goes := box.leaving(); len(goes) != 1 || goes[0].batches != 0 || goes[0].files != 1 {
		t.Fatalf("leaving: %+v", goes)
	}
	box = p.dropped(box)
	if len(box.leaving()) != 1 {
		t.Fatal("a space was dropped under its photo")
	}
	goes := func(s crdt.Space) bool { return s == far }
	spares, err := box.store.Spares(time.Now(), goes)
	p.must(err)
	for _, sp := range spares { // as when the county has proven it
		_, err := box.store.Evict(sp, goes)
		p.must(err)
	}
	if box = p.dropped(box); len(box.leaving()) != 0 {
		t.Errorf("proven, and still here: %+v", box.leaving())
	}
}

// A photo of two forms, of which one stays, is here for as long as that one: the space of the other
// must not wait for it to go.
func TestASpaceDoesNotWaitForAPhotoThatStays(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	root, size, err := box.store.Files().Write(strings.NewReader("照片"))
	p.must(err)
	photo := crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: "image/jpeg"}}
	for i, s := range []crdt.Space{far, field} {
		p.must(box.store.Save(func(d *store.Draft) error {
			d.Write(s, crdt.Record{}.Attach(recordOf(i), "visit", 9, photo.Value()))
			return nil
		}))
	}
	p.meet(box, p.hub)
	box = p.renew(box, own, own)
	p.meet(box, p.hub)
	if goes := box.leaving(); len(goes) != 1 || goes[0].space != far || !goes[0].drained() {
		t.Fatalf("leaving: %+v", goes)
	}
	if box = p.dropped(box); len(box.leaving()) != 0 || !box.store.Files().Has(root, size) {
		t.Errorf("leaving: %+v, and the photo is here: %t", box.leaving(), box.store.Files().Has(root, size))
	}
}

// What a box holds of a space that it may hold no more may be nowhere else, others' photos too:
// the county asks for files by what the box shows.
func TestWhatABoxShowsOfASpaceThatLeavesItIsKnownAtTheCounty(t *testing.T) {
	p := newProvince(t, 2)
	box, neighbour := p.boxes[0], p.boxes[1]
	p.must(neighbour.fill(far, 3, "邻站写的"))
	p.meet(box, neighbour)
	box = p.renew(box, own, own)
	greeted := func(s crdt.Space) bool {
		return company{p.hub.node}.Greeted(box.id.Device.Index, []crdt.Space{s})
	}
	if greeted(far) {
		t.Error("before it greeted")
	}
	p.meet(box, p.hub)
	if !greeted(far) || greeted(crdt.Space{Area: "140581105213", Class: crdt.Personal}) {
		t.Error("the county does not know what the box shows that it holds, or takes it for more")
	}
}
