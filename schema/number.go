package schema

import (
	"encoding/json"
	"math"
	"strconv"

	"wangge/crdt"
)

// number reads what the decoders of JSON make of a number.
func number(value any) (float64, bool) {
	switch n := value.(type) {
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case json.Number:
		x, err := n.Float64()
		return x, err == nil
	}
	return 0, false
}

// exactMax is the greatest whole number up to which a float64, and so
// JavaScript, holds every one exactly.
const exactMax = 1 << 53

// earnMax is the most that a form puts into a bounded counter: well below what
// crdt.Record.Earn takes.
const earnMax = 1 << 32

func (f *Field) whole(value any) (crdt.Value, Text) {
	x, ok := number(value)
	if !ok || x != math.Trunc(x) || math.Abs(x) > exactMax {
		return "", Text{"应为整数", "want a whole number"}
	}
	if (f.Merge == crdt.Counter || f.Merge == crdt.Bounded) && x == 0 {
		return "", Text{} // adding nothing writes nothing
	}
	if f.Merge == crdt.Bounded { // a form only puts in: who spends must see what there is
		if complaint := (Range{1, earnMax}).complaint(x); !complaint.Empty() {
			return "", complaint
		}
	}
	return crdt.Int(int64(x)), f.Range.complaint(x)
}

func (f *Field) decimal(value any) (crdt.Value, Text) {
	x, ok := number(value)
	if !ok {
		return "", Text{"应为数字", "want a number"}
	}
	return crdt.Float(x), f.Range.complaint(x)
}

func (r Range) complaint(x float64) Text {
	if r == (Range{}) || r.Min <= x && x <= r.Max {
		return Text{}
	}
	least, most := strconv.FormatFloat(r.Min, 'f', -1, 64), strconv.FormatFloat(r.Max, 'f', -1, 64)
	return Text{"应在 " + least + " 到 " + most + " 之间", "want a number from " + least + " to " + most}
}
