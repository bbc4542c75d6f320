package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
)

// handMax bounds what is given at once, in bytes.
const handMax = 64 << 10

// Decide writes what an official decided: a field that is given by hand, one candidate in
// the place of another, or a field of a record of the county's own.
func (o officials) Decide(_ context.Context, h web.Hand) error {
	if problems := h.Check(); len(problems) > 0 {
		return problems
	}
	kind, ok := o.kinds.Kind(h.Record.Kind)
	if !ok {
		return fault("kind", "本机没有这种表单："+h.Record.Kind, "there is no kind "+h.Record.Kind+" here")
	}
	by := official{desk(o), h.Signed}
	if kind.Decide {
		return by.Edit(h.Record, []web.Edit{{Field: h.Field, Set: typed(kind, h)}})
	}
	if err := o.current(); err != nil { // so that it replaces what another replica wrote before
		return err
	}
	space, id, rec, err := by.find(h.Record)
	if errors.Is(err, web.ErrMissing) {
		return fault("record", "县里没有这条记录", fmt.Sprintf("the county has no record %s/%s/%s", h.Record.Kind, h.Record.Space, h.Record.ID))
	}
	if err != nil {
		return err
	}
	field, value, err := read(kind, rec, h)
	if err != nil {
		return err
	}
	op := rec.Assign(id, rec.Kind, field.ID, value)
	if op.Value == "" && len(op.Replaces) == 0 {
		return nil // it is empty already
	}
	s, err := by.sheet()
	if err != nil {
		return err
	}
	said := any("")
	if value != "" {
		said = schema.Show(value)
	}
	return s.write(written{Kind: kind.Name, Field: h.Field, Value: said}, map[crdt.Space][]crdt.Op{space: {op}}, h.Record)
}

func fault(at, zh, en string) schema.Problems {
	return schema.Problems{{Field: at, Text: schema.Text{Zh: zh, En: en}}}
}

// read returns what is decided as the field's type wants it, and refuses what officials
// do not decide.
func read(kind *schema.Kind, rec crdt.Record, h web.Hand) (*schema.Field, crdt.Value, error) {
	field, ok := kind.Field(h.Field)
	if !ok || !field.Decide.Hand && field.Decide.First == "" {
		return nil, "", fault(h.Field, "这一项不由人工裁定", kind.Name+"."+h.Field+" is not decided by hand: only fields with decide: {hand: true} or {first: …} are")
	}
	value, complaint := crdt.Value(""), schema.Text{}
	if h.Candidate == "" {
		values, wrong := field.Read(typed(kind, h))
		value, complaint = append(values, "")[0], wrong
	}
	if field.Decide.First != "" && complaint.Empty() {
		value, complaint = elected(kind.Candidates(field, rec), h.Candidate, value)
	}
	if !complaint.Empty() {
		return nil, "", fault(h.Field, complaint.Zh, kind.Name+"."+h.Field+": "+complaint.En)
	}
	return field, value, nil
}

// elected returns the candidate that has a key, or a value.
func elected(all []crdt.Entry, key string, value crdt.Value) (crdt.Value, schema.Text) {
	i := slices.IndexFunc(all, func(e crdt.Entry) bool { return e.Dot.String() == key || key == "" && e.Value == value })
	if i < 0 {
		return "", schema.Text{Zh: "请从登记的人选里选一个", En: "pick one of those who stand for it"}
	}
	return all[i].Value, schema.Text{}
}

// typed returns the value as a form has it: a command gives all as text, in which a number
// or a yes is written as in a form's JSON.
func typed(kind *schema.Kind, h web.Hand) any {
	field, ok := kind.Field(h.Field)
	text, plain := h.Value.(string)
	if !ok || !plain {
		return h.Value
	}
	if _, complaint := field.Read(text); !complaint.Empty() {
		var v any
		if json.Unmarshal([]byte(text), &v) == nil {
			return v
		}
	}
	return text
}

// takeHand answers the command on this machine by which an official decides.
func (n *node) takeHand(w http.ResponseWriter, r *http.Request) {
	if !n.isHub() {
		http.Error(w, "the county decides at a replica of the hub: run the command there", http.StatusConflict)
		return
	}
	var h web.Hand
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, handMax)).Decode(&h); err != nil {
		http.Error(w, "what was decided cannot be read: "+err.Error(), http.StatusConflict)
		return
	}
	if err := (officials{n}).Decide(r.Context(), h); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
	}
}

// Decide has the replica of the hub that runs in a data folder write what an official
// decided. It is written once this returns without error.
func Decide(ctx context.Context, data string, h web.Hand) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	answer, err := askWith(ctx, data, http.MethodPost, "/decide", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return errors.Join(err, answer.Body.Close())
}
