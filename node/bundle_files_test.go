package node

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/store"
	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// photograph writes files at a machine and a record that refers to them.
func (p *province) photograph(m *party, record int, size, preview int) crdt.Attachment {
	p.t.Helper()
	r := resident{node: m.node}
	a := r.photograph(p.t, byte(record), size, preview)
	r.attach(p.t, record, a)
	return a
}

func (m *party) hasFiles(files ...crdt.File) bool { return (&resident{node: m.node}).has(files...) }

// owes returns how many files a machine owes the county.
func (p *province) owes(m *party) int {
	p.t.Helper()
	owed, err := m.store.Owed()
	p.must(err)
	return len(owed)
}

func (s *stick) back(from, to *party, name string, m Import) Export {
	return s.export(from, to, name, func(x *Export) { x.Order.First = m.First })
}

func TestPhotosComeToTheCountyOnAStickAndTheirReceiptsBack(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 100_000, 5_000)
	x := s.export(box, p.hub, "first")
	if x.Load != (bundle.Freight{Files: 2, Bytes: 105_000}) || x.Files != x.Load || x.More {
		t.Fatalf("the bundle: %+v of %+v", x.Files, x.Load)
	}
	if plain := noise(1, 0, 100_000); bytes.Contains(s.bytes("first"), plain[40_000:40_032]) {
		t.Error("a carrier can see the photo")
	}
	m := s.read(p.hub, "first")
	if f := m.Files; f.Whole != 2 || f.New != 8 || f.Known != 0 || f.Left != 0 || !f.Told || len(m.Refused) > 0 {
		t.Errorf("at the hub: %+v, refused %q", f, m.Refused)
	}
	if !p.hub.hasFiles(photo.File, photo.Preview) || p.owes(box) != 2 {
		t.Errorf("the hub has them: %t; the box owes %d", p.hub.hasFiles(photo.File, photo.Preview), p.owes(box))
	}
	p.hub.most = func([]store.Spare) map[wire.Hash]bool { return map[wire.Hash]bool{photo.Root: true} }
	s.back(p.hub, box, "back", m)
	if got := s.read(box, "back"); got.Files.Receipts != 1 || p.owes(box) != 1 {
		t.Errorf("after the answer: %+v, the box owes %d", got.Files, p.owes(box))
	}
	if x := s.export(box, p.hub, "again"); x.Load != (bundle.Freight{}) {
		t.Errorf("what the replica has goes again: %+v", x.Load)
	}
	p.hub.most = allOf
	s.round(box, p.hub)
	if p.owes(box) != 0 {
		t.Errorf("the box owes %d when most have all", p.owes(box))
	}
	if m := s.read(p.hub, "first"); m.Files.New != 0 || m.Files.Known != 8 || !m.Old {
		t.Errorf("read again: %+v", m.Files)
	}
}

func allOf(files []store.Spare) map[wire.Hash]bool {
	all := map[wire.Hash]bool{}
	for _, f := range files {
		all[f.Root] = true
	}
	return all
}

func TestPreviewsOfOthersComeBackWithTheirRecords(t *testing.T) {
	p := newProvince(t, 2)
	east, west := p.boxes[0], p.boxes[1]
	s := p.stick()
	photo := p.photograph(west, 1, 60_000, 4_000)
	s.round(west, p.hub)
	s.round(east, p.hub)
	if !east.hasFiles(photo.Preview) || east.hasFiles(photo.File) {
		t.Errorf("the east has the preview: %t, the original: %t", east.hasFiles(photo.Preview), east.hasFiles(photo.File))
	}
	east.carriage().Show(photo.Root) // a person asks to see it
	s.round(east, p.hub)
	if !east.hasFiles(photo.File) {
		t.Error("what a person asked to see did not come with the next answer")
	}
}

// What a stick has no room for goes with the next bundle; previews go first, then the small.
func TestALimitSendsPreviewsAndSmallPhotosFirst(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	big := p.photograph(box, 1, 400_000, 6_000)
	small := p.photograph(box, 2, 30_000, 7_000)
	const limit = 250 << 10
	x := s.export(box, p.hub, "one", func(x *Export) { x.Limit = limit })
	if size := len(s.bytes("one")); !x.More || size > limit || x.Files.Files != 4 || x.Files.Bytes >= x.Load.Bytes || x.Load.Bytes != 443_000 {
		t.Fatalf("%d bytes; %+v of %+v", size, x.Files, x.Load)
	}
	m := s.read(p.hub, "one")
	if !p.hub.hasFiles(big.Preview, small.Preview, small.File) || p.hub.hasFiles(big.File) || m.Files.Whole != 3 {
		t.Errorf("of the first stick: %+v", m.Files)
	}
	s.back(p.hub, box, "back", m)
	s.read(box, "back")
	y := s.export(box, p.hub, "two")
	if y.Load != (bundle.Freight{Files: 1, Bytes: x.Load.Bytes - x.Files.Bytes}) {
		t.Errorf("the next bundle does not go on at the piece: %+v after %+v of %+v", y.Load, x.Files, x.Load)
	}
	if m := s.read(p.hub, "two"); m.Files.Whole != 1 || m.Files.Known != 0 || !p.hub.hasFiles(big.File) {
		t.Errorf("of the second stick: %+v", m.Files)
	}
}

func TestASecondStickHoldsWhatTheFirstDoesNot(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 400_000, 0)
	x := s.export(box, p.hub, "one", func(x *Export) { x.Limit = 250 << 10 })
	after := bytes.NewReader(s.bytes("one"))
	y := s.export(box, p.hub, "two", func(x *Export) { x.After = []io.ReadSeeker{after} })
	if x.Files.Bytes+y.Files.Bytes != 400_000 || y.Batches != 0 {
		t.Errorf("%d and %d bytes, %d batches", x.Files.Bytes, y.Files.Bytes, y.Batches)
	}
	s.read(p.hub, "one")
	s.read(p.hub, "two")
	if !p.hub.hasFiles(photo.File) {
		t.Error("two sticks do not make the photo whole")
	}
}

func TestATornBundleGoesOnAtThePiece(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 500_000, 5_000)
	x := s.export(box, p.hub, "whole")
	torn := s.bytes("whole")[:x.Bytes/2]
	p.must(os.WriteFile(s.path("torn"), torn, 0o600))
	first := s.read(p.hub, "torn")
	if !first.Torn || first.Files.New == 0 || p.hub.hasFiles(photo.File) {
		t.Fatalf("torn: %+v", first.Files)
	}
	y := s.export(box, p.hub, "torn") // goes on
	if y.Header.ID != x.Header.ID || y.Files.Bytes+uint64(first.Files.New)*wire.PieceSize > x.Load.Bytes+wire.PieceSize {
		t.Errorf("%d pieces were there, %d bytes went in of %d", first.Files.New, y.Files.Bytes, x.Load.Bytes)
	}
	m := s.read(p.hub, "torn")
	if !m.Whole() || m.Files.Known != first.Files.New || !p.hub.hasFiles(photo.File) {
		t.Errorf("gone on with: %+v", m.Files)
	}
}

func TestAFrameThatIsDamagedCostsItsPieces(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 500_000, 0)
	s.export(box, p.hub, "whole")
	damaged := bytes.Clone(s.bytes("whole"))
	damaged[len(damaged)*2/3] ^= 1
	p.must(os.WriteFile(s.path("damaged"), damaged, 0o600))
	m := s.read(p.hub, "damaged")
	if len(m.Damaged) != 1 || m.Files.New == 0 || p.hub.hasFiles(photo.File) {
		t.Fatalf("damaged: %+v, %q", m.Files, m.Damaged)
	}
	s.back(p.hub, box, "back", m)
	s.read(box, "back")
	if y := s.export(box, p.hub, "rest"); y.Load.Bytes > 5*wire.PieceSize {
		t.Errorf("for one frame %d bytes go again", y.Load.Bytes)
	}
	s.read(p.hub, "rest")
	if !p.hub.hasFiles(photo.File) {
		t.Error("the photo is not whole")
	}
}

// A box that answers its carrier's question with another file's bytes must be told of it,
// and the person at the box with the next bundle.
func TestAPhotoThatTheCountyRefusesComesBackWithItsReason(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 10_000, 0)
	good := p.photograph(box, 2, 20_000, 0)
	post := box.post() // and a lie in what it writes
	from, err := sender(box.id)
	p.must(err)
	f, err := os.Create(s.path("false"))
	p.must(err)
	defer f.Close()
	s.now = s.now.Add(time.Second)
	w, err := bundle.Create(f, from, bundle.Hub, box.id.Hub.Key, s.now.UnixMilli())
	p.must(err)
	hub, err := p.hub.id.Card()
	p.must(err)
	p.must(post.Write(t.Context(), Order{Card: hub}, func(e bundle.Entry) error {
		if m, err := wire.DecodeFileWord(e.Bytes); e.Kind == bundle.Word && err == nil {
			if piece, ok := m.(wire.Piece); ok && piece.Root == photo.Root {
				piece.Bytes = bytes.Repeat([]byte{7}, len(piece.Bytes))
				e.Bytes = wire.EncodeFileWord(piece)
			}
		}
		return w.Append([]bundle.Entry{e}, nil)
	}))
	p.must(w.End(false))
	m := s.read(p.hub, "false")
	if p.hub.hasFiles(photo.File) || !p.hub.hasFiles(good.File) || len(m.Refused) != 1 || !strings.Contains(m.Refused[0], recordOf(1).String()) {
		t.Fatalf("at the hub: %+v, %q", m.Files, m.Refused)
	}
	s.back(p.hub, box, "back", m)
	got := s.read(box, "back")
	if len(got.Refused) != 1 || !strings.Contains(got.Refused[0], "its only piece is not the file's") {
		t.Errorf("at the box: %q", got.Refused)
	}
	told := func(m *party) (n int) {
		for _, d := range m.carriage().Declines() {
			if d.Way == freight.Sent && d.Root == photo.Root && d.Why == wire.WhyUnproven {
				n++
			}
		}
		return n
	}
	box = p.again(box)
	box.carriage()
	if box.recall(); told(box) != 1 {
		t.Errorf("after a restart: %+v", box.carriage().Declines())
	}
	s.round(box, p.hub)
	if !p.hub.hasFiles(photo.File) {
		t.Error("a good copy of it is not taken any more")
	}
}

func TestAPhotoOfWhichTheCountyTookNoRecordWaitsAndIsTold(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 10_000, 0)
	s.export(box, p.hub, "there")
	from, err := sender(box.id)
	p.must(err)
	f, err := os.Create(s.path("bare")) // the same without its records
	p.must(err)
	defer f.Close()
	w, err := bundle.Create(f, from, bundle.Hub, box.id.Hub.Key, s.now.UnixMilli())
	p.must(err)
	hub, err := p.hub.id.Card()
	p.must(err)
	p.must(box.post().Write(t.Context(), Order{Card: hub}, func(e bundle.Entry) error {
		if m, err := wire.Decode(e.Bytes); e.Kind == bundle.Message && err == nil {
			if _, chunk := m.(wire.Chunk); chunk {
				return nil
			}
		}
		return w.Append([]bundle.Entry{e}, nil)
	}))
	p.must(w.End(false))
	m := s.read(p.hub, "bare")
	if p.hub.hasFiles(photo.File) || m.Files.Left != 1 {
		t.Fatalf("at the hub: %+v", m.Files)
	}
	s.back(p.hub, box, "back", m)
	if got := s.read(box, "back"); len(got.Refused) != 1 || !strings.Contains(got.Refused[0], "no record yet that names") || p.owes(box) != 1 {
		t.Errorf("at the box: %q, owes %d", got.Refused, p.owes(box))
	}
	s.round(box, p.hub)
	if !p.hub.hasFiles(photo.File) {
		t.Error("with its record it does not come")
	}
}

// A neighbour is given the previews of the records beside them, and what it asks for.
func TestNeighboursBringEachOtherPreviewsByCourier(t *testing.T) {
	p := newProvince(t, 2)
	east, west := p.boxes[0], p.boxes[1]
	s := p.stick()
	photo := p.photograph(east, 1, 60_000, 4_000)
	s.round(east, west)
	if !west.hasFiles(photo.Preview) || west.hasFiles(photo.File) {
		t.Errorf("the preview came: %t, the original: %t", west.hasFiles(photo.Preview), west.hasFiles(photo.File))
	}
	west.carriage().Show(photo.Root)
	s.round(west, east)
	if !west.hasFiles(photo.File) {
		t.Error("what the neighbour asked for did not come")
	}
	if east.store.Confirmed(photo.Root, photo.Size) {
		t.Error("a neighbour's word is taken for the county's")
	}
}

func TestAnExportSinceAMomentBringsThePhotosOfThatWork(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	p.photograph(box, 1, 10_000, 0)
	moment := time.Now().Add(time.Millisecond)
	for !time.Now().After(moment.Add(2 * time.Millisecond)) {
	}
	p.photograph(box, 2, 20_000, 0)
	if x := s.export(box, p.hub, "new", func(x *Export) { x.Order.Since = moment }); x.Load != (bundle.Freight{Files: 1, Bytes: 20_000}) {
		t.Errorf("of one photo since then goes %+v", x.Load)
	}
	p.hub.most = allOf
	s.round(box, p.hub)
	if x := s.export(box, p.hub, "all", func(x *Export) { x.Order.All = true }); x.Load != (bundle.Freight{Files: 2, Bytes: 30_000}) {
		t.Errorf("all are %+v", x.Load)
	}
}

// What the disk of the hub does not take is told there, and at the box with the answer; all else
// comes, and it goes once the disk takes it.
func TestAFullDiskAtTheCountyIsToldByCourier(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photos := []crdt.Attachment{p.photograph(box, 1, 50_000, 5_000), p.photograph(box, 2, 60_000, 0)}
	hub, home := &resident{node: p.hub.node, config: p.hub.config}, &resident{node: box.node, config: box.config}
	clear := hub.blocked(t, photos[0].File)
	s.round(box, p.hub)
	if p.hub.hasFiles(photos[0].File) || !p.hub.hasFiles(photos[0].Preview, photos[1].File) {
		t.Error("one photo that the disk does not take keeps others from coming")
	}
	if !hub.tells("room", true, "没有收下") || !home.tells("pieces", true, "县中心") {
		t.Errorf("the hub tells %+v, the box %+v", hub.told(), home.told())
	}
	clear()
	p.hub.most = allOf
	s.round(box, p.hub)
	if !p.hub.hasFiles(photos[0].File) || len(home.told()) > 0 || p.owes(box) > 0 {
		t.Errorf("with room it is there: %t, the box tells %+v", p.hub.hasFiles(photos[0].File), home.told())
	}
}

// What an old answer says of files counts for nothing once a later word is known.
func TestAnOldReceiptProvesNoPhoto(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 10_000, 0)
	p.hub.most = allOf
	s.export(box, p.hub, "there")
	m := s.read(p.hub, "there")
	s.back(p.hub, box, "old", m)
	s.read(box, "old")
	if !box.store.Confirmed(photo.Root, photo.Size) {
		t.Fatal("no receipt")
	}
	root := fmt.Sprintf("%x", photo.Root)
	p.must(os.Remove(filepath.Join(p.hub.config.Data, "files", root[:2], root)))
	p.hub = p.again(p.hub)
	s.back(p.hub, box, "new", Import{})
	s.read(box, "new")
	if box.store.Confirmed(photo.Root, photo.Size) || p.owes(box) != 1 {
		t.Errorf("the county lost it and said so; confirmed %t", box.store.Confirmed(photo.Root, photo.Size))
	}
	if m := s.read(box, "old"); !m.Old || box.store.Confirmed(photo.Root, photo.Size) {
		t.Error("an old answer proves it again")
	}
	s.round(box, p.hub)
	if !p.hub.hasFiles(photo.File) {
		t.Error("it is not sent again")
	}
}

// A box without a link lets go of an original only on a letter's word of since its start.
func TestABoxWithoutALinkLetsGoOfWhatALetterProves(t *testing.T) {
	p := newProvince(t, 1)
	box, s := p.boxes[0], p.stick()
	photo := p.photograph(box, 1, 100_000, 5_000)
	p.hub.most = allOf
	age := func() {
		name, long := fmt.Sprintf("%x", photo.Root), time.Now().Add(-72*time.Hour)
		p.must(os.Chtimes(filepath.Join(box.config.Data, "files", name[:2], name), long, long))
	}
	evicts := func(when string, want int) {
		t.Helper()
		age()
		box.carriage()
		if n, _, err := box.evict(t.Context()); n != want || err != nil {
			t.Errorf("%s: %d files went, want %d; %v", when, n, want, err)
		}
	}
	box.config.KeepFilesDays = 2
	evicts("before any letter", 0)
	s.export(box, p.hub, "there")
	m := s.read(p.hub, "there")
	p.hub.most = func([]store.Spare) map[wire.Hash]bool { return nil }
	s.back(p.hub, box, "unproven", m)
	s.read(box, "unproven")
	evicts("of most nobody spoke", 0)
	p.hub.most = allOf
	s.back(p.hub, box, "proven", m)
	s.read(box, "proven")
	box = p.again(box)
	box.config.KeepFilesDays = 2
	evicts("on a receipt of before the start", 0)
	s.export(box, p.hub, "again")
	m = s.read(p.hub, "again")
	s.back(p.hub, box, "late", m)
	s.read(box, "late")
	evicts("on a letter's word", 1)
	if box.hasFiles(photo.File) || !box.hasFiles(photo.Preview) || p.owes(box) != 0 {
		t.Error("the preview went, or the original stayed, or it is owed")
	}
	photo = p.photograph(box, 2, 100_000, 0) // and of what a link brought, most are asked at that moment
	p.meet(box, p.hub)
	p.must(box.store.Answered([]store.Wanted{{Root: photo.Root, Size: photo.Size}}, nil, time.Now().Add(time.Minute)))
	evicts("on a receipt that no letter brought", 0)
}

// A preview goes before an original that is smaller.
func TestPreviewsGoFirst(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.photograph(box, 1, 3_000, 0)
	photo := p.photograph(box, 2, 9_000, 8_000)
	card, err := p.hub.id.Card()
	p.must(err)
	var sizes []int64
	p.must(box.post().Write(t.Context(), Order{Card: card}, func(e bundle.Entry) error {
		if m, err := wire.DecodeFileWord(e.Bytes); e.Kind == bundle.Word && err == nil {
			if piece, ok := m.(wire.Piece); ok {
				sizes = append(sizes, piece.Size)
			}
		}
		return nil
	}))
	if !slices.Equal(sizes, []int64{photo.Preview.Size, 3_000, photo.Size}) {
		t.Errorf("files of %d bytes go in this order", sizes)
	}
}
