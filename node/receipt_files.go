package node

import (
	"time"

	"wangge/node/policy"
	"wangge/sync/bundle"
	"wangge/sync/wire"
)

// Files is what became of the photos and files that a letter brought.
type Files struct {
	Whole    int            `json:"whole"`    // came whole
	New      uint64         `json:"new"`      // pieces that were new here
	Known    uint64         `json:"known"`    // pieces that were held already
	Left     uint64         `json:"left"`     // pieces that do not come here, as no record here wants their files
	Receipts int            `json:"receipts"` // that the county has, by this letter
	Load     bundle.Freight `json:"load"`     // what its writer meant to bring
	Told     bool           `json:"told"`     // it did say what it meant to bring
}

// heardOfFiles takes what the letter says of files beside pieces, which is whole here. Of an
// old letter it counts for nothing.
func (e *ear) heardOfFiles(load bundle.Freight) error {
	e.receipt.Files.Load, e.receipt.Files.Told = load, true
	if !e.latest {
		return nil
	}
	var said [][]byte
	for _, m := range e.files.Words {
		said = append(said, wire.EncodeFileWord(m))
	}
	at := max(1, min(e.at, e.now().UnixMilli()))
	receipts, told, err := e.carriage().Heard(e.peer, e.files.Words, time.UnixMilli(at))
	e.receipt.Files.Receipts = receipts
	e.receipt.Refused = append(e.receipt.Refused, told...)
	if err != nil {
		return err
	}
	return e.acquaint(e.peer, func(a *acquaintance) { a.Files = said })
}

// countFiles notes what came.
func (e *ear) countFiles() {
	f, a := &e.receipt.Files, e.files
	f.Whole, f.New, f.Known, f.Left = a.Files, a.New, a.Known, a.Stray+a.Loose
	e.receipt.Refused = append(e.receipt.Refused, a.Told...)
}

// introduced notes who wrote a letter, if it is known by no other way: people are told what
// it is called.
func (n *node) introduced(d policy.Device) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.devices[d.Index].Role == "" {
		n.devices[d.Index] = d
	}
}

// recall takes from the hub's latest letter what it did not take of this box's files: it
// stands until the next one says otherwise.
func (n *node) recall() {
	a := acquainted(n.config.Data, bundle.Hub)
	if n.isHub() || len(a.Files) == 0 {
		return
	}
	if card, err := policy.NewAuthority(n.id.Root).Card(a.Card); err == nil {
		n.introduced(card.Device)
		n.freight.Recall(card.Device, fileWords(a.Files))
	}
}
