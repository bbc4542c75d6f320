package node

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// A trouble that a person has dealt with, and that does not go by itself, they put
// aside, with their name and what they did. It reddens no light any more and is shown
// apart; nothing of the work is touched by that. A trouble that is another one, as
// when the same stream is refused further on, has another id.

// troubleID names a trouble by what it is about.
func troubleID(sort string, about ...any) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%q", about))
	return fmt.Sprintf("%s-%x", sort, h[:8])
}

// parted takes out of the troubles what was put aside, and tells of that apart.
func (n *node) parted(troubles []web.Trouble) ([]web.Trouble, []web.Dealt) {
	asides, err := n.store.Asides()
	if err != nil {
		n.log.Error("what people have dealt with cannot be read", "error", err)
	}
	var dealt []web.Dealt
	for _, a := range asides {
		stands := slices.ContainsFunc(troubles, func(t web.Trouble) bool { return t.ID == a.ID })
		if _, alike := n.alikeTrouble(a.ID); alike {
			stands = true
		}
		dealt = append(dealt, web.Dealt{
			ID: a.ID, What: schema.Text{Zh: a.Zh, En: a.En}, By: a.By, Reason: a.Reason, At: time.UnixMilli(a.At), Stands: stands,
		})
	}
	return slices.DeleteFunc(troubles, func(t web.Trouble) bool {
		return t.ID != "" && slices.ContainsFunc(dealt, func(d web.Dealt) bool { return d.ID == t.ID })
	}), dealt
}

// PutAside notes that a person has dealt with a trouble, or takes that back.
func (n *node) PutAside(id, by, reason string) error {
	a := wire.Aside{ID: id, By: by, Reason: reason, At: time.Now().UnixMilli()}
	if reason == "" {
		asides, err := n.store.Asides()
		if err == nil && !slices.ContainsFunc(asides, func(a wire.Aside) bool { return a.ID == id }) {
			err = web.ErrMissing
		}
		if err != nil {
			return err
		}
		return n.noteAside(a)
	}
	trouble, ok := n.alikeTrouble(id)
	all := n.troubles()
	if i := slices.IndexFunc(all, func(t web.Trouble) bool { return t.ID != "" && t.ID == id }); i >= 0 {
		trouble, ok = all[i], true
	}
	if !ok {
		return web.ErrMissing
	}
	a.Zh, a.En = trouble.What.Zh, trouble.What.En
	fits, err := n.store.AsideFits(a)
	if err != nil {
		return err
	}
	if !fits {
		return web.Refusal{Text: schema.Text{Zh: "已处理的太多（一年内一千项），请先撤回一些", En: "a thousand troubles of a year were put aside here: take some back first"}}
	}
	n.log.Info("a trouble was put aside", "trouble", id, "by", by)
	if trouble.Sort == "room" { // whoever says so has made some
		n.freight.Retry()
	}
	return n.noteAside(a)
}

// noteAside notes it: at a box on its disk, at the hub by commit.
func (n *node) noteAside(a wire.Aside) error {
	if n.hub == nil {
		return n.store.PutAside(a)
	}
	ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
	defer cancel()
	_, err := n.hub.Propose(ctx, wire.Encode(a))
	return err
}
