package node

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/web"
)

// A closed month is records too, which the hub alone writes and holds: one that says how
// it was closed, and one for each report with its frozen tables. The first is written
// last, by whoever holds the county's office, so a month is closed once and whole.

const (
	// closedKind and frozenKind are the kinds of such records. No registry has them.
	closedKind = crdt.CountyKinds + "closed_month"
	frozenKind = crdt.CountyKinds + "frozen_report"
	// closingField of a closed month says how it was closed.
	closingField = crdt.FieldID(1)
	// pieceMax is how many bytes of what is frozen stand in one field.
	pieceMax = 40_000
	// frozenMax bounds what is read of one, in bytes: a report has at most 100,000 rows.
	frozenMax = 256 << 20
	// headsPart is what the heads of a closed month are kept under, beside its reports.
	headsPart = "heads"
)

// closing is how a month was closed, as its record has it.
type closing struct {
	web.Closing
	Writer string `json:"writer"` // who wrote what is frozen
}

// heads are the streams that a closed month knows of, by space and writer.
type heads map[string]map[string]uint64

// has reports whether an op was known when the month was closed.
func (h heads) has(space crdt.Space, d crdt.Dot) bool {
	return d.Seq <= h[space.String()][d.Writer.String()]
}

// closedID names the record of how a month was closed.
func closedID(month string) crdt.RecordID { return monthID("closed", month) }

// frozenID names the record of what a writer froze of a month: a report, or the heads.
func frozenID(month, part, writer string) crdt.RecordID {
	return monthID("frozen", month, part, writer)
}

func monthID(parts ...string) crdt.RecordID {
	sum := sha256.Sum256([]byte("wangge month 1\x00" + strings.Join(parts, "\x00")))
	return crdt.RecordID(sum[:len(crdt.RecordID{})]).Of(closedKind)
}

// closed returns how a month was closed; false while it is open.
func (n *node) closed(month string) (c closing, ok bool, err error) {
	rec, err := n.store.Record(policy.CountyAlone(), closedID(month))
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

// closedMonths returns all months that are closed, the latest first.
func (n *node) closedMonths() (all []closing, err error) {
	var wrong error
	err = n.store.Recent(closedKind, nil, func(l store.Listed, _ []byte) bool {
		var c closing
		var ok bool
		if c, ok, wrong = readClosing(l.Record); ok && l.Space == policy.CountyAlone() {
			all = append(all, c)
		}
		return wrong == nil
	})
	slices.SortFunc(all, func(a, b closing) int { return strings.Compare(b.Month, a.Month) })
	if err == nil {
		err = wrong
	}
	return all, err
}

// frozen returns what a closed month keeps of a report; nothing of one that there was not.
func (n *node) frozen(c closing, report string) (f report.Frozen, err error) {
	return f, n.thawed(c, report, &f)
}

// headsOf returns the streams that a closed month knows of.
func (n *node) headsOf(c closing) (h heads, err error) {
	return h, n.thawed(c, headsPart, &h)
}

// thawed reads a part of what is frozen of a month into v.
func (n *node) thawed(c closing, part string, v any) error {
	rec, err := n.store.Record(policy.CountyAlone(), frozenID(c.Month, part, c.Writer))
	if err != nil || rec.Kind == "" {
		return err
	}
	if err := unpack(rec, v); err != nil {
		return fmt.Errorf("what is frozen of %s, %s, cannot be read: %w", c.Month, part, err)
	}
	return nil
}

// pack returns v as JSON, deflated, in base64, since a text has no other bytes, and in
// pieces that fit into a batch.
func pack(v any) (pieces []string, err error) {
	var out bytes.Buffer
	text := base64.NewEncoder(base64.RawStdEncoding, &out)
	packer, err := flate.NewWriter(text, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(packer).Encode(v); err != nil {
		return nil, err
	}
	if err := packer.Close(); err != nil {
		return nil, err
	}
	if err := text.Close(); err != nil {
		return nil, err
	}
	for piece := range slices.Chunk(out.Bytes(), pieceMax) {
		pieces = append(pieces, string(piece))
	}
	return pieces, nil
}

// unpack reads what pack made from the fields of a record.
func unpack(rec crdt.Record, v any) error {
	var all strings.Builder
	for _, field := range rec.Fields() {
		piece, _ := rec.Cells[field].Winner().Text()
		all.WriteString(piece)
	}
	packed := flate.NewReader(base64.NewDecoder(base64.RawStdEncoding, strings.NewReader(all.String())))
	return json.NewDecoder(io.LimitReader(packed, frozenMax)).Decode(v)
}
