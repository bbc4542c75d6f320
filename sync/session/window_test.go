package session

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"wangge/crdt"
	"wangge/sync/wire"
)

// weak is what a link of 64 kbit/s holds in a round trip of 600 ms and half a second.
const weak = 8800

// visit writes a form that packs about as one from the field does.
func visit(r *replica, st stream, n int) {
	words := rand.New(rand.NewPCG(uint64(n), uint64(st.writer)))
	text := fmt.Sprintf("%d%d", words.IntN(10_000), words.IntN(10_000))
	for range 6 {
		text += []string{"已入户走访", "老人独居", "燃气正常", "需要复查", "已登记", "水管漏水", "联系家属", "无异常"}[words.IntN(8)]
	}
	op := crdt.Op{Record: crdt.RecordID{byte(n), byte(n >> 8), 15: byte(st.writer)}, Kind: "visit", Field: 1, Type: crdt.Register, Value: crdt.Text(text)}
	r.log[st] = append(r.log[st], wire.AppendBatch(nil, crdt.Batch{Stamp: crdt.Stamp(n) << 16, Ops: []crdt.Op{op}}))
}

// flown is what a chunk takes on the way, and the batches in it.
type flown struct {
	bytes   int
	batches map[crdt.Dot]bool
}

// fly notes each chunk of the first side's as it goes out.
func fly(c *talk) *[]flown {
	chunks := new([]flown)
	c.observe = func(from int, m wire.Message) {
		chunk, ok := m.(wire.Chunk)
		if !ok || from != 0 {
			return
		}
		f := flown{len(wire.Encode(m)), map[crdt.Dot]bool{}}
		for _, run := range chunk.Runs {
			for seq := run.First; seq <= run.Last(); seq++ {
				f.batches[crdt.Dot{Writer: run.Writer, Seq: seq}] = true
			}
		}
		*chunks = append(*chunks, f)
	}
	return chunks
}

func TestACutOnAWeakLinkCostsWhatWasUnderWayAndNoMore(t *testing.T) {
	ended := false
	for cut := 0; !ended; cut++ {
		a, b := newReplica(1, village), newReplica(hub, village)
		for n := range 700 {
			visit(a, a.own(village), n)
		}
		c := meet(t, a, b)
		c.side[0].Carries(weak)
		chunks := fly(c)
		for range cut {
			if !c.deliver(1) && !c.deliver(0) {
				ended = true
				break
			}
		}
		under, largest := 0, 0
		unanswered := map[crdt.Dot]bool{}
		for i, f := range *chunks {
			largest = max(largest, f.bytes)
			if _, flies := c.side[0].chunks.under[uint64(i+1)]; flies {
				under += f.bytes
				for d := range f.batches {
					unanswered[d] = true
				}
			}
		}
		if under > weak+largest || largest > 3*chunkSize/2 {
			t.Fatalf("cut after %d messages %d bytes are under way in chunks of up to %d", cut, under, largest)
		}
		sent := map[crdt.Dot]bool{}
		for _, f := range *chunks {
			for d := range f.batches {
				sent[d] = true
			}
		}
		held := uint64(len(b.log[a.own(village)]))
		c.observe = nil
		c.open()
		again := fly(c)
		c.finish()
		settled(t, c, true)
		for _, f := range *again {
			for d := range f.batches {
				if d.Seq <= held || sent[d] && !unanswered[d] {
					t.Fatalf("cut after %d messages, batch %d of %d held is sent again", cut, d.Seq, held)
				}
			}
		}
	}
}

func TestAFormDoesNotWaitBehindABacklog(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(hub, town...)
	others := stream{street, crdt.NewWriter(7, 0)}
	for n := range 700 {
		visit(a, others, n)
		visit(a, a.own(street), n)
	}
	c := meet(t, a, b)
	c.side[0].Carries(weak)
	for range 4 {
		if !c.deliver(1) {
			c.deliver(0)
		}
	}
	if held := len(b.log[a.own(street)]); held == 0 || held > 690 {
		t.Fatalf("%d batches are there: the backlog is not under way", held)
	}
	ahead := 0
	c.observe = func(from int, m wire.Message) {
		if from == 0 {
			ahead += len(c.side[0].Encode(m))
		}
	}
	for _, frame := range c.queue[1] {
		ahead += len(frame)
	}
	visit(a, a.own(village), 1)
	c.wake(0)
	for len(b.log[a.own(village)]) == 0 && (c.deliver(1) || c.deliver(0)) {
	}
	t.Logf("a form waits behind %d bytes: %.1f s at 64 kbit/s", ahead, float64(ahead)/8000)
	if ahead > weak+3*chunkSize {
		t.Errorf("%d bytes went before a form", ahead)
	}
}

// What is small goes before what is big, one's own before what is passed on.
func TestWhatMattersGoesFirst(t *testing.T) {
	a, b := newReplica(1, town...), newReplica(hub, town...)
	others, big := stream{village, crdt.NewWriter(0, 3)}, stream{street, crdt.NewWriter(0, 4)}
	for n := range 300 {
		visit(a, big, n)
		visit(a, a.own(street), n)
	}
	visit(a, others, 1)
	visit(a, a.own(village), 1)
	c := meet(t, a, b)
	var order []stream
	c.observe = func(from int, m wire.Message) {
		if chunk, ok := m.(wire.Chunk); ok && from == 0 {
			for _, run := range chunk.Runs {
				if st := (stream{run.Space, run.Writer}); len(order) == 0 || order[len(order)-1] != st {
					order = append(order, st)
				}
			}
		}
	}
	c.finish()
	want := []stream{a.own(village), a.own(street), others, big}
	for i := range want {
		if len(order) != len(want) || order[i] != want[i] {
			t.Fatalf("sent in the order %v, want %v", order, want)
		}
	}
}
