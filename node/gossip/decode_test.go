package gossip

import (
	"bytes"
	"log/slog"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/memberlist"
)

func FuzzDecodeRumour(f *testing.F) {
	f.Add([]byte{})
	f.Add(rumour{origin: 7, text: []byte("head")}.encode())
	f.Add(make([]byte, rumourHeader+MaxRumour+1))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := decodeRumour(b)
		if ok && (len(r.text) > MaxRumour || !bytes.Equal(r.encode(), b)) {
			t.Fatalf("%x is read as %+v", b, r)
		}
	})
}

func FuzzDecodeMeta(f *testing.F) {
	f.Add("", "", 0)
	f.Add("[fd00::1]:7000", "街道 one", 512)
	f.Add("box.example:7000", "第三社区党群服务中心", 30)
	f.Fuzz(func(t *testing.T, address, name string, limit int) {
		b := meta{address, name}.encode(max(limit, 0))
		if len(b) > max(limit, 0) {
			t.Fatalf("%d bytes, want at most %d", len(b), limit)
		}
		if m := decodeMeta(b); !utf8.ValidString(m.address) || !utf8.ValidString(m.name) {
			t.Fatalf("%x is read as %+v", b, m)
		}
	})
}

func FuzzDeviceAt(f *testing.F) {
	f.Add("")
	f.Add(identityAddr(7).String())
	f.Add("[fd77:616e:6767:6500::1%eth0]:1")
	f.Add("127.0.0.1:1")
	f.Fuzz(func(t *testing.T, addr string) {
		device, err := deviceAt(addr)
		if err != nil {
			return
		}
		if again, err := deviceAt(identityAddr(device).String()); err != nil || again != device {
			t.Fatalf("%q is device %d, which is written as device %d, %v", addr, device, again, err)
		}
	})
}

func TestEveryDeviceHasItsOwnAddress(t *testing.T) {
	for _, device := range []uint32{0, 1, 255, 256, 1 << 31, 1<<32 - 1} {
		if got, err := deviceAt(identityAddr(device).String()); err != nil || got != device {
			t.Errorf("device %d is read back as %d, %v", device, got, err)
		}
	}
}

func TestNobodyTakesTheNameOrTheAddressOfAnother(t *testing.T) {
	r := newRoster(1, nobody{}, func(uint32) {})
	for what, n := range map[string]*memberlist.Node{
		"another's name":    {Name: "7", Addr: identityIP(8)},
		"no device":         {Name: "box", Addr: identityIP(8)},
		"a real address":    {Name: "8", Addr: []byte{192, 0, 2, 1}},
		"a padded name":     {Name: "08", Addr: identityIP(8)},
		"no address at all": {Name: "8"},
	} {
		if err := r.NotifyAlive(n); err == nil {
			t.Errorf("%s: let in", what)
		}
		if r.NotifyJoin(n); len(r.list()) != 0 {
			t.Errorf("%s: became a member", what)
		}
	}
	if err := r.NotifyAlive(&memberlist.Node{Name: "8", Addr: identityIP(8)}); err != nil {
		t.Error(err)
	}
}

func TestARingHasABound(t *testing.T) {
	r := newRoster(0, nobody{}, func(uint32) {})
	for device := uint32(1); device <= membersMax; device++ {
		r.NotifyJoin(&memberlist.Node{Name: nodeName(device), Addr: identityIP(device)})
	}
	if err := r.NotifyAlive(&memberlist.Node{Name: nodeName(membersMax), Addr: identityIP(membersMax)}); err != nil {
		t.Errorf("a member is turned away: %v", err)
	}
	if err := r.NotifyAlive(&memberlist.Node{Name: nodeName(membersMax + 1), Addr: identityIP(membersMax + 1)}); err == nil {
		t.Error("one more is let in")
	}
}

type nobody struct{}

func (nobody) Learn(uint32, string) {}

func TestWhatIsRememberedOfRumoursHasABound(t *testing.T) {
	r := newRumours(1, func() []uint32 { return nil }, slog.New(slog.DiscardHandler))
	id := func(n int) [8]byte { return [8]byte{byte(n), byte(n >> 8), 1} }
	for n := range 3 * rememberMax {
		if !r.isNew(id(n)) {
			t.Fatalf("rumour %d is taken for an old one", n)
		}
	}
	if r.isNew(id(2*rememberMax)) || r.isNew(id(3*rememberMax-1)) {
		t.Error("a recent rumour is forgotten")
	}
	if len(r.known) != rememberMax || len(r.recent) != rememberMax {
		t.Errorf("%d and %d rumours are remembered, want %d", len(r.known), len(r.recent), rememberMax)
	}
	for range 3 * tellingMax {
		r.spread([]byte("x"))
	}
	if n := len(r.telling); n != tellingMax {
		t.Errorf("%d rumours are passed on, want at most %d", n, tellingMax)
	}
}
