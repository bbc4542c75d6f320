package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

var _ web.Inspector = office{}

// doubtsMax is how many records of each doubt are listed.
const doubtsMax = 50

// Doubtful reads all records of this replica.
func (o office) Doubtful(ctx context.Context) (web.Doubtful, error) {
	if !o.checking.TryLock() {
		return web.Doubtful{}, web.Refusal{Text: schema.Text{Zh: "正在核对，请稍候再试", En: "a check is under way: wait for it and ask again"}}
	}
	defer o.checking.Unlock()
	d := doubts{named: map[crdt.RecordID][]crdt.RecordID{}, by: map[crdt.RecordID]store.Listed{}}
	err := o.store.Walk(func(l store.Listed) bool {
		d.add(l)
		return ctx.Err() == nil
	})
	if err = errors.Join(err, ctx.Err()); err != nil {
		return web.Doubtful{}, fmt.Errorf("reading the records: %w", err)
	}
	return web.Doubtful{Records: d.records, Conflicts: o.doubt(d.conflicts), Disputed: o.doubt(d.disputed), Twins: o.doubt(d.twins())}, nil
}

// doubt makes a list of records; of those that are confidential it tells the number alone.
func (o office) doubt(all []store.Listed) web.Doubt {
	list := web.Doubt{Count: len(all), Items: []web.Item{}}
	for _, l := range all {
		kind, known := o.kinds.Kind(l.Record.Kind)
		if known && kind.Class != crdt.Confidential && len(list.Items) < doubtsMax {
			list.Items = append(list.Items, desk(o).item(kind, l))
		}
	}
	return list
}

// doubts gathers records that make figures doubtful. What is deleted counts no more, and
// is in none of them.
type doubts struct {
	records             int
	conflicts, disputed []store.Listed
	named               map[crdt.RecordID][]crdt.RecordID // which others a record names as the same
	by                  map[crdt.RecordID]store.Listed
}

func (d *doubts) add(l store.Listed) {
	d.records++
	if l.Record.Fate() == crdt.Dead {
		return
	}
	if len(l.Record.Conflicts()) > 0 {
		d.conflicts = append(d.conflicts, l)
	}
	if l.Record.Fate() == crdt.Disputed {
		d.disputed = append(d.disputed, l)
	}
	if others := l.Record.Aliases(); len(others) > 0 {
		d.named[l.ID], d.by[l.ID] = others, l
	}
}

// twins returns the records that name one as the same which does not name them.
func (d *doubts) twins() (all []store.Listed) {
	for id, others := range d.named {
		if slices.ContainsFunc(others, func(o crdt.RecordID) bool { return !slices.Contains(d.named[o], id) }) {
			all = append(all, d.by[id])
		}
	}
	slices.SortFunc(all, func(a, b store.Listed) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return all
}
