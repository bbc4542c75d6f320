package node

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node/month"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// office is what a hub replica offers to an analyst.
type office struct{ *node }

var (
	_ web.Office   = office{}
	_ month.Office = office{}
)

// months are the county's, as this replica knows them.
func (n *node) months() month.Months {
	return month.Months{
		Kinds: n.kinds, Store: n.store, Figures: n.figures, County: deciding{n}, Office: office{n}, ID: n.id, Log: n.log,
		Area: n.config.Area, LeastPersons: n.config.LeastPersons,
	}
}

// Report answers a query from the figures of this replica.
func (o office) Report(ctx context.Context, q report.Query, current bool) (web.Answer, error) {
	if err := o.wait(ctx, current); err != nil {
		return web.Answer{}, err
	}
	currency := o.Currency(q.Area)
	table, err := o.figures.Answer(q)
	if err != nil {
		return web.Answer{}, err
	}
	if current {
		currency.At = time.Now()
	}
	return web.Answer{Table: table, Currency: currency}, nil
}

// Currency says what this replica knows of an area, "" for all.
func (o office) Currency(area string) web.Currency {
	c := web.Currency{Commit: o.store.Applied(), At: o.hub.Status().LastContact, Replica: o.id.Device.Name}
	c.Boxes = slices.DeleteFunc(o.boxesHeard(), func(b web.Heard) bool { return !concerns(o.device(b.Device), area) })
	c.Complete = completeness(c.Boxes, time.Now())
	return c
}

// wait waits, if current, until this replica has applied all that is committed.
func (o office) wait(ctx context.Context, current bool) error {
	if !current {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	return o.hub.Current(ctx)
}

// Behind lists records that a figure counts.
func (o office) Behind(q report.Query, side string, after crdt.RecordID, limit int) (web.List, error) {
	kind, found, err := o.figures.Behind(q, side, after, limit+1)
	if err != nil {
		return web.List{}, err
	}
	if kind.Class == crdt.Confidential {
		return web.List{}, web.ErrUnlisted
	}
	list := web.List{Items: []web.Item{}}
	if len(found) > limit {
		found = found[:limit]
		list.Next = found[limit-1].ID[:]
	}
	for _, f := range found {
		l, err := o.Listed(kind, f)
		if err != nil {
			return web.List{}, err
		}
		if l.Record.Kind == kind.Name && o.id.Device.MayHold(l.Space) { // else it has changed since it was counted
			list.Items = append(list.Items, o.Item(kind, l))
		}
	}
	return list, nil
}

// Listed reads a record that was counted. It stands in the space of its area, unless its
// area was corrected since it was written.
func (o office) Listed(kind *schema.Kind, f report.Found) (store.Listed, error) {
	own := crdt.Space{Area: f.Area[:min(len(f.Area), kind.Area.Level)], Class: kind.Class}
	l := store.Listed{Space: own, ID: f.ID}
	var err error
	if l.Record, err = o.store.Record(own, f.ID); err != nil || l.Record.Kind != "" {
		return l, err
	}
	for _, sp := range o.store.Spaces() {
		if sp.Space.Class != kind.Class {
			continue
		}
		l.Space = sp.Space
		if l.Record, err = o.store.Record(sp.Space, f.ID); err != nil || l.Record.Kind != "" {
			return l, err
		}
	}
	return l, nil
}

// Item shows a record in a list.
func (o office) Item(kind *schema.Kind, l store.Listed) web.Item { return desk(o).item(kind, l) }

// checkTries is how often records are recounted while they change meanwhile.
const checkTries = 3

// Check recounts all records, and holds every report against that.
func (o office) Check(ctx context.Context) (checked report.Checked, err error) {
	if !o.checking.TryLock() {
		return checked, web.Refusal{Text: schema.Text{Zh: "正在核对，请稍候再试", En: "a check is under way: wait for it and ask again"}}
	}
	defer o.checking.Unlock()
	defer debug.FreeOSMemory() // what was noted is garbage now, and the collector may be long in coming
	began, today := time.Now(), schema.Day(crdt.Int(time.Now().UnixMilli()))
	for range checkTries {
		before, again := o.figures.Changes(), report.NewRecount(o.kinds)
		err = o.store.Walk(func(l store.Listed) bool {
			again.Add(l.ID, l.Record)
			return ctx.Err() == nil
		})
		if err = errors.Join(err, ctx.Err()); err != nil {
			return checked, fmt.Errorf("recounting the records: %w", err)
		}
		checked = o.figures.Check(again, today)
		if checked.Moving = o.figures.Changes() != before; !checked.Moving || len(checked.Differences) == 0 {
			break
		}
	}
	checked.Seconds = time.Since(began).Seconds()
	return checked, nil
}
