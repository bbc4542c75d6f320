package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"wangge/crdt"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// Hand is what an official gives a field that the county decides by hand.
type Hand struct {
	Record web.Name `json:"record"`
	Field  string   `json:"field"`
	Value  string   `json:"value"` // as a person types it; "" empties the field
	By     string   `json:"by"`
}

// handMax bounds what is given at once, in bytes; byMax the name of who gives it.
const (
	handMax = 64 << 10
	byMax   = 100
)

// give writes what an official decided, in the county's name, by a writer that lives for
// this alone: nobody else ever signs in its streams. Who it was stands in this replica's
// log, beside the writer that the record's history names.
func (n *node) give(ctx context.Context, h Hand) error {
	if strings.TrimSpace(h.By) == "" || len(h.By) > byMax {
		return fmt.Errorf("say who decides it, in at most %d bytes", byMax)
	}
	if err := n.hub.Current(ctx); err != nil { // so that it replaces what another replica wrote before
		return err
	}
	space, id, rec, err := desk{n}.find(h.Record)
	if errors.Is(err, web.ErrMissing) {
		return fmt.Errorf("the county has no record %s/%s/%s", h.Record.Kind, h.Record.Space, h.Record.ID)
	}
	if err != nil {
		return err
	}
	field, value, err := n.readHand(h)
	if err != nil {
		return err
	}
	op := rec.Assign(id, rec.Kind, field.ID, value)
	if op.Value == "" && len(op.Replaces) == 0 {
		return nil // it is empty already
	}
	w, err := n.id.NewWriter()
	if err != nil {
		return err
	}
	chunk, err := n.store.Draw(w, map[crdt.Space][]crdt.Op{space: {op}})
	if err != nil {
		return err
	}
	answer, err := n.hub.Propose(ctx, wire.Encode(chunk))
	if err != nil {
		return err
	}
	_, refusals, err := readAnswer(answer)
	if err == nil && len(refusals) > 0 {
		err = errors.New(refusals[0].Reason)
	}
	if err == nil {
		n.log.Info("a field was decided by hand", "by", h.By, "kind", rec.Kind, "record", id.String(), "field", h.Field, "writer", w.Name().String())
	}
	return err
}

// readHand reads the value as the field's type wants it, and refuses what is not decided
// by hand. A number or a yes is written as in a form's JSON.
func (n *node) readHand(h Hand) (*schema.Field, crdt.Value, error) {
	kind, ok := n.kinds.Kind(h.Record.Kind)
	if !ok {
		return nil, "", fmt.Errorf("there is no kind %s here", h.Record.Kind)
	}
	field, ok := kind.Field(h.Field)
	if !ok || !field.Decide.Hand {
		return nil, "", fmt.Errorf("%s.%s is not decided by hand: only fields with decide: {hand: true} are", kind.Name, h.Field)
	}
	values, complaint := field.Read(h.Value)
	var typed any
	if !complaint.Empty() && json.Unmarshal([]byte(h.Value), &typed) == nil {
		values, complaint = field.Read(typed)
	}
	if !complaint.Empty() {
		return nil, "", fmt.Errorf("%s.%s: %s (%s)", kind.Name, h.Field, complaint.Zh, complaint.En)
	}
	return field, append(values, "")[0], nil
}

// takeHand answers the command on this machine by which an official decides.
func (n *node) takeHand(w http.ResponseWriter, r *http.Request) {
	if !n.isHub() {
		http.Error(w, "the county decides at a replica of the hub: run the command there", http.StatusConflict)
		return
	}
	var h Hand
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, handMax)).Decode(&h); err != nil {
		http.Error(w, "what was decided cannot be read: "+err.Error(), http.StatusConflict)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), commitTimeout)
	defer cancel()
	if err := n.give(ctx, h); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
	}
}

// Decide has the replica of the hub that runs in a data folder write what an official
// decided. It is written once this returns without error.
func Decide(ctx context.Context, data string, h Hand) error {
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
