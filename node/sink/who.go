package sink

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"wangge/crdt"
	"wangge/schema"
)

// A report may count persons whose names the tables mask. Equal names have equal tokens
// there, so that an analyst counts what the hub counts. A token is a hash under the
// county's key, as the ids of records with an identity are: without the key all names of
// a county would be tried in a moment.

// apart returns the masked fields by which a kind's reports tell persons apart.
func apart(t *table) (all []*schema.Field) {
	for i := range t.kind.Reports {
		r := &t.kind.Reports[i]
		f, ok := t.kind.Field(r.Of)
		if ok && r.Count == schema.Distinct && t.records.Masks(f) && !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

// tokenSize is how many bytes of the hash a token has: a county's names do not collide.
const tokenSize = 12

// tokens returns what stands in the column of tokens, if the table has it.
func (t *table) tokens(stored crdt.Record) []any {
	if len(t.who) == 0 {
		return nil
	}
	rec, all := t.kind.Calculate(stored), make([]string, len(t.who))
	for i, f := range t.who {
		if v := f.Winner(rec.Cells[f.ID]); v != "" && len(t.key) > 0 {
			mac := hmac.New(sha256.New, t.key)
			mac.Write(append([]byte("sink "+t.kind.Name+"."+f.Name), 0))
			mac.Write([]byte(v))
			all[i] = hex.EncodeToString(mac.Sum(nil)[:tokenSize])
		}
	}
	return []any{all}
}
