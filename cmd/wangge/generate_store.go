package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema"
)

// fillStore writes the year into a box's store, as the box would have saved it.
func (g *generating) fillStore(ctx context.Context) (err error) {
	if err := g.stopped(); err != nil {
		return err
	}
	o, id, err := g.open()
	if err != nil {
		return err
	}
	if id.Device.Role == policy.Hub {
		return misused("the hub's records come from boxes: give a box's --data, and let the box tell the hub")
	}
	now := g.begin()
	o.Now = func() time.Time { return now }
	o.Author = func(kept []byte) (store.Author, error) {
		if kept == nil {
			return id.NewWriter()
		}
		return id.ReadWriter(kept)
	}
	if err := os.MkdirAll(g.data, 0o700); err != nil {
		return err
	}
	s, err := store.Open(o)
	if err != nil {
		return err
	}
	defer func() {
		if closed := s.Close(); err == nil {
			err = closed
		}
	}()
	return g.into(ctx, s, id, func(ms int64) { now = time.UnixMilli(ms) })
}

// into writes the year into an open store, and sets its clock to when each page was
// saved.
func (g *generating) into(ctx context.Context, s *store.Store, id *policy.Identity, at func(ms int64)) error {
	for box := range g.places {
		forms, err := g.box(box)
		if err != nil {
			return err
		}
		mine, err := g.pages(ctx, s, id, forms, at)
		if err != nil {
			return err
		}
		if mine {
			g.written.Boxes++
		}
	}
	return s.Save(func(d *store.Draft) error { return g.delete(d, g.voids) })
}

// pages writes forms page by page, and reports whether the box may write any.
func (g *generating) pages(ctx context.Context, s *store.Store, id *policy.Identity, forms []yearForm, at func(ms int64)) (mine bool, err error) {
	for len(forms) > 0 {
		page := forms[:min(bulkPage, len(forms))]
		forms = forms[len(page):]
		at(page[len(page)-1].saved)
		wrote, err := g.page(s, id, page)
		if err != nil {
			return mine, err
		}
		mine = mine || wrote
		g.count(page)
		if ctx.Err() != nil {
			return mine, context.Cause(ctx)
		}
	}
	return mine, nil
}

// page saves a page of forms, unless it is there: a page is one commit, so that its
// first record tells of all.
func (g *generating) page(s *store.Store, id *policy.Identity, forms []yearForm) (mine bool, err error) {
	var rows [][]schema.Filled
	var from []yearForm
	for _, f := range forms {
		records, err := g.check(f, id)
		if err != nil {
			return false, err
		}
		if !mayWrite(id, records) {
			g.written.Beyond++
			continue
		}
		rows, from = append(rows, records), append(from, f)
	}
	voids := g.voids
	g.voids = nil
	for i, f := range from {
		if f.void {
			g.voids = append(g.voids, rows[i][len(rows[i])-1])
		}
	}
	for _, records := range rows {
		if own := records[len(records)-1]; len(own.Kind.Identity) == 0 {
			held, err := s.Record(own.Space, own.ID)
			if err != nil || held.Kind != "" {
				g.written.There += len(rows)
				return true, err
			}
			break
		}
	}
	return len(rows) > 0, s.Save(func(d *store.Draft) error {
		for i, records := range rows {
			if err := g.save(d, id, records, from[i]); err != nil {
				return err
			}
		}
		return g.delete(d, voids)
	})
}

func (g *generating) check(f yearForm, id *policy.Identity) ([]schema.Filled, error) {
	filled, problems := g.kinds.Check(f.kind, f.form)
	if len(problems) > 0 {
		return nil, fmt.Errorf("a form of %s that was made up is refused: %w", f.kind, problems)
	}
	made := crdt.RecordID{}
	return filled.Records(id.IdentityKey, func() crdt.RecordID { return made }), nil
}

func mayWrite(id *policy.Identity, records []schema.Filled) bool {
	for _, r := range records {
		if !id.Device.MayWrite(r.Space) {
			return false
		}
	}
	return true
}

// save writes a form's records, and what another said in it apart: who had not seen the
// record made ops of an empty one.
func (g *generating) save(d *store.Draft, id *policy.Identity, records []schema.Filled, f yearForm) error {
	for _, r := range records {
		rec, err := d.Record(r.Space, r.ID)
		if err != nil {
			return err
		}
		if f.twin {
			rec = crdt.Record{}
		}
		d.Write(r.Space, r.Ops(rec, d.Writer())...)
	}
	if f.apart == nil {
		return nil
	}
	other := f
	other.form = cloned(f.form)
	maps.Copy(other.form, f.apart)
	again, err := g.check(other, id)
	if err != nil {
		return err
	}
	own := again[len(again)-1]
	for name := range own.Values {
		if field, _ := own.Kind.FieldByID(name); f.apart[field.Name] == nil {
			delete(own.Values, name)
		}
	}
	d.Write(own.Space, own.Ops(crdt.Record{}, d.Writer())...)
	return nil
}

// delete deletes records of the page before: in their own page nobody sees them yet.
func (g *generating) delete(d *store.Draft, records []schema.Filled) error {
	for _, r := range records {
		rec, err := d.Record(r.Space, r.ID)
		if err != nil {
			return err
		}
		if rec.Fate() != crdt.Dead {
			d.Write(r.Space, rec.Delete(r.ID))
		}
	}
	return nil
}
