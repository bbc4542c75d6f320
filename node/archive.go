package node

import (
	"context"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// archive gives a node's records out in bulk.
type archive struct{ *node }

var _ web.Archive = archive{}

// archivePage is how many records are read under one look at the file: a slow reader
// must not keep its pages from being used again.
const archivePage = 500

// Each reads the spaces of a kind's class that may hold work of the area, page by page.
// A record that changes meanwhile goes out as it was or as it is.
func (a archive) Each(ctx context.Context, k *schema.Kind, area string, behind web.Place, yield func(crdt.Space, crdt.RecordID, crdt.Record) error) error {
	for _, s := range a.store.Spaces() {
		if s.Space.Class != k.Class || !strings.HasPrefix(s.Space.Area, area) && !strings.HasPrefix(area, s.Space.Area) {
			continue
		}
		after := (*crdt.RecordID)(nil)
		switch c := s.Space.Compare(behind.Space); {
		case c < 0:
			continue
		case c == 0:
			after = &behind.ID
		}
		for {
			page := make([]store.Listed, 0, archivePage)
			err := a.store.Among(s.Space, after, func(l store.Listed) bool {
				page = append(page, l)
				return len(page) < archivePage
			})
			if err != nil {
				return err
			}
			for _, l := range page {
				if err := yield(l.Space, l.ID, l.Record); err != nil {
					return err
				}
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if len(page) < archivePage {
				break
			}
			after = &page[len(page)-1].ID
		}
	}
	return nil
}

// Reveals is what the pages do: a box shows its people's records in full, and the hub
// shows none.
func (a archive) Reveals() bool { return !a.isHub() }

// Currency says what this node knows of.
func (a archive) Currency() web.Currency {
	if a.isHub() {
		return office(a).Currency("")
	}
	return web.Currency{At: time.Now(), Replica: a.id.Device.Name}
}
