package month

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/web"
)

// A closed month is records too, which the hub alone writes and holds: one that says how
// it was closed, and one for each report with its frozen tables. The first is written
// last, by whoever holds the county's office, so a month is closed once and whole.

const (
	// ClosedKind and FrozenKind are the kinds of such records. No registry has them.
	ClosedKind = crdt.CountyKinds + "closed_month"
	FrozenKind = crdt.CountyKinds + "frozen_report"
	// closingField of a closed month says how it was closed.
	closingField = crdt.FieldID(1)
)

// closing is how a month was closed, as its record has it.
type closing struct {
	web.Closing
	Writer string `json:"writer"` // who wrote what is frozen
}

// ClosedID names the record of how a month was closed.
func ClosedID(month string) crdt.RecordID { return recordID("closed", month) }

// FrozenID names the record of what a writer froze of a month: a report, or the heads.
func FrozenID(month, part, writer string) crdt.RecordID {
	return recordID("frozen", month, part, writer)
}

func recordID(parts ...string) crdt.RecordID {
	sum := sha256.Sum256([]byte("wangge month 1\x00" + strings.Join(parts, "\x00")))
	return crdt.RecordID(sum[:len(crdt.RecordID{})]).Of(ClosedKind)
}

// closed returns how a month was closed; false while it is open.
func (m Months) closed(month string) (c closing, ok bool, err error) {
	rec, err := m.Store.Record(policy.CountyAlone(), ClosedID(month))
	if err != nil {
		return c, false, err
	}
	return readClosing(rec)
}

// readClosing reads the first closing that a record has; the county lets none in after it.
func readClosing(rec crdt.Record) (c closing, ok bool, err error) {
	entries := rec.Cells[closingField].Log()
	if len(entries) == 0 {
		return c, false, nil
	}
	text, _ := entries[0].Value.Text()
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, false, fmt.Errorf("how a month was closed cannot be read: %w", err)
	}
	return c, true, nil
}

// all returns all months that are closed, the latest first.
func (m Months) all() (them []closing, err error) {
	var wrong error
	err = m.Store.Recent(ClosedKind, nil, func(l store.Listed, _ []byte) bool {
		var c closing
		var ok bool
		if c, ok, wrong = readClosing(l.Record); ok && l.Space == policy.CountyAlone() {
			them = append(them, c)
		}
		return wrong == nil
	})
	slices.SortFunc(them, func(a, b closing) int { return strings.Compare(b.Month, a.Month) })
	if err == nil {
		err = wrong
	}
	return them, err
}
