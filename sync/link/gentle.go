package link

import "time"

// What can wait, files above all, travels on the same connection as what cannot. QUIC sends a
// stream of lower urgency last (RFC 9218); but what has left this machine may stand in a modem's
// queue for seconds, and there nobody can pass it. So such a stream is written a packet at a time,
// and its writer waits while packets are held up (as in LEDBAT, RFC 6817).

// gentlePart is about what fits into one packet.
const gentlePart = 1100

// urgencyLow is that of streams of files; all others have QUIC's usual 3, and lower goes first.
const urgencyLow = 6

// WriteFrameGently is WriteFrame in parts of about a packet. turn is called before each and may
// wait; its error ends the writing, and the stream with it, since the frame is not whole. Whatever
// else is to be written on the stream waits for the whole frame, letters too that were given up. A frame that goes by parcel waits for one turn: the
// post itself sends after all others what can wait.
func (s *Stream) WriteFrameGently(b []byte, turn func() error) error {
	if s.connection.post.route(len(b)) == byParcel {
		if err := turn(); err != nil {
			return err
		}
		return s.WriteFrame(b)
	}
	s.writing.take()
	defer s.writing.give()
	frame := appendNumbered(make([]byte, 0, 2*frameHeaderMax+len(b)), s.written, b)
	s.written++
	for len(frame) > 0 {
		if err := turn(); err != nil {
			return err
		}
		n, err := s.stream.Write(frame[:min(len(frame), gentlePart)])
		if err != nil {
			return s.explain(err)
		}
		frame = frame[n:]
	}
	return nil
}

// Lag returns how long packets to the peer and back are held up in queues: by how much the last
// round trip took longer than the quickest, which is returned too.
func (s *Stream) Lag() (lag, least time.Duration) {
	stats := s.connection.quic.ConnectionStats()
	return max(0, stats.LatestRTT-stats.MinRTT), stats.MinRTT
}
