package link

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// earlyMax bounds the frames of a stream that have come and wait to be read, in bytes.
const earlyMax = 256 << 10

// aheadMax bounds them once frames come by stream ahead of others. That happens only while letters that were given
// up are sent again, so an honest peer stays far below.
const aheadMax = 4 << 20

// frameCost is what a frame takes beside its bytes, so that empty ones are bounded too.
const frameCost = 64

var errAhead = errors.New("the peer's frames come without those before them")

// order puts the frames of a stream's direction back into the order in which they were written, whether they came by
// stream or in parcels, and leaves out those that came twice.
type order struct {
	mu      sync.Mutex
	next    uint64            // guarded by mu; the frame that is read next
	early   map[uint64][]byte // guarded by mu; those that came and are not read
	size    int               // guarded by mu; of those, in bytes
	reading bool              // guarded by mu; whether a goroutine waits for the stream's next frame
	err     error             // guarded by mu; why the stream gave no more, until it is told
	changed chan struct{}     // of capacity 1
}

func newOrder() order {
	return order{early: map[uint64][]byte{}, changed: make(chan struct{}, 1)}
}

// put takes a frame; false means that there is no room for it now.
func (o *order) put(number uint64, frame []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, twice := o.early[number]; twice || number < o.next {
		return true
	}
	if o.size > 0 && o.size+len(frame) > earlyMax && number != o.next {
		return false
	}
	o.keep(number, frame)
	return true
}

// keep puts a frame among those that wait. o.mu is held.
func (o *order) keep(number uint64, frame []byte) {
	o.early[number] = frame
	o.size += len(frame) + frameCost
	o.stir()
}

func (o *order) stir() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// take returns the frame that is next, if it has come. Otherwise it returns the error that ended the stream, and
// whether the caller has to see to it that the stream is read.
func (o *order) take() (frame []byte, ok, read bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if frame, ok = o.early[o.next]; ok {
		delete(o.early, o.next)
		o.size -= len(frame) + frameCost
		o.next++
		return frame, true, false, nil
	}
	if err, o.err = o.err, nil; err != nil {
		if err == io.EOF && len(o.early) > 0 { // what is missing cannot come any more
			err = io.ErrUnexpectedEOF
		}
		return nil, false, false, err
	}
	read = !o.reading
	o.reading = true
	return nil, false, read, nil
}

// came takes what a read of the stream gave.
func (o *order) came(number uint64, frame []byte, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reading = false
	_, twice := o.early[number]
	if o.err = err; err == nil && number >= o.next && !twice {
		o.keep(number, frame)
	}
	if o.err == nil && o.size > aheadMax {
		o.err = errAhead
	}
	o.stir()
}

// await waits until something has come, the deadline has passed or the connection has ended.
func (o *order) await(ctx context.Context, deadline time.Time) error {
	var late <-chan time.Time
	if !deadline.IsZero() {
		late = time.After(time.Until(deadline))
	}
	select {
	case <-o.changed:
		return nil
	case <-late:
		return os.ErrDeadlineExceeded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// streams are those of a connection that are in use at this end.
type streams struct {
	odd uint64 // the lowest bit of streams that this end opens

	mu       sync.Mutex
	open     map[uint64]*Stream // guarded by mu
	accepted uint64             // guarded by mu; one more than the largest that was accepted
}

func newStreams(dialled bool) *streams {
	s := &streams{open: map[uint64]*Stream{}}
	if !dialled {
		s.odd = 1
	}
	return s
}

func (s *streams) add(id uint64, stream *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[id] = stream
	if id&1 != s.odd {
		s.accepted = max(s.accepted, id+1)
	}
}

func (s *streams) remove(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, id)
}

// deliver hands a letter to its stream; false means that the stream is not known yet, or has no room.
func (s *streams) deliver(l letter) bool {
	s.mu.Lock()
	stream, awaited := s.open[l.stream], l.stream&3 == s.odd^1 && l.stream >= s.accepted
	s.mu.Unlock()
	if stream == nil {
		return !awaited // what comes for a stream that is closed is not missed
	}
	return stream.order.put(l.number, l.frame)
}

// owe leaves letters to their streams, and returns those that have to repeat some.
func (s *streams) owe(letters []letter) (owing []*Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range letters {
		stream := s.open[l.stream]
		if stream == nil || l.both {
			continue
		}
		if len(stream.owed) == 0 {
			owing = append(owing, stream)
		}
		stream.owed = append(stream.owed, l)
	}
	return owing
}

// owed takes the letters that were left to a stream.
func (s *streams) owed(stream *Stream) []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	letters := stream.owed
	stream.owed = nil
	return letters
}
