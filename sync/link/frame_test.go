package link

import (
	"bytes"
	"io"
	"runtime"
	"testing"
)

func TestAFrameCutShortIsNotACleanEnd(t *testing.T) {
	whole := appendFrame(nil, bytes.Repeat([]byte{1}, 300))
	for n := 1; n < len(whole); n++ {
		if frame, err := readFrame(bytes.NewReader(whole[:n]), 300); err == nil || err == io.EOF {
			t.Fatalf("%d of %d bytes: frame of %d bytes, %v", n, len(whole), len(frame), err)
		}
	}
}

func TestMemoryGrowsWithWhatArrivesNotWithWhatIsAnnounced(t *testing.T) {
	announced := []byte{0x80, 0x80, 0x80, 0x80, 0x04} // 1 GiB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readFrame(bytes.NewReader(announced), 1<<30); err == nil {
		t.Error("a frame of nothing was read")
	}
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 64<<20 { // links of other tests may still be ending
		t.Errorf("an announced gigabyte cost %d bytes", spent)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{}, 0)
	f.Add(appendFrame(nil, []byte("frame")), 5)
	f.Add(appendFrame(nil, []byte("frame")), 4)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 10)
	f.Fuzz(func(t *testing.T, b []byte, max int) {
		r := bytes.NewReader(b)
		frame, err := readFrame(r, max)
		if err != nil {
			return
		}
		if len(frame) > max {
			t.Fatalf("a frame of %d bytes passed a maximum of %d", len(frame), max)
		}
		again, err := readFrame(bytes.NewReader(appendFrame(nil, frame)), max)
		if err != nil || !bytes.Equal(again, frame) {
			t.Fatalf("written again, it reads %x, %v", again, err)
		}
	})
}
