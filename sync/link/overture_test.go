package link

import (
	"bytes"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"
)

// packetOf makes a packet of a handshake as it stands on the wire, of so many bytes.
func packetOf(kind byte, to, size, token int) []byte {
	b := append([]byte{longHeader | shortFixed | kind, 0, 0, 0, 1, byte(to)}, make([]byte, to)...)
	b = append(b, 4, 1, 2, 3, 4)
	if kind == initial {
		b = append(b, byte(token))
		b = append(b, make([]byte, token)...)
	}
	left := size - len(b) - 2
	b = append(b, 0x40|byte(left>>8), byte(left))
	return append(b, make([]byte, left)...)
}

func sizes(packets [][]byte) (all []int) {
	for _, b := range packets {
		all = append(all, len(b))
	}
	return all
}

func TestAnAcceptorsFlightIsSaidThriceAndThenWhenAnAnswerIsOverdue(t *testing.T) {
	start, o := time.Unix(0, 0), overture{}
	one, two := packetOf(initial, 4, 1200, 0), append(packetOf(initial, 4, 300, 0), packetOf(handshake, 4, 900, 0)...)
	again := packetOf(handshake, 4, 900, 0)
	for _, step := range []struct {
		after time.Duration
		say   []byte
		want  [][]byte
	}{
		{0, one, [][]byte{one}},
		{0, two, [][]byte{two}},
		{10, packetOf(initial, 4, 41, 0), [][]byte{packetOf(initial, 4, 41, 0)}}, // an acknowledgement
		{200, one, [][]byte{one}},
		{200, one, [][]byte{two}}, // as it was first said
		{400, again, nil},         // too little for what is next
		{400, again, [][]byte{one}},
		{900, again, [][]byte{two}},
		{900, one, nil},
		{1100, one, nil},
		{1300, again, [][]byte{again}},
		{1300, one, [][]byte{one}},
		{1400, one, [][]byte{one}},
		{1400, one, [][]byte{one}},
		{1500, one, nil}, // twice the flight has left in the time of an answer
		{2600, one, [][]byte{one}},
	} {
		got := o.say(step.say, start.Add(step.after*time.Millisecond))
		if len(got) != len(step.want) || len(got) > 0 && !bytes.Equal(got[0], step.want[0]) {
			t.Errorf("after %d ms %d bytes become %v, want %v", step.after, len(step.say), sizes(got), sizes(step.want))
		}
	}
}

func TestADiallerSaysItsLastFlightTwiceWithWhatItAsks(t *testing.T) {
	now, o, at := time.Unix(0, 0), newOvertures(), &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 7400}
	call := packetOf(initial, 15, 1200, 0)
	if got, _ := o.say(call, at, now); len(got) != 1 {
		t.Fatalf("a call becomes %v", sizes(got))
	}
	now = now.Add(time.Second)
	own := packetOf(handshake, 4, 555, 0)
	if got, _ := o.say(append(packetOf(initial, 4, 500, 0), own...), at, now); len(got) != 1 || !bytes.Equal(got[0], own) {
		t.Errorf("the last Initial leaves too: %v", sizes(got))
	}
	small, question := append([]byte{shortFixed}, make([]byte, 25)...), append([]byte{shortFixed}, make([]byte, 600)...)
	if got, _ := o.say(small, at, now); len(got) != 2 {
		t.Errorf("a first byte becomes %v", sizes(got))
	}
	if got, _ := o.say(question, at, now); len(got) != 3 || !bytes.Equal(got[0], question) || !bytes.Equal(got[1], own) {
		t.Errorf("a question becomes %v", sizes(got))
	}
	if _, ours := o.say(question, at, now); ours {
		t.Error("what comes after the question is not left alone")
	}
	if got, _ := o.say(own, at, now.Add(200*time.Millisecond)); len(got) != 1 {
		t.Errorf("its repeat becomes %v", sizes(got))
	}
}

// QUIC packs what is new behind what it repeats, and would not send a datagram's frame again.
func TestWhatIsNewBehindARepeatedFlightIsNotHeldBackWithIt(t *testing.T) {
	flight, news := packetOf(handshake, 4, 700, 0), append([]byte{shortFixed}, make([]byte, 60)...)
	again := append(bytes.Clone(flight), news...)
	for _, dialled := range []bool{true, false} {
		start, o := time.Unix(0, 0), overture{dialled: dialled}
		o.say(flight, start)
		for _, step := range []struct {
			after time.Duration
			want  [][]byte
		}{
			{200, [][]byte{flight, news}},
			{400, [][]byte{flight, news}},
			{800, [][]byte{news}}, // the flight was said thrice
			{1300, [][]byte{flight, news}},
			{1400, [][]byte{flight, news}},
			{1500, [][]byte{flight, news}},
			{1600, [][]byte{news}}, // enough reminders for the time of an answer
		} {
			if got := o.say(again, start.Add(step.after*time.Millisecond)); !slices.EqualFunc(got, step.want, bytes.Equal) {
				t.Errorf("after %d ms %v leave, want %v", step.after, sizes(got), sizes(step.want))
			}
		}
	}
}

func TestACallThatProvesItsAddressIsANewFlight(t *testing.T) {
	now, o := time.Unix(0, 0), overture{dialled: true}
	o.say(packetOf(initial, 15, 1200, 0), now)
	proof := packetOf(initial, 8, 1200, 60)
	for _, after := range []time.Duration{800, 1000} {
		if got := o.say(proof, now.Add(after*time.Millisecond)); len(got) != 1 || !bytes.Equal(got[0], proof) {
			t.Errorf("after %d ms the proof does not leave", after)
		}
	}
}

// Whatever QUIC does: an acceptor sends no more bytes than QUIC would have, or strangers could have it shout at others;
// and in the time of an answer something of what is repeated gets through.
func TestAnOvertureSendsNoMoreThanQUICAndNeverFallsSilent(t *testing.T) {
	for seed := range uint64(300) {
		chance, now, o := rand.New(rand.NewPCG(seed, 1)), time.Unix(0, 0), overture{}
		wanted, left, heard := 0, 0, now
		for range 200 {
			b := packetOf([]byte{initial, handshake}[chance.IntN(2)], 4, 20+chance.IntN(1180), 0)
			wanted += len(b)
			packets := o.say(b, now)
			for _, p := range packets {
				left += len(p)
			}
			if left > wanted {
				t.Fatalf("seed %d: %d bytes left of %d", seed, left, wanted)
			}
			if len(packets) > 0 {
				heard = now
			}
			if silent := now.Sub(heard); silent > answerAfter+400*time.Millisecond {
				t.Fatalf("seed %d: nothing leaves for %v", seed, silent)
			}
			now = now.Add(time.Duration(chance.IntN(200)) * time.Millisecond)
		}
	}
}

func TestHandshakesThatEndedAreForgottenAndTooManyAreLetPass(t *testing.T) {
	now, o, at := time.Unix(0, 0), newOvertures(), &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 7400}
	for i := range 2 * overturesMax {
		b := packetOf(initial, 4, 1200, 0)
		b[11], b[12] = byte(i>>8), byte(i) // of the ID that this end gave itself
		if _, ours := o.say(b, at, now); ours != (i < overturesMax) {
			t.Fatalf("handshake %d is remembered: %v", i, ours)
		}
	}
	another := packetOf(initial, 4, 1200, 0)
	another[14] = 5
	if o.say(another, at, now.Add(handshakeTimeout+time.Second)); len(o.all) != 1 {
		t.Errorf("%d handshakes are remembered", len(o.all))
	}
}

func FuzzOverture(f *testing.F) {
	f.Add(packetOf(initial, 15, 1200, 60))
	f.Add(append(packetOf(initial, 4, 300, 0), packetOf(handshake, 4, 900, 0)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, at := newOvertures(), &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 7400}
		packets, ours := o.say(b, at, time.Unix(0, 0))
		if ours && (len(packets) != 1 || !bytes.HasSuffix(b, packets[0])) {
			t.Errorf("%x becomes %x", b, packets)
		}
	})
}
