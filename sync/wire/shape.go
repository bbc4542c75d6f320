package wire

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"wangge/crdt"
)

// forms is what was learned of how forms are filled. The forms of a kind name
// the same fields in the same order: such a shape is told once and then named.
type forms struct {
	shapes  []shape
	places  map[string]int // writing: of shapes, by their spelling
	columns map[field]*column
	kinds   []string
	kind    [256]odds
	name    number // of shapes
	groups  number
	row     number
	length  number
	step    number
	types   number
	many    number // replaced dots
	tags    [512]odds
	dots    dots
}

// dots is what was learned of replaced dots.
type dots struct {
	writer [256]odds
	seq    number
	same   odds // the batch is that of the dot before
	told   odds // the record is told by what is replaced
	named  odds // the record is told by some op about it
	any    number
}

// field is what a column's values have in common.
type field struct {
	kind string
	id   crdt.FieldID
	tag  int
}

// shape is what the ops of one record in one form have in common with those of
// others.
type shape struct {
	kind  string
	slots []slot
}

type slot struct {
	field    crdt.FieldID
	merge    crdt.Type
	replaces int
	tag      int // of the value, plus 1; 0 for none
	column   *column
}

const (
	shapesMax = 4096
	opMin     = 5 // bytes of an op in a batch
	dotMin    = 4 // bytes of a replaced dot
)

// shape codes which fields a group of ops writes, and how.
func (p *packer) shape(ops []crdt.Op) shape {
	f := p.forms
	var name string
	place := len(f.shapes)
	if !p.reading {
		name = spelling(ops)
		if known, ok := f.places[name]; ok {
			place = known
		}
	}
	place = int(p.upTo(&f.name, uint64(place), uint64(len(f.shapes)), "a form's shape"))
	if place < len(f.shapes) {
		return f.shapes[place]
	}
	sh := p.newShape(ops)
	if len(f.shapes) < shapesMax {
		f.shapes = append(f.shapes, sh)
		if !p.reading {
			f.places[name] = place
		}
	}
	return sh
}

func (p *packer) newShape(ops []crdt.Op) shape {
	var sh shape
	if !p.reading {
		sh.kind = ops[0].Kind
	}
	sh.kind = p.kindOf(sh.kind)
	ops = sized(p, ops, p.count(&p.forms.length, len(ops), OpsMax, opMin, "a number of ops"))
	if len(ops) == 0 {
		p.fail("a record without ops")
	}
	var last crdt.FieldID
	for i := range ops {
		s := p.slot(sh.kind, last, ops[i])
		last = s.field
		sh.slots = append(sh.slots, s)
	}
	return sh
}

func (p *packer) slot(kind string, last crdt.FieldID, op crdt.Op) slot {
	f := p.forms
	var s slot
	if op.Value != "" {
		s.tag = 1 + int(op.Value[0])
	}
	s.field = last + crdt.FieldID(p.signed(&f.step, int64(op.Field)-int64(last)))
	s.merge = crdt.Type(p.upTo(&f.types, uint64(op.Type), 255, "a merge type"))
	s.replaces = p.count(&f.many, len(op.Replaces), crdt.ReplacesMax, dotMin, "a number of dots")
	s.tag = p.tree(f.tags[:], s.tag, 9)
	if s.tag > 256 {
		p.fail("a value's tag")
	}
	s.column = f.column(field{kind, s.field, s.tag})
	return s
}

func (p *packer) kindOf(kind string) string {
	f := p.forms
	place := slices.Index(f.kinds, kind)
	if place < 0 {
		place = len(f.kinds)
	}
	if place = p.among(&f.kind, place, len(f.kinds)+1); place < len(f.kinds) {
		return f.kinds[place]
	}
	p.speller.begin(columnKind, "")
	if read := p.text(p.speller, kind, kindMax); p.reading {
		kind = read
	}
	if p.reading && (kind == "" || !utf8.ValidString(kind)) {
		p.fail("a kind")
	}
	if len(f.kinds) < 255 {
		f.kinds = append(f.kinds, kind)
	}
	return kind
}

func (f *forms) column(of field) *column {
	if c, ok := f.columns[of]; ok {
		return c
	}
	of2 := of
	if len(f.columns) >= columnsMax {
		of2 = field{}
	}
	c, ok := f.columns[of2]
	if !ok {
		c = &column{number: len(f.columns), seen: map[crdt.Value]int{}}
		f.columns[of2] = c
	}
	return c
}

// spelling returns the shape of ops as text.
func spelling(ops []crdt.Op) string {
	b := []byte(ops[0].Kind)
	for _, op := range ops {
		b = append(binary.AppendUvarint(b, uint64(op.Field)), byte(op.Type))
		b = binary.AppendUvarint(b, uint64(len(op.Replaces)))
		b = append(append(b, op.Value[:min(1, len(op.Value))]...), byte(min(1, len(op.Value))))
	}
	return string(b)
}
