package node

import (
	"wangge/crdt"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// undecidedReach is how many records are looked through for one page: with a cursor the
// next request goes on behind them.
const undecidedReach = 20_000

// Decidable lists the fields that the county gives, as they stand in the kinds.
func (o officials) Decidable() []web.Decidable {
	var all []web.Decidable
	for i := range o.kinds.Kinds() {
		kind := &o.kinds.Kinds()[i]
		for j := range kind.Fields {
			f := &kind.Fields[j]
			if !f.Decided() {
				continue
			}
			all = append(all, web.Decidable{Kind: kind.Name, Field: f.Name, Title: kind.Title, Asked: f.Title, Way: f.Decide.Way(), Waiting: o.registrar.Waiting(kind, f)})
		}
	}
	return all
}

// Undecided lists the living records to which a field may be given, or which have it.
func (o officials) Undecided(kind, field string, given bool, cursor []byte, limit int) (web.Undecided, error) {
	page := web.Undecided{Items: []web.Case{}}
	k, ok := o.kinds.Kind(kind)
	if !ok {
		return page, web.ErrMissing
	}
	f, ok := k.Field(field)
	if !ok || !f.Decided() {
		return page, web.ErrMissing
	}
	if k.Class == crdt.Confidential {
		return page, web.ErrUnlisted
	}
	var found []store.Listed
	var last []byte
	looked := 0
	err := o.store.Recent(kind, cursor, func(l store.Listed, next []byte) bool {
		if len(found) == limit || looked == undecidedReach {
			page.Next = last
			return false
		}
		looked, last = looked+1, next
		if l.Record.Fate() != crdt.Dead && given == (len(l.Record.Cells[f.ID].Entries) > 0) && o.open(k, f, l.Record) {
			found = append(found, l)
		}
		return true
	})
	for _, l := range found { // the file is looked at no more
		page.Items = append(page.Items, o.undecided(k, f, l))
	}
	return page, err
}

// open reports whether there is something to decide: of what goes to the first, once
// somebody stands for it.
func (o officials) open(k *schema.Kind, f *schema.Field, rec crdt.Record) bool {
	return f.Decide.First == "" || len(k.Candidates(f, rec)) > 0
}

// undecided shows a record with those who stand for its field.
func (o officials) undecided(k *schema.Kind, f *schema.Field, l store.Listed) web.Case {
	c := web.Case{Item: desk(o).item(k, l), Given: []web.Version{}}
	if f.Sealed {
		return c
	}
	cell := l.Record.Cells[f.ID]
	if !f.Guarded {
		c.Given = append(c.Given, desk(o).field(l.Space, f, cell).Versions...)
	} else if len(cell.Entries) > 0 {
		c.Given = append(c.Given, web.Version{Value: f.Mask(f.Winner(cell))})
	}
	of, _ := k.Field(f.Decide.First)
	for _, e := range k.Candidates(f, l.Record) {
		one := web.Candidate{Key: e.Dot.String(), Value: schema.Show(e.Value), Device: o.device(e.Dot.Writer.Device()).Name, At: e.Stamp.Millis()}
		if of.Guarded {
			one.Value = of.Mask(e.Value)
		}
		one.Record = o.named(of, l.Space, e.Value)
		c.Candidates = append(c.Candidates, one)
	}
	return c
}

// named returns the record that a link names, as a list shows it; nil where it is not here.
func (o officials) named(link *schema.Field, space crdt.Space, v crdt.Value) *web.Item {
	id, isLink := v.Ref()
	to, known := o.kinds.Kind(link.To)
	if !isLink || !known || to.Class == crdt.Confidential {
		return nil
	}
	l, err := office(o).Listed(to, report.Found{ID: id, Area: space.Area})
	if err != nil || l.Record.Kind != to.Name {
		return nil
	}
	item := desk(o).item(to, l)
	return &item
}
