package report

import (
	"fmt"

	"wangge/crdt"
	"wangge/schema"
)

// What a report sees of a record goes through the functions of this file and no
// others, so that a field which is not stored but worked out need only be known here.

// calculated returns a record with what is worked out of its fields.
func calculated(registry *schema.Registry, rec crdt.Record) crdt.Record {
	return registry.Calculate(rec)
}

// shown returns the value that lists show for a field, "" for none.
func shown(k *schema.Kind, rec crdt.Record, name string) crdt.Value {
	field, _ := k.Field(name)
	return winner(field, rec)
}

// winner is shown of a field that was looked up before, nil where the kind has none.
func winner(field *schema.Field, rec crdt.Record) crdt.Value {
	if field == nil {
		return ""
	}
	return field.Winner(rec.Cells[field.ID])
}

// dayOf returns the number of the day of a date's or a moment's value, noDay of anything else.
func dayOf(v crdt.Value) int32 {
	if day, ok := schema.DayNumber(v); ok {
		return int32(day)
	}
	return noDay
}

// written returns a value as groups are named by it, "" for none.
func written(v crdt.Value) string {
	if text, ok := v.Text(); ok || v == "" {
		return text
	}
	return fmt.Sprint(schema.Show(v))
}

// meets reports whether a condition holds of a record.
func meets(k *schema.Kind, that schema.Formula, rec crdt.Record) bool { return k.Holds(that, rec) }

// areaMax is how many digits of an area are told apart: those of a grid.
const areaMax = 17

// areaOf returns the record's area, "" if it says none.
func areaOf(k *schema.Kind, rec crdt.Record) string {
	return areaIn(shown(k, rec, k.Area.Field))
}

// areaIn returns the area that a value of the kind's area field says.
func areaIn(v crdt.Value) string {
	area, _ := v.Text()
	return area[:min(len(area), areaMax)]
}

// memberOf returns what a distinct count tells apart: a field's value, or so many
// digits of the area.
func memberOf(k *schema.Kind, rec crdt.Record, of string) crdt.Value {
	digits := schema.AreaDigits(of)
	if digits == 0 {
		return shown(k, rec, of)
	}
	return beginning(areaOf(k, rec), digits)
}

// beginning returns so many digits of an area as a value, "" of none.
func beginning(area string, digits int) crdt.Value {
	if area == "" {
		return ""
	}
	return crdt.Text(area[:min(len(area), digits)])
}

// addendOf returns what a record adds to a sum of a field: whole numbers, or millionths
// of a decimal.
func addendOf(k *schema.Kind, rec crdt.Record, of string) (n int64, filled bool) {
	field, _ := k.Field(of)
	return addendIn(field, rec)
}

func addendIn(field *schema.Field, rec crdt.Record) (n int64, filled bool) {
	cell := rec.Cells[field.ID]
	if field.Merge == crdt.Counter {
		return min(max(cell.Sum(), -addendMax), addendMax), len(cell.Entries) > 0
	}
	v := field.Winner(cell)
	if x, isFloat := v.Float(); isFloat {
		x = min(max(x, -fractionMax), fractionMax)
		return int64(roundHalf(x * millionths)), true
	}
	n, filled = v.Int()
	return min(max(n, -addendMax), addendMax), filled
}

// What merges, or comes of another form, may lie outside of the range that keeps sums
// exact. It is taken for the most that a form may say.
const (
	addendMax   = 1_000_000_000_000
	fractionMax = 1_000_000
)

// millionths is the unit in which decimals are added up, so that a sum from which an
// addend is taken again is what it was before.
const millionths = 1_000_000

// unitOf returns how many of what a report adds up make one.
func unitOf(k *schema.Kind, r *schema.Report) int64 {
	if f, ok := k.Field(r.Of); ok && f.Type == schema.TypeDecimal && (r.Count == schema.Sum || r.Count == schema.Average) {
		return millionths
	}
	return 1
}

func roundHalf(x float64) float64 {
	if x < 0 {
		return -roundHalf(-x)
	}
	return float64(int64(x + 0.5))
}
