package node

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/bundle"
)

// Post is where letters are written and read for a data folder: at the node that
// runs there, or, while none does, at its store.
type Post interface {
	// Write tells a letter, one entry after the other.
	Write(ctx context.Context, o Order, send func(bundle.Entry) error) error
	// Read takes a letter of the machine of a card, which was begun at a moment of
	// that machine's clock, in ms since 1970. next returns io.EOF at the end.
	Read(ctx context.Context, card []byte, at int64, next func() (bundle.Entry, error)) (Receipt, error)
	Close() error
}

// OpenPost opens the post of a data folder.
func OpenPost(id *policy.Identity, data string, log *slog.Logger) (Post, error) {
	if running, err := Running(data); running || err != nil {
		return staffed{data}, err
	}
	if _, err := os.Stat(filepath.Join(data, "store.db")); err != nil {
		return nil, fmt.Errorf("no node has run in %s yet: %w", data, err)
	}
	n := &node{
		config: Config{Data: data}, log: log, id: id,
		devices: map[uint32]policy.Device{}, noted: map[uint32]time.Time{},
	}
	s, err := store.Open(n.storeOptions())
	if err != nil {
		return nil, err
	}
	n.store = s
	return shut{n.letters()}, nil
}

// shut is the post of a node that does not run.
type shut struct{ letters }

func (p shut) Read(ctx context.Context, card []byte, at int64, next func() (bundle.Entry, error)) (Receipt, error) {
	if p.isHub() {
		return Receipt{}, errors.New("what a replica of the hub takes all replicas commit: start this one, and import the bundle while it runs")
	}
	return p.letters.Read(ctx, card, at, next)
}

func (p shut) Close() error { return p.store.Close() }

// staffed is the post of a node that runs.
type staffed struct{ data string }

func (staffed) Close() error { return nil }

func (p staffed) Write(ctx context.Context, o Order, send func(bundle.Entry) error) error {
	order, err := json.Marshal(o)
	if err != nil {
		return err
	}
	body, err := p.post(ctx, "/letter/write", func(w io.Writer) error { _, err := w.Write(order); return err })
	if err != nil {
		return err
	}
	defer body.Close()
	return eachEntry(bufio.NewReader(body), send)
}

func (p staffed) Read(ctx context.Context, card []byte, at int64, next func() (bundle.Entry, error)) (r Receipt, err error) {
	var failed error
	body, err := p.post(ctx, "/letter/read", func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 64<<10)
		writeFrame(out, binary.BigEndian.AppendUint64(nil, uint64(at)))
		writeFrame(out, card)
		for {
			e, err := next()
			if errors.Is(err, io.EOF) {
				return errors.Join(writeFrame(out, nil), out.Flush())
			}
			if err != nil {
				failed = err
				return err
			}
			if err := writeEntry(out, e); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return r, errors.Join(failed, err)
	}
	defer body.Close()
	var answer receiptAnswer
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return r, fmt.Errorf("the node broke off: %w", err)
	}
	answer.Receipt.First = answer.First
	if answer.Error != "" {
		return answer.Receipt, errors.New(answer.Error)
	}
	return answer.Receipt, nil
}

type receiptAnswer struct {
	Receipt Receipt
	First   []bundle.Entry
	Error   string
}

// post asks the running node, with a body that is written as it is sent.
func (p staffed) post(ctx context.Context, what string, write func(io.Writer) error) (io.ReadCloser, error) {
	in, out := io.Pipe()
	done := make(chan struct{})
	go func() { // ends with the request, for which this function waits
		defer close(done)
		out.CloseWithError(write(out))
	}()
	answer, err := askWith(ctx, p.data, http.MethodPost, what, in)
	in.Close()
	<-done
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

func (n *node) serveLetters(pages *http.ServeMux) {
	pages.HandleFunc("POST /letter/write", n.writeLetter)
	pages.HandleFunc("POST /letter/read", n.readLetter)
}

// orderMax bounds an order, which names what a bundle holds already.
const orderMax = 256 << 20

// writeLetter sends a letter's entries as frames, then one of no bytes, or the
// reason why there is no more.
func (n *node) writeLetter(w http.ResponseWriter, r *http.Request) {
	var o Order
	if err := json.NewDecoder(io.LimitReader(r.Body, orderMax)).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := bufio.NewWriterSize(w, 64<<10)
	err := n.letters().Write(r.Context(), o, func(e bundle.Entry) error { return writeEntry(out, e) })
	writeFrame(out, nil)
	if err != nil {
		out.WriteString(err.Error())
	} else {
		out.WriteString(allSaid)
	}
	out.Flush()
}

// allSaid ends an answer that broke off nowhere.
const allSaid = "all"

func (n *node) readLetter(w http.ResponseWriter, r *http.Request) {
	in := bufio.NewReaderSize(r.Body, 64<<10)
	at, err := readFrame(in)
	card, err2 := readFrame(in)
	if err = errors.Join(err, err2); err != nil || len(at) != 8 {
		http.Error(w, "a letter needs a moment and a card", http.StatusBadRequest)
		return
	}
	receipt, err := n.letters().Read(r.Context(), card, int64(binary.BigEndian.Uint64(at)), func() (bundle.Entry, error) {
		b, err := readFrame(in)
		if err != nil {
			return bundle.Entry{}, err
		}
		return bundle.Entry{Kind: bundle.Kind(b[0]), Bytes: b[1:]}, nil
	})
	answer := receiptAnswer{Receipt: receipt, First: receipt.First}
	if err != nil {
		answer.Error = err.Error()
	}
	json.NewEncoder(w).Encode(answer)
}

func writeFrame(w *bufio.Writer, b []byte) error {
	if _, err := w.Write(binary.AppendUvarint(nil, uint64(len(b)))); err != nil {
		return err
	}
	_, err := w.Write(b)
	return err
}

func writeEntry(w *bufio.Writer, e bundle.Entry) error {
	return writeFrame(w, append([]byte{byte(e.Kind)}, e.Bytes...))
}

// readFrame returns io.EOF for the frame that ends them all.
func readFrame(r *bufio.Reader) ([]byte, error) {
	size, err := binary.ReadUvarint(r)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && size > bundle.LetterMax {
		err = fmt.Errorf("a frame of %d bytes", size)
	}
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, io.EOF
	}
	b := make([]byte, size)
	_, err = io.ReadFull(r, b)
	return b, err
}

func eachEntry(r *bufio.Reader, told func(bundle.Entry) error) error {
	for {
		b, err := readFrame(r)
		if errors.Is(err, io.EOF) {
			last, err := io.ReadAll(r)
			if err == nil && string(last) != allSaid {
				err = errors.New(string(last))
			}
			return err
		}
		if err != nil {
			return fmt.Errorf("the node broke off: %w", err)
		}
		if err := told(bundle.Entry{Kind: bundle.Kind(b[0]), Bytes: b[1:]}); err != nil {
			return err
		}
	}
}
