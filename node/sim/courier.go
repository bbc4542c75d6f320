package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"wangge/node"
	"wangge/node/policy"
)

// parcel is a bundle that a person carries from one machine to another.
type parcel struct {
	number   int
	file     string
	from, to *Machine
	answers  *[16]byte // the bundle that it answers
}

// carry has a person take a bundle from a box to the hub or to another box, and
// sometimes the answer back. It may come late, damaged or torn, and twice.
func (w *World) carry(from, to *Machine, r *rand.Rand) {
	if from.store == nil || from.id.Device.Index == to.id.Device.Index {
		return
	}
	card, err := to.id.Card()
	if err != nil {
		w.violated("harness", "the card of %s: %v", to, err)
		return
	}
	p := w.pack(from, to, node.Order{Card: card}, nil)
	if p == nil {
		return
	}
	for range 1 + r.IntN(4)/3 {
		seed := r.Uint64()
		w.at(w.now+r.Int64N(w.Span.Milliseconds()/6+1), func() { w.deliver(*p, rand.New(rand.NewPCG(seed, 8))) })
	}
}

// pack has a machine write a bundle.
func (w *World) pack(from, to *Machine, o node.Order, answers *[16]byte) *parcel {
	w.parcels++
	p := &parcel{number: w.parcels, file: w.folder(fmt.Sprintf("bundle%d", w.parcels)), from: from, to: to, answers: answers}
	f, err := os.Create(p.file)
	if err != nil {
		w.violated("harness", "a bundle cannot be made: %v", err)
		return nil
	}
	defer f.Close()
	card := from.id.Hub
	if !to.isHub() {
		card, err = policy.NewAuthority(from.id.Root).Card(o.Card)
	}
	x := node.Export{File: f, To: card, Order: o, Answers: answers, Progress: func(int64) {}}
	if err == nil {
		err = x.Make(context.Background(), from.id, from.party().Post(from.post(), from.files), from.clock())
	}
	if !from.survives() || err != nil {
		w.note("%s makes no bundle: %v", from, err)
		return nil
	}
	w.note("%s makes bundle %d for %s: %d batches, %d files, %d bytes", from, p.number, to, x.Batches, x.Files.Files, x.Bytes)
	return p
}

// post is where a machine keeps what bundles told it of others.
func (m *Machine) post() string { return filepath.Join(m.dir, "post") }

// deliver has a machine read a bundle, as whole as it has come.
func (w *World) deliver(p parcel, r *rand.Rand) {
	if p.to.store == nil || w.healed {
		return
	}
	b, err := os.ReadFile(p.file)
	if err != nil {
		w.violated("harness", "bundle %d is gone: %v", p.number, err)
		return
	}
	whole := true
	switch at := r.IntN(len(b)); r.IntN(6) {
	case 0:
		b, whole = b[:at], false
	case 1:
		b[at], whole = b[at]^byte(1+r.IntN(255)), false
	}
	got, err := read(p.to, b)
	if !p.to.survives() {
		return
	}
	w.note("%s reads bundle %d, whole %t: %d new, %d known, %d refused, %d damaged, torn %t: %v; files: %d whole, %d pieces, %d known, %d receipts",
		p.to, p.number, whole, got.New, got.Known, len(got.Refused), len(got.Damaged), got.Torn, err != nil,
		got.Files.Whole, got.Files.New, got.Files.Known, got.Files.Receipts)
	if whole && !got.Whole() || !whole && err == nil && got.Whole() {
		w.violated("bundle", "%s took bundle %d for whole: %t", p.to, p.number, got.Whole())
	}
	if err == nil && p.answers == nil && r.IntN(2) == 0 {
		w.reply(p, got, r)
	}
}

func read(m *Machine, b []byte) (node.Import, error) {
	path := filepath.Join(m.world.dir, "arrived")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return node.Import{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return node.Import{}, err
	}
	defer f.Close()
	return node.ReadBundle(context.Background(), m.id, m.party().Post(m.post(), m.files), f, func(uint64) {})
}

// reply has the answer to a bundle carried back.
func (w *World) reply(p parcel, got node.Import, r *rand.Rand) {
	back := w.pack(p.to, p.from, node.Order{Card: got.Card, First: got.First}, &got.Header.ID)
	if back == nil {
		return
	}
	seed := r.Uint64()
	w.at(w.now+r.Int64N(w.Span.Milliseconds()/6+1), func() { w.deliver(*back, rand.New(rand.NewPCG(seed, 8))) })
}
