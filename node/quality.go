package node

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wangge/crdt"
	"wangge/node/doubt"
	"wangge/node/web"
	"wangge/schema"
)

var _ web.Inspector = office{}

// Doubtful tells what the records of this replica leave to people. What is doubtful is
// known as records change; only what is listed is read.
func (o office) Doubtful(context.Context) (web.Doubtful, error) {
	found := o.doubts.Look()
	d := web.Doubtful{Alike: []web.Alike{}, Crowded: found.Crowded}
	for _, sp := range o.store.Spaces() {
		d.Records += int(sp.Records)
	}
	for _, part := range []struct {
		list doubt.List
		to   *web.Doubt
	}{{found.Conflicts, &d.Conflicts}, {found.Disputed, &d.Disputed}, {found.Twins, &d.Twins}, {found.Unsound, &d.Unsound}} {
		*part.to = web.Doubt{Count: part.list.Count, Items: []web.Item{}}
		for _, ref := range part.list.First {
			item, _, ok, err := o.doubted(ref)
			if err != nil {
				return d, err
			}
			if ok {
				part.to.Items = append(part.to.Items, item)
			}
		}
	}
	return d, errors.Join(o.addAstray(&d, found.Astray), o.addEarly(&d, found.Early), o.addAgreed(&d, found.Agreed), o.addAlike(&d, found))
}

// alikeMax is how many pairs are listed.
const alikeMax = 50

// addAlike adds the pairs that may be one and that nobody has put aside, of confidential
// kinds the number alone.
func (o office) addAlike(d *web.Doubtful, found doubt.Found) error {
	asides, err := o.store.Asides()
	if err != nil {
		return err
	}
	aside := map[string]bool{}
	for _, a := range asides {
		aside[a.ID] = true
	}
	d.AlikeMore = found.More
	for _, p := range found.Alike {
		id := alikeID(p)
		if aside[id] {
			continue
		}
		kind, known := o.kinds.Kind(p.Kind)
		if d.AlikeCount++; !known || kind.Class == crdt.Confidential || len(d.Alike) == alikeMax {
			continue
		}
		one, _, ok, err := o.doubted(p.One)
		other, _, ok2, err2 := o.doubted(p.Other)
		if err != nil || err2 != nil {
			return fmt.Errorf("reading records that may be one: %w, %w", err, err2)
		}
		if ok && ok2 {
			d.Alike = append(d.Alike, web.Alike{ID: id, Why: why(kind, p), Items: []web.Item{one, other}})
		}
	}
	return nil
}

// alikeID names a pair by its records, so that what was put aside of it stays so.
func alikeID(p doubt.Pair) string {
	return troubleID("alike", p.One.Space.String(), p.One.ID.String(), p.Other.Space.String(), p.Other.ID.String())
}

// why says in what two records agree. What they say stays masked.
func why(k *schema.Kind, p doubt.Pair) schema.Text {
	same := func(name string) schema.Text {
		f, _ := k.Field(name)
		if f.Type == schema.TypeResidentID {
			return schema.Text{Zh: "出生日期", En: "day of birth"}
		}
		return schema.Text{Zh: f.Title.Zh, En: strings.ToLower(f.Title.En)}
	}
	name := same(k.Alike.Name)
	zh, en := []string{name.Zh + "相同"}, []string{"the same " + name.En}
	if !p.Same {
		zh, en = []string{name.Zh + "只差一字"}, []string{"nearly the same " + name.En}
	}
	for _, by := range p.By {
		field := same(by)
		zh, en = append(zh, field.Zh+"相同"), append(en, "the same "+field.En)
	}
	return schema.Text{Zh: strings.Join(zh, "，"), En: strings.Join(en, ", ")}
}

// alikeTrouble returns what is put aside with a pair that may be one, as a trouble; false if
// there is no such pair.
func (n *node) alikeTrouble(id string) (web.Trouble, bool) {
	if n.doubts == nil || !strings.HasPrefix(id, "alike-") {
		return web.Trouble{}, false
	}
	for _, p := range n.doubts.Look().Alike {
		if kind, known := n.kinds.Kind(p.Kind); known && alikeID(p) == id {
			where := n.areaName(p.One.Space.Area)
			return web.Trouble{ID: id, What: schema.Text{
				Zh: fmt.Sprintf("可能重复的%s（%s）：%s 与 %s", kind.Title.Zh, where, p.One.ID.String()[:8], p.Other.ID.String()[:8]),
				En: fmt.Sprintf("%s that may be one (%s): %s and %s", kind.Title.En, where, p.One.ID.String()[:8], p.Other.ID.String()[:8]),
			}}, true
		}
	}
	return web.Trouble{}, false
}
