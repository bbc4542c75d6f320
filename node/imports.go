package node

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
)

// The states of an imported line.
const (
	lineNew     = "new"
	lineKnown   = "known"
	lineRefused = "refused"
	lineChanged = "changed" // of the county's own kinds, at the hub
)

// Import saves the lines that are not here yet, many of them in one commit. A
// line that names no record gets its id from its content, so that the same file
// may be imported again and again.
func (d desk) Import(kind string, forms []map[string]any) ([]web.Outcome, error) {
	outcomes := make([]web.Outcome, len(forms))
	pages := make([][]schema.Filled, len(forms))
	for i, form := range forms {
		records, err := d.fill(kind, form, func() crdt.RecordID { return d.contentID(kind, form) })
		var problems schema.Problems
		if errors.As(err, &problems) {
			outcomes[i] = web.Outcome{State: lineRefused, Problems: problems}
		} else if err != nil {
			return nil, err
		}
		pages[i] = records
	}
	for at := 0; at < len(pages); {
		next := at
		err := d.save(func(draft *store.Draft) (err error) {
			next, err = importPage(draft, pages, outcomes, at)
			return err
		})
		if err != nil {
			return nil, err
		}
		at = next
	}
	return outcomes, nil
}

// importPage writes lines from at on, up to the first that touches a record
// which the page has written already: it must see that record as it will be.
func importPage(draft *store.Draft, lines [][]schema.Filled, outcomes []web.Outcome, at int) (next int, err error) {
	written := map[crdt.RecordID]bool{}
	for ; at < len(lines); at++ {
		records := lines[at]
		if len(records) == 0 {
			continue // refused
		}
		for _, r := range records {
			if written[r.ID] {
				return at, nil
			}
		}
		last := records[len(records)-1]
		held, err := draft.Record(last.Space, last.ID)
		if err != nil {
			return at, err
		}
		if held.Kind != "" {
			outcomes[at].State = lineKnown
			continue
		}
		problems, err := hindered(draft, records)
		if err != nil {
			return at, err
		}
		if len(problems) > 0 {
			outcomes[at] = web.Outcome{State: lineRefused, Problems: problems}
			continue
		}
		for _, r := range records {
			if err := write(draft, r); err != nil {
				return at, err
			}
			written[r.ID] = true
		}
		outcomes[at].State = lineNew
	}
	return at, nil
}

// contentID returns the id of a line that names none: a keyed hash of its
// content, so that the ids tell nobody what the lines say.
func (d desk) contentID(kind string, form map[string]any) crdt.RecordID {
	content, err := json.Marshal(form) // sorts keys
	if err != nil {
		return mintID()
	}
	mac := hmac.New(sha256.New, d.id.IdentityKey)
	mac.Write(append([]byte("line\x00"+kind), 0))
	mac.Write(content)
	return crdt.RecordID(mac.Sum(nil)[:16])
}
