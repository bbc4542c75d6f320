package sink

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"wangge/crdt"
	"wangge/node/export"
	"wangge/schema"
)

// table is a kind's table: the columns that exports have, persons masked, and what
// reports make of the record.
type table struct {
	kind        *schema.Kind
	records     *export.Records
	path        pgx.Identifier
	name        string // that, quoted
	columns     []string
	who         []*schema.Field // masked ones, by which reports tell persons apart
	key         []byte
	judged      map[string][]schema.Formula
	judgedNames []string
	looks       []look
	print       string // of the kind and the columns, by which a change is known
}

func newTable(k *schema.Kind, in string, looks []look, key []byte) *table {
	t := &table{kind: k, records: export.Of(k, false, nil), path: pgx.Identifier{in, k.Name}, key: key, judged: judged(k), looks: looks}
	t.who = apart(t)
	t.name, t.judgedNames = t.path.Sanitize(), slices.Sorted(maps.Keys(t.judged))
	declared := t.records.Table()
	for _, c := range declared.Columns {
		t.columns = append(t.columns, c.Name)
	}
	if len(t.who) > 0 {
		t.columns = append(t.columns, whoColumn)
	}
	if len(t.judged) > 0 {
		t.columns = append(t.columns, countsColumn)
	}
	var names []string
	for _, l := range looks {
		names = append(names, l.name)
	}
	if len(looks) > 0 {
		t.columns = append(t.columns, holdsColumn)
	}
	said, err := json.Marshal(map[string]any{"kind": k, "columns": declared.Columns, "looks": names, "layout": layout})
	if err != nil {
		panic("sink: a kind that is no JSON: " + err.Error())
	}
	sum := sha256.Sum256(said)
	t.print = hex.EncodeToString(sum[:])
	return t
}

// layout is raised when tables or views are made otherwise of the same kind.
const layout = 3

// row returns a record's row.
func (t *table) row(space crdt.Space, id crdt.RecordID, rec crdt.Record) []any {
	row := append(append(t.records.Row(space, id, rec), t.tokens(rec)...), t.marks(rec)...)
	clean(row)
	return row
}

// typed returns the type of PostgreSQL for a column.
func typed(c export.Column) string {
	switch c.Type {
	case export.Whole:
		return "bigint"
	case export.Number:
		return "double precision"
	case export.Bool:
		return "boolean"
	case export.Moment:
		return "timestamp with time zone"
	case export.Day:
		return "date"
	case export.List:
		return "text[]"
	}
	return "text"
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal writes a text as SQL does.
func literal(text string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(text, "\x00", ""), "'", "''") + "'"
}

// nameMax is how many bytes PostgreSQL keeps of a name.
const nameMax = 63

func short(name string) string {
	for len(name) > nameMax {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// clean takes out of texts what PostgreSQL does not store: a zero byte, and bytes that
// are no text.
func clean(row []any) {
	mended := func(s string) string {
		if utf8.ValidString(s) && !strings.Contains(s, "\x00") {
			return s
		}
		return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
	}
	for i, value := range row {
		switch v := value.(type) {
		case string:
			row[i] = mended(v)
		case []string:
			for j := range v {
				v[j] = mended(v[j])
			}
		}
	}
}
