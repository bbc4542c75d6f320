package node

import (
	"slices"
	"strings"
	"sync"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
)

// linked knows which records name which by their links. A record says whom it names; who
// names it would have to be looked for in all others. Like the agenda it stands in memory
// alone, at some 40 bytes a link: a county's year has 700,000 of them.
type linked struct {
	mu     sync.Mutex // guards what follows
	kinds  *schema.Registry
	county bool // confidential records are left out, as they are of all that the county shows
	by     map[crdt.RecordID][]naming
	spaces []crdt.Space // by their numbers in naming
	number map[crdt.Space]uint32
}

// naming is a record that names another, in a field.
type naming struct {
	id    crdt.RecordID
	space uint32
	field crdt.FieldID
}

func (l *linked) reset(kinds *schema.Registry, county bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kinds, l.county, l.by, l.spaces, l.number = kinds, county, map[crdt.RecordID][]naming{}, nil, map[crdt.Space]uint32{}
}

// change puts a record as it is now in place of what it was.
func (l *linked) change(space crdt.Space, id crdt.RecordID, before, after crdt.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kinds == nil || l.county && space.Class == crdt.Confidential {
		return
	}
	n, known := l.number[space]
	if !known {
		n = uint32(len(l.spaces))
		l.number[space], l.spaces = n, append(l.spaces, space)
	}
	l.each(before, func(to crdt.RecordID, f crdt.FieldID) {
		rest := slices.DeleteFunc(l.by[to], func(other naming) bool { return other == naming{id, n, f} })
		if l.by[to] = rest; len(rest) == 0 {
			delete(l.by, to)
		}
	})
	l.each(after, func(to crdt.RecordID, f crdt.FieldID) { l.by[to] = append(l.by[to], naming{id, n, f}) })
}

// each yields what a living record names by fields that are not sealed.
func (l *linked) each(rec crdt.Record, yield func(to crdt.RecordID, f crdt.FieldID)) {
	k, ok := l.kinds.Kind(rec.Kind)
	if !ok || rec.Fate() == crdt.Dead {
		return
	}
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.To == "" || f.Sealed {
			continue
		}
		for _, v := range f.Shown(rec.Cells[f.ID]) {
			if to, ok := v.Ref(); ok {
				yield(to, f.ID)
			}
		}
	}
}

// naming returns the first so many that name a record, each with its space, and how many
// others do.
func (l *linked) naming(id crdt.RecordID, most int) (some []naming, spaces []crdt.Space, more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	some = slices.Clone(l.by[id])
	slices.SortFunc(some, func(a, b naming) int { return b.id.Compare(a.id) }) // the latest made first
	n := min(len(some), most)
	some, more = some[:n], len(some)-n
	for _, one := range some {
		spaces = append(spaces, l.spaces[one.space])
	}
	return some, spaces, more
}

// linkedMax is how many records that name one are listed.
const linkedMax = 50

// addLinks says of a record what the records are called that it names and that are here, and
// which name it.
func (d desk) addLinks(out *web.Record, k *schema.Kind, space crdt.Space, id crdt.RecordID, rec crdt.Record) {
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.To == "" || d.withholds(f) {
			continue
		}
		for _, v := range f.Shown(rec.Cells[f.ID]) {
			if to, ok := v.Ref(); ok {
				if named, found := d.findLinked(f.To, space, to); found {
					out.Links = append(out.Links, named)
				}
			}
		}
	}
	some, spaces, more := d.linked.naming(id, linkedMax)
	out.NamedMore = more
	for i, n := range some {
		if named, by, ok := d.titled(spaces[i], n.id); ok {
			one := web.Naming{Named: named}
			if f, ok := by.FieldByID(n.field); ok {
				one.Field = f.Title
			}
			out.NamedBy = append(out.NamedBy, one)
		}
	}
}

// findLinked finds a record that one in a space names: in the space of its kind that lies
// there, else in any.
func (d desk) findLinked(kind string, from crdt.Space, id crdt.RecordID) (web.Named, bool) {
	to, ok := d.kinds.Kind(kind)
	if !ok || d.isHub() && to.Class == crdt.Confidential {
		return web.Named{}, false
	}
	own := crdt.Space{Area: from.Area[:min(len(from.Area), to.Area.Level)], Class: to.Class}
	if named, _, ok := d.titled(own, id); ok {
		return named, true
	}
	for _, sp := range d.store.Spaces() {
		if sp.Space.Class != to.Class || sp.Space == own {
			continue
		}
		if named, _, ok := d.titled(sp.Space, id); ok {
			return named, true
		}
	}
	return web.Named{}, false
}

// titled returns what a record that is here is called: as its own page shows it, which at the
// hub is masked.
func (d desk) titled(space crdt.Space, id crdt.RecordID) (web.Named, *schema.Kind, bool) {
	rec, err := d.store.Record(space, id)
	k, known := d.kinds.Kind(rec.Kind)
	if err != nil || !known || !d.id.Device.MayHold(space) && d.isHub() {
		return web.Named{}, nil, false
	}
	named := d.called(space, id)
	words := d.names(k, rec)
	if when, ok := k.Field(k.When); ok && !when.Guarded {
		words = strings.TrimPrefix(words+" · "+schema.Day(when.Winner(k.Calculate(rec).Cells[when.ID])), " · ")
		words = strings.TrimSuffix(words, " · ")
	}
	if words != "" {
		named.Words = schema.Text{Zh: k.Title.Zh + " · " + words, En: k.Title.En + " · " + words}
	}
	return named, k, true
}

// titleParts is how many texts make a record's title at most.
const titleParts = 2

// names returns what a record says of whom or what it is: its first texts, or those that
// mark a person.
func (d desk) names(k *schema.Kind, rec crdt.Record) string {
	var words []string
	rec = k.Calculate(rec)
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Sealed || f.Multiline || f.Merge != crdt.Register || f.Type != schema.TypeText || len(words) == titleParts {
			continue
		}
		v := f.Winner(rec.Cells[f.ID])
		text, _ := v.Text()
		if text != "" && d.isHub() && k.Masks(f) {
			text = f.Mask(v)
		}
		if text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, " · ")
}
