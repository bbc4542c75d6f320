package month

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/report"
)

const (
	// pieceMax is how many bytes of what is frozen stand in one field.
	pieceMax = 40_000
	// frozenMax bounds what is read of one, in bytes: a report has at most 100,000 rows.
	frozenMax = 256 << 20
	// headsPart is what the heads of a closed month are kept under, beside its reports.
	headsPart = "heads"
)

// heads are the streams that a closed month knows of, by space and writer.
type heads map[string]map[string]uint64

// has reports whether an op was known when the month was closed.
func (h heads) has(space crdt.Space, d crdt.Dot) bool {
	return d.Seq <= h[space.String()][d.Writer.String()]
}

// frozen returns what a closed month keeps of a report; nothing of one that there was not.
func (m Months) frozen(c closing, report string) (f report.Frozen, err error) {
	return f, m.thawed(c, report, &f)
}

// headsOf returns the streams that a closed month knows of.
func (m Months) headsOf(c closing) (h heads, err error) {
	return h, m.thawed(c, headsPart, &h)
}

// thawed reads a part of what is frozen of a month into v.
func (m Months) thawed(c closing, part string, v any) error {
	rec, err := m.Store.Record(policy.CountyAlone(), FrozenID(c.Month, part, c.Writer))
	if err != nil || rec.Kind == "" {
		return err
	}
	if err := unpack(rec, v); err != nil {
		return fmt.Errorf("what is frozen of %s, %s, cannot be read: %w", c.Month, part, err)
	}
	return nil
}

// writeFrozen writes what is frozen. It counts for nothing until the month is closed, or
// restated, by the same writer.
func (m Months) writeFrozen(ctx context.Context, w *policy.Writer, f closing, parts map[string]any) error {
	var ops []crdt.Op
	size := 0
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		pieces, err := pack(parts[part])
		if err != nil {
			return err
		}
		id := FrozenID(f.Month, part, f.Writer)
		for i, piece := range pieces {
			if size += len(piece); size > pieceMax && len(ops) > 0 {
				if err := m.County.Write(ctx, w, ops); err != nil {
					return err
				}
				ops, size = nil, len(piece)
			}
			ops = append(ops, crdt.Record{}.Assign(id, FrozenKind, crdt.FieldID(1+i), crdt.Text(piece)))
		}
	}
	return m.County.Write(ctx, w, ops)
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
