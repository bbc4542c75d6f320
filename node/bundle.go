package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"wangge/node/policy"
	"wangge/sync/bundle"
)

// Export is a bundle to be made, and then what was made.
type Export struct {
	File     bundle.File     // empty, or a bundle of this machine's that is to go on
	After    []io.ReadSeeker // other bundles of this machine's: what they hold is left out
	To       policy.Card
	Order    Order
	Limit    int64             // bytes that the file may have; 0 for any number
	Answers  *[16]byte         // the bundle that this one answers
	Progress func(bytes int64) // told how large the file is

	Header  bundle.Header
	Frames  uint64
	Bytes   int64
	Batches uint64         // that went into it now
	Files   bundle.Freight // photos and files of which pieces went into it now
	Load    bundle.Freight // those of which some were to go
	More    bool           // there was more than room
}

// Left returns of what photos and files nothing went in, and how many bytes of all did not.
func (x *Export) Left() bundle.Freight {
	return bundle.Freight{Files: x.Load.Files - min(x.Files.Files, x.Load.Files), Bytes: x.Load.Bytes - min(x.Files.Bytes, x.Load.Bytes)}
}

const (
	// letterSize is how many bytes of messages a frame is filled with: one that is
	// damaged costs no more.
	letterSize = 64 << 10
	// endSize is kept free below the limit, for the frame that ends the bundle.
	endSize = 4 << 10
)

// errRoom says that the limit is reached.
var errRoom = errors.New("the limit is reached")

// Make makes the bundle, or goes on with one.
func (x *Export) Make(ctx context.Context, id *policy.Identity, post Post, now time.Time) error {
	from, err := sender(id)
	if err != nil {
		return err
	}
	has := func(note []bundle.Entry) error {
		x.Order.Has = append(x.Order.Has, note...)
		return nil
	}
	for _, f := range x.After {
		if err := bundle.Notes(f, from, has); err != nil {
			return err
		}
	}
	to := x.To.Device.Index
	size, err := x.File.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	x.Order.Card = x.To.Raw
	var w *bundle.Writer
	if size == 0 {
		w, err = bundle.Create(x.File, from, to, x.To.Key, now.UnixMilli())
	} else {
		w, err = bundle.Continue(x.File, from, to, x.To.Key, has)
	}
	if err != nil {
		return err
	}
	x.Header = w.Header()
	if !w.Ended() {
		err = x.fill(ctx, post, w)
	}
	x.Bytes, x.Frames = w.Size()
	return err
}

func sender(id *policy.Identity) (bundle.Sender, error) {
	card, err := id.Card()
	return bundle.Sender{
		County: id.County, Device: id.Device.Index, Card: card, Key: id.Sealing, Sign: id.Sign, Signed: id.Signed,
	}, err
}

func (x *Export) fill(ctx context.Context, post Post, w *bundle.Writer) error {
	l := &loader{export: x, to: w}
	if x.Answers != nil {
		l.entries = append(l.entries, bundle.Entry{Kind: bundle.Answer, Bytes: x.Answers[:]})
	}
	err := post.Write(ctx, x.Order, l.load)
	if err == nil {
		err = l.unload()
	}
	x.More = errors.Is(err, errRoom)
	if err != nil && !x.More {
		return errors.Join(err, w.Sync())
	}
	return w.End(x.More)
}

// Import is what became of a bundle that was read.
type Import struct {
	Receipt
	Header  bundle.Header
	Card    []byte // of its sender
	Frames  uint64
	Damaged []string // frames that could not be read
	Torn    bool     // the file ends before its sender ended it
	More    bool     // its sender had more than room
	Answer  bool     // it answers a bundle of this machine's
}

// Whole reports whether all that its sender meant to send came.
func (m Import) Whole() bool { return !m.Torn && len(m.Damaged) == 0 }

// ReadBundle takes what a bundle brings. progress is told how many frames were read.
func ReadBundle(ctx context.Context, id *policy.Identity, post Post, file io.Reader, progress func(frames uint64)) (Import, error) {
	r, err := openBundle(id, file)
	if err != nil {
		return Import{}, err
	}
	m := Import{Header: r.Header(), Card: r.Card()}
	var entries []bundle.Entry
	m.Receipt, err = post.Read(ctx, r.Card(), r.Header().At, func() (bundle.Entry, error) {
		for {
			for len(entries) > 0 {
				e := entries[0]
				entries = entries[1:]
				switch e.Kind {
				case bundle.Answer:
					m.Answer = true
				case bundle.Message, bundle.Word, bundle.Load:
					return e, nil
				}
			}
			var err error
			entries, err = r.Next()
			progress(r.Frames())
			switch {
			case errors.Is(err, bundle.ErrDamaged):
				m.Damaged = append(m.Damaged, err.Error())
			case errors.Is(err, bundle.ErrTorn):
				m.Torn = true
				return bundle.Entry{}, io.EOF
			case err != nil:
				return bundle.Entry{}, err
			}
		}
	})
	m.Frames, m.More = r.Frames(), r.More()
	m.Damaged = append(m.Damaged, m.Unread...)
	return m, err
}

func openBundle(id *policy.Identity, file io.Reader) (*bundle.Reader, error) {
	if id.Sealing.None() {
		return nil, policy.ErrNoSealing
	}
	authority := policy.NewAuthority(id.Root)
	r, err := bundle.Open(file, bundle.Me{
		County: id.County, Device: correspondent(id.Device), Key: id.Sealing,
		Sender: func(card []byte) (uint32, func(message, signature []byte) bool, error) {
			c, err := authority.Card(card)
			return c.Device.Index, c.Signed, err
		},
	})
	var other bundle.Misdirected
	if errors.As(err, &other) {
		return nil, fmt.Errorf("%w; this is device %d (%s, %s)", err, id.Device.Index, id.Device.Name, id.Device.Role)
	}
	return r, err
}

// CheckBundle reports whether a file is a bundle of this machine's to an addressee.
func CheckBundle(id *policy.Identity, file io.ReadSeeker, to uint32) error {
	from, err := sender(id)
	if err != nil {
		return err
	}
	h, err := bundle.ReadHeader(file)
	if err != nil || h.To != to {
		return bundle.ErrOther
	}
	return bundle.Notes(file, from, func([]bundle.Entry) error { return nil })
}
