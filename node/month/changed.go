package month

import (
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// What became of a record after a month was closed.
const (
	sinceLate    = "late"    // it came
	sinceChanged = "changed" // it changed, and is counted
	sinceGone    = "gone"    // it changed, or was deleted, and is counted no more
)

const (
	// changedPage is how many records are looked up at once: each page goes through all rows.
	changedPage = 50_000
	// goneBack is how long before a month was closed a record may have been changed, by its
	// writer's clock, that came after that: so not all of a kind's records are gone through.
	goneBack = 62 * 24 * time.Hour
)

// Changed lists the records of a report that came late or changed after a month was closed.
func (m Months) Changed(month string, q report.Query, side string, after crdt.RecordID, limit int) (web.List, error) {
	c, ok, err := m.closed(month)
	if err != nil || !ok {
		return web.List{}, orMissing(err)
	}
	known, err := m.headsOf(c)
	if err != nil {
		return web.List{}, err
	}
	kind, items, err := m.changed(known, c.At, q, side)
	if err != nil {
		return web.List{}, err
	}
	if kind.Class == crdt.Confidential {
		return web.List{}, web.ErrUnlisted
	}
	items = slices.DeleteFunc(items, func(i changedItem) bool { return i.l.ID.Compare(after) <= 0 })
	slices.SortFunc(items, func(a, b changedItem) int { return a.l.ID.Compare(b.l.ID) })
	list := web.List{Items: []web.Item{}}
	if len(items) > limit {
		items = items[:limit]
		list.Next = items[limit-1].l.ID[:]
	}
	for _, i := range items {
		item := m.Office.Item(kind, i.l)
		item.Since = i.since
		list.Items = append(list.Items, item)
	}
	return list, nil
}

// changedItem is a record and what became of it.
type changedItem struct {
	l     store.Listed
	since string
}

// changed returns the records behind a figure that were not so when the known heads were
// all, and those that stood then and are counted no more.
func (m Months) changed(known heads, at time.Time, q report.Query, side string) (*schema.Kind, []changedItem, error) {
	counted := map[crdt.RecordID]bool{}
	var all []changedItem
	var after crdt.RecordID
	for {
		kind, found, err := m.Figures.Behind(q, side, after, changedPage)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range found {
			counted[f.ID] = true
			l, err := m.Office.Listed(kind, f)
			if err != nil {
				return nil, nil, err
			}
			fresh, old := since(known, l)
			if !fresh || l.Record.Kind != kind.Name {
				continue
			}
			item := changedItem{l, sinceLate}
			if old {
				item.since = sinceChanged
			}
			all = append(all, item)
		}
		if len(found) < changedPage {
			gone, err := m.gone(known, at.Add(-goneBack), kind, q, counted)
			return kind, append(all, gone...), err
		}
		after = found[len(found)-1].ID
	}
}

// since reports whether a record has changed since the known heads were all, and whether
// it was there before.
func since(known heads, l store.Listed) (fresh, old bool) {
	for _, cell := range l.Record.Cells {
		for _, e := range cell.Entries {
			if known.has(l.Space, e.Dot) {
				old = true
			} else {
				fresh = true
			}
		}
	}
	return fresh, old
}

// gone returns the records of a kind that stood when the known heads were all, changed
// since, are not counted, and may have been: they are of the question's area and days, or
// it is those that changed.
func (m Months) gone(known heads, from time.Time, kind *schema.Kind, q report.Query, counted map[crdt.RecordID]bool) (all []changedItem, err error) {
	err = m.Store.Recent(kind.Name, nil, func(l store.Listed, _ []byte) bool {
		if l.Record.Stamp().Millis() < from.UnixMilli() { // the latest changed come first
			return false
		}
		fresh, old := since(known, l)
		if fresh && old && !counted[l.ID] && m.couldCount(known, kind, q, l) {
			all = append(all, changedItem{l, sinceGone})
		}
		return true
	})
	return all, err
}

func (m Months) couldCount(known heads, kind *schema.Kind, q report.Query, l store.Listed) bool {
	same := func(name string, lies func(crdt.Value) bool) bool {
		f, ok := kind.Field(name)
		if !ok {
			return true
		}
		cell := l.Record.Cells[f.ID]
		moved := slices.ContainsFunc(cell.Entries, func(e crdt.Entry) bool { return !known.has(l.Space, e.Dot) })
		return moved || lies(f.Winner(cell))
	}
	_, r, ok := m.Kinds.Report(kind, q.Report)
	when := kind.When
	if ok && !r.Standing() {
		when = r.Dated(kind)
	}
	return same(kind.Area.Field, func(v crdt.Value) bool {
		area, _ := v.Text()
		return len(area) >= len(q.Area) && area[:len(q.Area)] == q.Area
	}) && same(when, func(v crdt.Value) bool {
		day := schema.Day(v)
		return day == "" || ok && r.Standing() || day >= q.From && day <= q.To
	})
}
