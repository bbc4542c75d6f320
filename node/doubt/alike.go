package doubt

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"wangge/crdt"
	"wangge/schema"
)

// Two records are compared where they stand in one block: records of one kind and space that
// share a value by which the kind says they may be alike, or, where it names none, a name or
// one with a character less. A name that differs in one character shares such a rest
// (Garbe's symmetric deletes).

const (
	// crowd is how many records of a block are compared with each other at most: what more
	// share tells nobody apart.
	crowd = 24
	// pairsMax is how many pairs are told of.
	pairsMax = 500
	// nearFrom is from how many characters on a name may differ in one, and nearAgreed where
	// something else agrees.
	nearFrom, nearAgreed = 4, 3
)

// Pair is two records that may be one, the first by its place before the other, and why:
// their names are the same or nearly so, and the fields that agree.
type Pair struct {
	Kind       string
	One, Other Ref
	Same       bool     // the names; else they are nearly so
	By         []string // names of fields
}

func (p Pair) compare(o Pair) int { return cmp.Or(p.One.compare(o.One), p.Other.compare(o.Other)) }

// likeness finds records that may be one.
type likeness struct {
	seed    maphash.Seed
	records map[Ref]*record
	blocks  map[uint64][]*record
	found   []Pair // of the last look
	more    bool
	crowded int
	changed bool // since the last look
}

// record is what is compared of one.
type record struct {
	ref  Ref
	kind *schema.Kind
	name string
	by   []string // values, of the kind's fields in their order; "" is nothing
}

func newLikeness() likeness {
	return likeness{seed: maphash.MakeSeed(), records: map[Ref]*record{}, blocks: map[uint64][]*record{}}
}

func (l *likeness) put(ref Ref, k *schema.Kind, rec crdt.Record) {
	now := read(ref, k, rec)
	if was := l.records[ref]; was != nil {
		if was.kind == k && was.name == now.name && slices.Equal(was.by, now.by) {
			return
		}
		l.drop(ref)
	}
	if now.name == "" {
		return
	}
	l.changed, l.records[ref] = true, now
	for _, key := range l.keys(now) {
		l.blocks[key] = append(l.blocks[key], now)
	}
}

func (l *likeness) drop(ref Ref) {
	was := l.records[ref]
	if was == nil {
		return
	}
	l.changed = true
	delete(l.records, ref)
	for _, key := range l.keys(was) {
		rest := slices.DeleteFunc(l.blocks[key], func(r *record) bool { return r == was })
		if l.blocks[key] = rest; len(rest) == 0 {
			delete(l.blocks, key)
		}
	}
}

// read takes of a record what is compared.
func read(ref Ref, k *schema.Kind, rec crdt.Record) *record {
	text := func(name string) string {
		f, ok := k.Field(name)
		if !ok {
			return ""
		}
		text, _ := f.Winner(rec.Cells[f.ID]).Text()
		if f.Type == schema.TypeResidentID {
			who, _ := schema.ParseResident(text)
			return strings.Clone(who.Birth)
		}
		return strings.Clone(plain(text)) // which is a part of the record
	}
	r := &record{ref: ref, kind: k, name: text(k.Alike.Name)}
	for _, by := range k.Alike.By {
		r.by = append(r.by, text(by))
	}
	return r
}

// plain leaves out what people write or leave out as they like.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// keys names the blocks in which a record stands, each once.
func (l *likeness) keys(r *record) []uint64 {
	var all []uint64
	add := func(part, value string) {
		key := maphash.String(l.seed, strings.Join([]string{r.kind.Name, r.ref.Space.String(), part, value}, "\x00"))
		if !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	for i, value := range r.by {
		if value != "" {
			add(r.kind.Alike.By[i], value)
		}
	}
	if len(r.by) > 0 {
		return all
	}
	add("", r.name)
	if letters := []rune(r.name); len(letters) >= nearFrom {
		for i := range letters {
			add("", string(letters[:i])+string(letters[i+1:]))
		}
	}
	return all
}

// pairs returns the pairs that are likely duplicates.
func (l *likeness) pairs() ([]Pair, bool, int) {
	if !l.changed {
		return l.found, l.more, l.crowded
	}
	l.found, l.more, l.crowded, l.changed = nil, false, 0, false
	seen := map[[2]Ref]bool{}
	for _, block := range l.blocks {
		if len(block) > crowd {
			l.crowded++
			continue
		}
		for i, a := range block {
			for _, b := range block[:i] {
				p, ok := judge(a, b)
				if !ok || seen[[2]Ref{p.One, p.Other}] {
					continue
				}
				seen[[2]Ref{p.One, p.Other}] = true
				l.found = append(l.found, p)
			}
		}
		if len(l.found) > 4*pairsMax { // there is more than enough to do
			l.more = true
			break
		}
	}
	slices.SortFunc(l.found, Pair.compare)
	if len(l.found) > pairsMax {
		l.found, l.more = l.found[:pairsMax:pairsMax], true
	}
	return l.found, l.more, l.crowded
}

// judge says whether two records may be one, and why.
func judge(a, b *record) (Pair, bool) {
	if a.kind != b.kind || a.ref.Space != b.ref.Space {
		return Pair{}, false // two blocks of one hash
	}
	if a.ref.compare(b.ref) > 0 {
		a, b = b, a
	}
	p := Pair{Kind: a.kind.Name, One: a.ref, Other: b.ref, Same: a.name == b.name}
	for i, value := range a.by {
		if value != "" && value == b.by[i] {
			p.By = append(p.By, a.kind.Alike.By[i])
		}
	}
	if len(a.by) > 0 && len(p.By) == 0 {
		return p, false
	}
	least := nearFrom
	if len(p.By) > 0 {
		least = nearAgreed
	}
	return p, p.Same || near([]rune(a.name), []rune(b.name), least)
}

// near reports whether two names of at least so many characters differ in one: it is
// another, or one of them lacks it.
func near(a, b []rune, least int) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < least || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return slices.Equal(a[min(i+1, len(a)):], b[min(i+1, len(b)):])
	}
	return slices.Equal(a[i:], b[i+1:])
}
