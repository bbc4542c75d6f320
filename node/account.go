package node

import (
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// A bounded counter at this desk: what this box's writer may spend of it, and who
// else has rights.

// account earns, spends or hands on.
func (e edit) account(field *schema.Field) (op crdt.Op, complaint schema.Text) {
	var err error
	switch id, kind := e.id, e.kind.Name; {
	case e.To != "":
		to, wrong := crdt.ParseWriter(e.To)
		if wrong != nil || to == e.writer {
			return op, schema.Text{Zh: "请选择转给哪个站", En: "choose the box to hand it to"}
		}
		op, err = e.rec.HandOn(id, kind, field.ID, e.writer, to, e.Plus)
	case e.Plus < 0:
		op, err = e.rec.Spend(id, kind, field.ID, e.writer, -e.Plus)
	default:
		op, err = e.rec.Earn(id, kind, field.ID, e.writer, e.Plus)
	}
	return op, overdrawn(err, e.rec.Cells[field.ID].Ledger(), e.writer)
}

// overdrawn says why an account does not change, and what to do.
func overdrawn(err error, l crdt.Ledger, w crdt.Writer) schema.Text {
	own, all := l.Of(w).Rights(), l.Balance()
	switch {
	case err == nil:
		return schema.Text{}
	case errors.Is(err, crdt.ErrOverdraw) && own < all:
		return schema.Text{
			Zh: fmt.Sprintf("本站只能动用 %d；余额 %d 的其余部分在别的站，请对方转来", own, all),
			En: fmt.Sprintf("this box may use %d; the rest of the %d is at other boxes: ask one to hand it on", own, all),
		}
	case errors.Is(err, crdt.ErrOverdraw):
		return schema.Text{
			Zh: fmt.Sprintf("余额不足，只剩 %d", all),
			En: fmt.Sprintf("the balance does not allow it: %d is left", all),
		}
	}
	return schema.Text{Zh: "数额太大", En: "the amount is too large"}
}

// ledger shows a bounded counter: this box first, then who has an account, then
// who could be handed rights because it writes in this space.
func (d desk) ledger(space crdt.Space, c crdt.Cell) *web.Ledger {
	own, l := d.store.Writer(), c.Ledger()
	out := &web.Ledger{Balance: l.Balance(), Rights: l.Of(own).Rights(), Holders: []web.Holder{}}
	writers := []crdt.Writer{own}
	for _, h := range l {
		writers = append(writers, h.Writer)
	}
	held := d.store.Frontiers(func(s crdt.Space) bool { return s == space })
	for _, w := range append(writers, held[space].Writers()...) {
		name := w.String()
		if slices.ContainsFunc(out.Holders, func(h web.Holder) bool { return h.Writer == name }) {
			continue
		}
		h := d.holder(space, c, l.Of(w))
		h.Here = w == own
		out.Holders = append(out.Holders, h)
	}
	return out
}

func (d desk) holder(space crdt.Space, c crdt.Cell, h crdt.Holder) web.Holder {
	out := web.Holder{
		Writer: h.Writer.String(), Device: d.device(h.Writer.Device()).Name, Rights: h.Rights(),
		Earned: h.Earned, Spent: h.Spent, Overdrawn: h.Overdrawn(), Standing: h.Standing.String(),
	}
	level := wire.AtCounty
	for _, e := range c.Entries {
		if e.Dot.Writer == h.Writer {
			level = min(level, d.store.Level(space, e.Dot))
			out.At, out.Reached = max(out.At, e.Stamp.Millis()), level.String()
		}
	}
	return out
}
