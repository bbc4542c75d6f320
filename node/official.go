package node

import (
	"context"
	"errors"
	"slices"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/schema"
)

// An official of the county makes the records that the county decides, at any replica.
// What they write is an ordinary batch by a writer that lives for it alone: nobody else
// ever signs in its streams. Beside it, in the space of the county alone, stands who it
// was and why.

// official is the desk of somebody who writes in the county's name.
type official struct {
	desk
	web.Signed
}

var _ web.Desk = official{}

// officials is what a hub replica offers to them.
type officials struct{ *node }

var _ web.Officials = officials{}

// Desk opens the desk of one of them.
func (o officials) Desk(s web.Signed) web.Desk { return official{desk(o), s} }

// decided returns a kind that the county decides.
func (o official) decided(kind string) (*schema.Kind, error) {
	k, ok := o.kinds.Kind(kind)
	if !ok || !k.Decide {
		return nil, web.ErrMissing
	}
	return k, nil
}

// List is that of a box, for the county's own kinds.
func (o official) List(kind string, cursor []byte, limit int) (web.List, error) {
	if _, err := o.decided(kind); err != nil {
		return web.List{}, err
	}
	return o.desk.List(kind, cursor, limit)
}

// Waiting is empty: what an official wrote is at the county.
func (o official) Waiting(kind string, _ []byte, _ int) (web.List, error) {
	_, err := o.decided(kind)
	return web.List{Items: []web.Item{}}, err
}

// Record is that of a box, as far as the county shows it.
func (o official) Record(name web.Name) (web.Record, error) {
	if err := o.mayShow(name.Kind); err != nil {
		return web.Record{}, err
	}
	return o.desk.Record(name)
}

// Save checks a filled form and has it committed.
func (o official) Save(kind string, form map[string]any) ([]web.Name, error) {
	outcomes, records, err := o.take(kind, []map[string]any{form}, mintID)
	if err != nil {
		return nil, err
	}
	if len(outcomes[0].Problems) > 0 {
		return nil, outcomes[0].Problems
	}
	r := records[0]
	return []web.Name{{Kind: r.Kind.Name, Space: r.Space.String(), ID: r.ID.String()}}, nil
}

// Import takes a list, many lines in one commit. A line of which the record is here
// already changes it to what the line says.
func (o official) Import(kind string, forms []map[string]any) ([]web.Outcome, error) {
	outcomes, _, err := o.take(kind, forms, nil)
	return outcomes, err
}

// take checks forms and has them committed, with an outcome and a record for each.
// Without mint a record that the form does not name is named by what it says.
func (o official) take(kind string, forms []map[string]any, mint func() crdt.RecordID) (outcomes []web.Outcome, records []schema.Filled, err error) {
	outcomes, records = make([]web.Outcome, len(forms)), make([]schema.Filled, len(forms))
	s, err := o.sheet()
	if err != nil {
		return nil, nil, err
	}
	for i, form := range forms {
		named := mint
		if named == nil {
			named = func() crdt.RecordID { return o.contentID(kind, form) }
		}
		filled, err := o.fill(kind, form, named)
		var problems schema.Problems
		if errors.As(err, &problems) {
			outcomes[i] = web.Outcome{State: lineRefused, Problems: problems}
			continue
		}
		if err == nil {
			records[i] = filled[len(filled)-1]
			outcomes[i], err = s.put(records[i])
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return outcomes, records, s.send()
}

// Edit changes fields of a record, or deletes or restores it.
func (o official) Edit(name web.Name, edits []web.Edit) error {
	kind, err := o.decided(name.Kind)
	if err != nil {
		return err
	}
	if err := o.current(); err != nil { // so that it replaces what another replica wrote before
		return err
	}
	space, id, rec, err := o.find(name)
	if err != nil {
		return err
	}
	s, err := o.sheet()
	if err != nil {
		return err
	}
	var ops []crdt.Op
	var problems schema.Problems
	for i, e := range edits {
		edit := edit{e, s.writer.Name(), kind, id, rec, edits}
		op, complaint := edit.op()
		again := func(other web.Edit) bool { return other.Field == e.Field && other.Set != nil && e.Set != nil }
		if slices.ContainsFunc(edits[:i], again) {
			complaint = schema.Text{Zh: "一次只能改一次", En: "change a field once in a request"}
		}
		if !complaint.Empty() {
			problems = append(problems, schema.Problem{Field: e.Field, Text: complaint})
		} else if op.Value != "" || len(op.Replaces) > 0 { // else it changes nothing
			ops = append(ops, op)
		}
	}
	if len(problems) > 0 {
		return problems
	}
	if len(ops) == 0 {
		return nil // it says so already
	}
	w := written{Kind: kind.Name}
	if len(edits) == 1 && edits[0].Set != nil {
		w.Field, w.Value = edits[0].Field, edits[0].Set
	}
	return s.write(w, map[crdt.Space][]crdt.Op{space: ops}, name)
}

// current waits until this replica has applied all that is committed.
func (n *node) current() error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	return unsure(n.hub.Current(ctx))
}

// unsure says in words that nobody could tell whether something was committed.
func unsure(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return web.Refusal{Text: schema.Text{
			Zh: "县里多数副本此刻没有应答，不知道写入没有；请看一下列表，没有就再写一次，不会重复",
			En: "a majority of the county's replicas does not answer now, and whether it was written is not known: look at the list, and write it again if it is not there",
		}}
	}
	return err
}

// sheet gathers what an official writes until it fills a batch.
type sheet struct {
	official
	writer *policy.Writer
	kind   string
	ops    map[crdt.Space][]crdt.Op
	names  []web.Name
	held   map[crdt.RecordID]bool
	size   int
}

// sheetMax is about how many bytes are committed at once: a batch holds twice as much.
const sheetMax = 30_000

func (o official) sheet() (*sheet, error) {
	w, err := o.id.NewWriter()
	if err != nil {
		return nil, err
	}
	return &sheet{official: o, writer: w, ops: map[crdt.Space][]crdt.Op{}, held: map[crdt.RecordID]bool{}}, nil
}

// put adds what a form says and its record does not. A record that the sheet holds
// already is sent first: the form must see it as it will be.
func (s *sheet) put(f schema.Filled) (web.Outcome, error) {
	if s.held[f.ID] || s.size > sheetMax {
		if err := s.send(); err != nil {
			return web.Outcome{}, err
		}
	}
	rec, err := s.store.Record(f.Space, f.ID)
	if err != nil {
		return web.Outcome{}, err
	}
	if problems := f.Steps(rec); len(problems) > 0 {
		return web.Outcome{State: lineRefused, Problems: problems}, nil
	}
	ops := f.Ops(rec, s.writer.Name())
	if len(ops) == 0 {
		return web.Outcome{State: lineKnown}, nil
	}
	s.kind, s.held[f.ID] = f.Kind.Name, true
	s.ops[f.Space] = append(s.ops[f.Space], ops...)
	s.names = append(s.names, web.Name{Kind: f.Kind.Name, Space: f.Space.String(), ID: f.ID.String()})
	for _, op := range ops {
		s.size += len(op.Kind) + len(op.Value) + 20*len(op.Replaces) + 40
	}
	if rec.Kind != "" {
		return web.Outcome{State: lineChanged}, nil
	}
	return web.Outcome{State: lineNew}, nil
}

// send has the sheet committed, and begins another.
func (s *sheet) send() error {
	if len(s.names) == 0 {
		return nil
	}
	err := s.write(written{Kind: s.kind}, s.ops, s.names...)
	s.ops, s.names, s.held, s.size = map[crdt.Space][]crdt.Op{}, nil, map[crdt.RecordID]bool{}, 0
	return err
}

// write has ops committed, with who wrote them, and waits until this replica holds them.
func (s *sheet) write(w written, ops map[crdt.Space][]crdt.Op, names ...web.Name) error {
	note, err := s.note(w, names)
	if err != nil {
		return err
	}
	ops[policy.CountyAlone()] = append(ops[policy.CountyAlone()], note)
	chunk, err := s.store.Draw(s.writer, ops)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	answer, err := s.hub.Propose(ctx, entryOf(chunk))
	if err != nil {
		return unsure(err)
	}
	_, refusals, err := readAnswer(answer)
	if err == nil && len(refusals) > 0 {
		err = errors.New(refusals[0].Reason)
	}
	if err != nil {
		return err
	}
	s.log.Info("the county's own records were written", "by", s.By, "kind", w.Kind, "records", len(names), "field", w.Field, "writer", s.writer.Name().String())
	return unsure(s.hub.Current(ctx))
}
