package link

import (
	"bytes"
	"time"
)

// overture is what one end says in a handshake. QUIC takes a far end that has not answered in a fifth of a second for
// one that heard nothing, and cannot be told to wait: on a weak link it says all five times before an answer could
// have come, and what is new waits in the modem behind that. So what it says again is held back here. Twice more a
// flight leaves soon, since of two packets one is lost every third time, and as it was first said, which is shorter;
// then when an answer is overdue. QUIC takes what was held for lost, and what came twice for a double.
type overture struct {
	dialled  bool
	stage    stage     // of who has dialled
	began    time.Time // when the flight was first said
	flight   [][]byte  // as it was
	again    int       // packets of it that were said again
	owed     int       // bytes that QUIC wanted to repeat and that have not left
	window   time.Time // in which reminders are counted
	reminded int       // bytes
}

// stage is what a dialler's flight answers; each is a flight of its own.
type stage int

const (
	calling   stage = iota // nothing
	proving                // a crowded acceptor that wants its address proven
	answering              // the acceptor's flight, which gives new keys
)

const (
	flightSpan  = 150 * time.Millisecond  // in which a flight leaves; QUIC begins to repeat it after 200 ms
	answerAfter = 1200 * time.Millisecond // when an answer can have come over a weak link
	flightMax   = 6                       // packets that are kept
	sayings     = 2                       // of a flight, beyond the first, before an answer is overdue
	receiptMax  = 200                     // bytes of a packet of the handshake that is not held: it acknowledges, or ends
	questionMin = 100                     // bytes of the first packet under new keys for which somebody waits
)

// say takes a packet of the handshake that QUIC sends, and returns those that leave. An acceptor never sends more than
// QUIC would have: that keeps to what may be sent to a stranger.
func (o *overture) say(b []byte, now time.Time) [][]byte {
	if len(b) <= receiptMax {
		return [][]byte{b}
	}
	if o.dialled {
		b = o.turn(b)
	}
	if o.began.IsZero() {
		o.began = now
	}
	switch since := now.Sub(o.began); {
	case since < flightSpan:
		o.keep(b)
		return [][]byte{b}
	case since < answerAfter:
		said, behind := parted(b)
		return append(o.repeat(len(said)), behind...)
	}
	said, behind := parted(b)
	return append(o.remind(said, now), behind...)
}

// turn begins a new flight where a dialler's packet does, and returns what of the packet is of use: an Initial before
// a Handshake acknowledges, is filled up to 1200 bytes, and is not missed.
func (o *overture) turn(b []byte) []byte {
	now, at := stageOf(b)
	if now > o.stage {
		*o = overture{dialled: true, stage: now}
	}
	return b[at:]
}

func (o *overture) keep(b []byte) {
	if len(o.flight) < flightMax {
		o.flight = append(o.flight, bytes.Clone(b))
	}
}

// repeat returns what of the flight leaves again when QUIC wants to repeat so many bytes.
func (o *overture) repeat(bytes int) (packets [][]byte) {
	for o.owed += bytes; o.again < sayings*len(o.flight); o.again++ {
		next := o.flight[o.again%len(o.flight)]
		if len(next) > o.owed {
			break
		}
		o.owed -= len(next)
		packets = append(packets, next)
	}
	return packets
}

// remind lets through what QUIC itself repeats once an answer is overdue, some of it in the time of each answer.
func (o *overture) remind(b []byte, now time.Time) [][]byte {
	if now.Sub(o.window) >= answerAfter {
		o.window, o.reminded = now, 0
	}
	most := 2 * packetMax
	for _, said := range o.flight {
		most = max(most, 2*len(said)*len(o.flight))
	}
	if o.reminded += len(b); o.reminded > most {
		return nil
	}
	return [][]byte{b}
}

// ask takes a packet that a dialler sends under its new keys right after its last flight, and returns those that
// leave. It goes with the flight, without which it cannot be read: both leave twice at once. So does the little that may
// go before, such as a stream's first byte: all that follows waits for it.
func (o *overture) ask(b []byte) [][]byte {
	if len(b) < questionMin {
		return [][]byte{b, b}
	}
	o.keep(b)
	o.again = len(o.flight)
	return append([][]byte{b}, o.flight...)
}

const (
	longHeader = 0x80 // bit of packets that belong to a handshake
	shortFixed = 0x40 // bit that QUIC's other packets have, and no sealed one
	longType   = 0x30 // their kind
	initial    = 0x00
	handshake  = 0x20
)

// header is what stands in the clear before a packet of a handshake (RFC 9000, section 17.2).
type header struct {
	kind     byte
	to, from []byte // connection IDs
	token    int    // bytes
}

// readHeader reads the first packet of a datagram, which may hold several, and returns what follows it. It reports
// false where there is none that belongs to a handshake.
func readHeader(b []byte) (h header, rest []byte, ok bool) {
	f := fields{b: b}
	first := f.byte()
	f.take(4) // version
	h.to = f.take(int(f.byte()))
	h.from = f.take(int(f.byte()))
	if h.kind = first & longType; h.kind == initial {
		h.token = f.varint()
		f.take(h.token)
	}
	f.take(f.varint())
	return h, f.b, first&longHeader != 0 && !f.bad
}

// parted parts what is said again of a handshake from a packet under the new keys that QUIC may put behind it into the
// same datagram. That is new, and leaves: what travels in datagrams QUIC would not send again.
func parted(b []byte) (said []byte, behind [][]byte) {
	for left := b; len(left) > 0; {
		_, rest, ok := readHeader(left)
		if !ok && left[0]&(longHeader|shortFixed) == shortFixed {
			return b[:len(b)-len(left)], [][]byte{left}
		}
		if !ok {
			break
		}
		left = rest
	}
	return b, nil
}

// stageOf returns at which stage a dialler sends a datagram, and where in it that begins.
func stageOf(b []byte) (now stage, at int) {
	for left := b; ; {
		h, rest, ok := readHeader(left)
		switch {
		case !ok:
			return now, 0
		case h.kind == handshake:
			return answering, len(b) - len(left)
		case h.token > 0:
			now = proving
		}
		left = rest
	}
}
