package session

import (
	"testing"

	"wangge/sync/wire"
)

// On a way where nobody counts bytes large chunks are pressed, and what is small is packed all the
// same; elsewhere all is packed. What comes is the same.
func TestOnANearWayLargeChunksArePressedAndSmallOnesPacked(t *testing.T) {
	for _, near := range []bool{false, true} {
		a, b := newReplica(1, village), newReplica(hub, village)
		for n := range 2000 {
			visit(a, a.own(village), n)
		}
		c := meet(t, a, b)
		c.side[0].Carries(1 << 20)
		c.side[0].Near(near)
		packed, pressed := 0, 0
		tell := func(from int, m wire.Message) {
			chunk, ok := m.(wire.Chunk)
			if !ok || from != 0 {
				return
			}
			switch size := plain(chunk); c.side[0].encode(m)[0] {
			case 3:
				packed++
				if near && size >= pressFrom {
					t.Errorf("a chunk of %d bytes is packed on a near way", size)
				}
			case 15:
				pressed++
				if size < pressFrom {
					t.Errorf("a chunk of %d bytes is pressed", size)
				}
			}
		}
		c.observe = tell
		c.finish()
		visit(a, a.own(village), 2001)
		for n := range 3 {
			visit(a, a.own(village), 2002+n)
		}
		c.wake(0)
		c.finish()
		settled(t, c, true)
		if packed == 0 || (pressed > 0) != near {
			t.Errorf("near %v: %d chunks packed, %d pressed", near, packed, pressed)
		}
	}
}
