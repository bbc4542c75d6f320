package link

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"slices"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write golden bytes anew")

// sealOf returns a seal of keys that are 0, 1, 2 and so on.
func sealOf() seal {
	keys := make([]byte, sealSize)
	for i := range keys {
		keys[i] = byte(i)
	}
	return newSeal(keys)
}

// reader returns a post that takes what sealOf closes, and the streams that it serves.
func reader() *post {
	return &post{
		sealIn: sealOf(), in: intake{parcels: map[uint64]*incoming{}}, drained: make(chan struct{}), wake: make(chan struct{}, 1),
		streams: newStreams(true), start: func(func()) bool { return false },
	}
}

// parcel returns the sealed symbols of a parcel with one letter, from a packet's number on.
func parcel(t *testing.T, l letter, number uint32) [][]byte {
	t.Helper()
	var x outbox
	x.put(l, time.Unix(1, 0))
	o, s, packets := x.cutParcel(false), sealOf(), [][]byte(nil)
	for range o.cutting.kinds() {
		i, data := o.symbol()
		packets = append(packets, s.close(number, appendSymbol(nil, symbol{false, o.number, 0, o.cutting.size, i, data})))
		number++
	}
	return packets
}

func TestGoldenBytesOfSealedPackets(t *testing.T) {
	s := sealOf()
	packets := parcel(t, letter{stream: 4, number: 2, frame: []byte("天气")}, 0)
	packets = append(packets, parcel(t, letter{stream: 4, number: 3, frame: slices.Repeat([]byte("网格"), 300)}, 1)[:3]...)
	packets = append(packets, s.close(9, appendReport(nil, report{
		top: 8, at: 250 * time.Millisecond, held: 3 * time.Millisecond, came: 7, next: 1, counts: []byte{0, 2},
	})))
	var got bytes.Buffer
	for _, b := range packets {
		got.WriteString(hex.EncodeToString(b) + "\n")
	}
	const path = "testdata/packets.hex"
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the bytes of packets have changed (%v):\n%s", err, got.Bytes())
	}
}

func TestAnySoManySymbolsGiveAParcelBack(t *testing.T) {
	content := make([]byte, 30*symbolMax-77)
	for i := range content {
		content[i] = byte(i * i >> 3)
	}
	c, _ := cutOf(len(content))
	all := c.symbols(content)
	c.spare(all)
	for lost := range 30 { // the first ones, and every other spare one
		some := make([][]byte, len(all))
		for i, n := lost, 0; n < c.source; i, n = i+1, n+1 {
			some[i] = bytes.Clone(all[i])
		}
		if got, err := c.join(some); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("without the first %d: %v", lost, err)
		}
	}
}

// Whoever has no key of the connection, or repeats what was said, changes nothing.
func TestForgedReplayedTruncatedAndOversizedPacketsChangeNothing(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		p := reader()
		stream := &Stream{order: newOrder()}
		p.streams.add(4, stream)
		packets := parcel(t, letter{stream: 4, number: 0, frame: make([]byte, 2*symbolMax)}, 0)
		if err := p.read(packets[0], nil); err != nil {
			t.Fatal(err)
		}
		came := p.in.came
		for name, b := range hostile(packets) {
			if _, ok := addressee(b); !ok {
				continue
			}
			if err := p.read(b, nil); !errors.Is(err, errForged) {
				t.Errorf("%s: %v, want errForged", name, err)
			}
		}
		if p.in.came != came || len(p.in.parcels) != 1 || p.in.parcels[0].count != 1 || len(stream.order.early) != 0 {
			t.Errorf("after forged packets: %d came, %d parcels", p.in.came, len(p.in.parcels))
		}
		for _, b := range packets[1:3] {
			if err := p.read(b, nil); err != nil {
				t.Fatal(err)
			}
		}
		if len(stream.order.early) != 1 || p.in.next != 1 {
			t.Errorf("the parcel itself was not delivered: next %d", p.in.next)
		}
	})
}

// hostile returns what somebody on the way can make of packets.
func hostile(packets [][]byte) map[string][]byte {
	all := map[string][]byte{
		"replayed":  packets[0],
		"truncated": packets[1][:len(packets[1])-1],
		"too short": packets[1][:sealHeader],
		"oversized": append(bytes.Clone(packets[1]), make([]byte, packetMax)...),
		"longer":    append(bytes.Clone(packets[1]), 0),
		"empty":     {},
	}
	for i := 1; i < len(packets[1]); i += 97 {
		b := bytes.Clone(packets[1])
		b[i] ^= 1
		all["changed at "+string(rune('a'+i%26))] = b
	}
	return all
}

// Even a verified peer cannot fill this machine's memory.
func TestWhatAPeerMayHoldHereIsBounded(t *testing.T) {
	Bubble(t, func(t *testing.T) {
		p, s := reader(), sealOf()
		for i := range uint32(5000) {
			body := appendSymbol(nil, symbol{false, uint64(i) % parcelsAhead, uint64(i) % parcelsAhead, parcelMax, int(i % 64), make([]byte, symbolMax)})
			if err := p.read(s.close(i, body), nil); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(p.in.parcels); n > parcelsAhead {
			t.Errorf("%d parcels are kept", n)
		}
		for name, bad := range map[string]symbol{
			"another size": {false, 0, 0, parcelMax - 70, 1, make([]byte, symbolMax-1)}, "short": {false, 1, 1, parcelMax, 2, make([]byte, 3)},
			"too large": {false, 1, 1, parcelMax + 1, 2, make([]byte, symbolMax)}, "no such symbol": {false, 1, 1, 100, 1, make([]byte, 100)},
		} {
			if err := p.read(s.close(p.in.top+1, appendSymbol(nil, bad)), nil); !errors.Is(err, errParcel) {
				t.Errorf("%s: %v, want errParcel", name, err)
			}
		}
	})
}

func TestAReportOfWhatNeverLeftChangesNothing(t *testing.T) {
	var x outbox
	now := time.Unix(1, 0)
	x.put(letter{stream: 4, frame: []byte("a")}, now)
	o, _ := x.next()
	o.symbol()
	x.left(o, 100, now)
	x.take(report{top: 1 << 31, came: 1 << 31, counts: []byte{0}}, now)
	if x.flying != 100 || len(x.flown) != 1 || len(x.parcels) != 1 {
		t.Errorf("%d bytes fly, %d parcels are out", x.flying, len(x.parcels))
	}
}

func TestAWindowKnowsEachNumberOnce(t *testing.T) {
	var w window
	for _, step := range []struct {
		number uint32
		fresh  bool
	}{{0, true}, {0, false}, {5, true}, {3, true}, {3, false}, {5000, true}, {4100, true}, {3900, false}, {5000, false}, {1<<32 - 2, true}, {1<<32 - 1, false}} {
		if got := w.fresh(step.number); got != step.fresh {
			t.Errorf("number %d: %v", step.number, got)
		}
	}
}

func FuzzWhatIsInsideASealedPacket(f *testing.F) {
	f.Add(appendReport(nil, report{top: 3, came: 4, counts: []byte{1}}))
	f.Add(appendSymbol(nil, symbol{true, 0, 0, 6, 0, []byte{4, 2, 3, 'a', 'b', 'c'}}))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) == 0 || len(body) > packetMax-sealHeader-sealTag {
			return
		}
		p, s := reader(), sealOf()
		_ = p.read(s.close(0, body), nil)
		if r, err := readReport(body); body[0] == kindReport && err == nil {
			if again, err := readReport(appendReport(nil, r)); err != nil || again.top != r.top || again.next != r.next {
				t.Errorf("a report does not read back: %v", err)
			}
		}
	})
}
