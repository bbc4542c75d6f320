package web_test

import (
	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
)

// deal earns, spends or hands on at the fake box.
func (b *box) deal(n web.Name, f *schema.Field, e web.Edit) error {
	record, own := b.records[n], crdt.NewWriter(east, 0)
	var op crdt.Op
	var err error
	switch to, _ := crdt.ParseWriter(e.To); {
	case e.To != "":
		op, err = record.HandOn(crdt.RecordID{}, n.Kind, f.ID, own, to, e.Plus)
	case e.Plus < 0:
		op, err = record.Spend(crdt.RecordID{}, n.Kind, f.ID, own, -e.Plus)
	default:
		op, err = record.Earn(crdt.RecordID{}, n.Kind, f.ID, own, e.Plus)
	}
	if err != nil {
		return schema.Problems{{Field: f.Name, Text: schema.Text{Zh: "余额不足", En: "the balance does not allow it"}}}
	}
	b.apply(n, east, op)
	return nil
}

func (b *box) ledger(cell crdt.Cell) *web.Ledger {
	l := cell.Ledger()
	own := crdt.NewWriter(east, 0)
	shown := &web.Ledger{Balance: l.Balance(), Rights: l.Of(own).Rights()}
	for _, w := range []crdt.Writer{own, crdt.NewWriter(west, 0)} {
		h := l.Of(w)
		holder := web.Holder{Writer: w.String(), Device: deviceName(w), Here: w == own, Rights: h.Rights(), Earned: h.Earned, Spent: h.Spent, Standing: h.Standing.String()}
		for _, e := range cell.Entries {
			if e.Dot.Writer == w {
				holder.At, holder.Reached = e.Stamp.Millis(), "saved"
			}
		}
		shown.Holders = append(shown.Holders, holder)
	}
	return shown
}
