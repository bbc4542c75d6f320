package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"time"

	"wangge/node/policy"
	"wangge/sync/bundle"
)

// acquaintance is what bundles have told of another machine: how to seal to it,
// and what it held. It is kept in the data folder, one file a machine; all replicas
// are one, the hub. Losing it costs that more is sent than is lacked.
type acquaintance struct {
	At    int64    // when it last said what it holds, in a bundle or itself, in ms since 1970 by its clock
	Card  []byte   // of the machine that made its latest bundle
	Hello []byte   // in that, with what it held
	Files [][]byte `json:",omitempty"` // what that said of files beside pieces
	Sum   uint32   // CRC-32C of the rest: a moment with a flipped digit would make all later letters old
}

// sum returns what Sum must be.
func (a acquaintance) sum() uint32 {
	a.Sum = 0
	b, _ := json.Marshal(a) // bytes and numbers can all be told
	return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
}

// courierFolder is where acquaintances are kept, beside the store.
const courierFolder = "courier"

func acquaintancePath(data string, device uint32) string {
	return filepath.Join(data, courierFolder, fmt.Sprintf("%d.json", device))
}

// acquainted reads what is known of a machine; it is nothing where no bundle of it
// was read, or where the note of it is damaged.
func acquainted(data string, device uint32) (a acquaintance) {
	b, err := os.ReadFile(acquaintancePath(data, device))
	if err != nil || json.Unmarshal(b, &a) != nil || a.Sum != a.sum() {
		return acquaintance{}
	}
	return a
}

// remember notes what a bundle told.
func (a acquaintance) remember(data string, device uint32) error {
	path := acquaintancePath(data, device)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	a.Sum = a.sum()
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	fresh := path + ".new"
	f, err := os.OpenFile(fresh, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

// acquaint changes what is known of a machine.
func (n *node) acquaint(peer policy.Device, change func(*acquaintance)) error {
	n.exchanges.notes.Lock()
	defer n.exchanges.notes.Unlock()
	a := acquainted(n.config.Data, correspondent(peer))
	before := a.At
	if change(&a); a.At < before {
		return nil
	}
	return a.remember(n.config.Data, correspondent(peer))
}

// spoke notes that a machine itself has said what it holds, at a moment of its clock:
// no letter that it wrote before is its latest word, also after a restart here. A
// clock that is ahead must not make its next letters old. A replica of the hub keeps
// this only of boxes that write letters, for it has no levels to lower.
func (n *node) spoke(peer policy.Device, at int64) error {
	known := acquainted(n.config.Data, correspondent(peer))
	at = min(at, time.Now().UnixMilli())
	if at <= known.At || n.isHub() && known.At == 0 {
		return nil
	}
	return n.acquaint(peer, func(a *acquaintance) { a.At = max(a.At, at) })
}

// correspondent returns the number under which a machine is known to carriers.
func correspondent(d policy.Device) uint32 {
	if d.Role == policy.Hub {
		return bundle.Hub
	}
	return d.Index
}

// Addressee returns the card of the machine that a bundle is to go to: the hub's
// from the keys, another's from a bundle that came from it or from a file of cards.
func Addressee(id *policy.Identity, data string, device uint32, card []byte) (policy.Card, error) {
	if id.Sealing.None() {
		return policy.Card{}, policy.ErrNoSealing
	}
	if device == bundle.Hub && card == nil {
		return id.Hub, nil
	}
	if card == nil {
		card = acquainted(data, device).Card
	}
	if card == nil {
		return policy.Card{}, fmt.Errorf("this machine does not know how to seal to device %d: import a bundle from it first, "+
			"or bring its card (wangge bundle card there) and name that with --card", device)
	}
	c, err := policy.NewAuthority(id.Root).Card(card)
	if err != nil {
		return c, err
	}
	if c.Device.Index == id.Device.Index || c.Device.Role == policy.Hub && id.Device.Role == policy.Hub {
		return c, errors.New("a bundle is for another machine than the one that makes it")
	}
	if c.Device.Role == policy.Hub {
		return id.Hub, nil
	}
	return c, nil
}
