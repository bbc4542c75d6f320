package schema

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"wangge/crdt"
)

// Read turns one field's value, as JSON decodes it, into the values to store, or
// says why it is not accepted. No values and no complaint mean that nothing was
// filled in. A counter's value is what the form adds to the count.
func (f *Field) Read(value any) ([]crdt.Value, Text) {
	if value == nil || value == "" {
		return nil, Text{}
	}
	if f.Type == TypeChoices {
		return f.choices(value)
	}
	if f.Type == TypeLinks {
		return f.references(value)
	}
	if f.Type.holdsFiles() {
		return f.attachments(value)
	}
	if f.Type == TypeLadder {
		return f.steps(value)
	}
	v, complaint := f.one(value)
	if !complaint.Empty() || v == "" {
		return nil, complaint
	}
	return []crdt.Value{v}, Text{}
}

func (f *Field) one(value any) (crdt.Value, Text) {
	switch f.Type {
	case TypeInt:
		return f.whole(value)
	case TypeDecimal:
		return f.decimal(value)
	case TypeBool:
		return f.yes(value)
	case TypeInstant:
		ms, complaint := instant(value)
		return crdt.Int(ms), complaint
	case TypeLink:
		return f.link(value)
	}
	s, ok := value.(string)
	if !ok || !utf8.ValidString(s) {
		return "", Text{"应为文字", "want a text"}
	}
	switch f.Type {
	case TypeText:
		return f.text(s)
	case TypeChoice:
		return f.choice(s)
	}
	code, complaint := f.Type.code(s)
	return crdt.Text(code), complaint
}

// code reads the types that are text of a fixed shape and returns the one way in
// which each is stored, so that equal things have equal values.
func (t FieldType) code(s string) (string, Text) {
	s, complaint := plainCode(s)
	if !complaint.Empty() {
		return "", complaint
	}
	switch t {
	case TypeDate:
		return s, dateComplaint(s)
	case TypeCounty, TypeDistrict, TypeArea, TypeGrid, TypeHousehold:
		return s, t.areaComplaint(s)
	case TypeResidentID:
		r, complaint := ParseResident(s)
		return r.Number, complaint
	case TypeMobile:
		return ParseMobile(s)
	case TypeCreditCode:
		return ParseCreditCode(s)
	}
	panic("schema: New let a field of type " + string(t) + " pass")
}

// codeMax is longer than any code, its spaces and dashes included.
const codeMax = 64

// plainCode drops the spaces around a code and turns the full-width digits and
// letters of Chinese keyboards into plain ones.
func plainCode(s string) (string, Text) {
	if len(s) > codeMax {
		return "", Text{"内容太长", "this is too long"}
	}
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, strings.TrimSpace(s)), Text{}
}

func (f *Field) text(s string) (crdt.Value, Text) {
	least, most := int(f.Range.Min), int(f.Range.Max)
	if most == 0 {
		most = textMax
	}
	if f.Multiline {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s) // as every browser has it
	} else {
		s = strings.TrimSpace(s)
	}
	if strings.TrimSpace(s) == "" {
		return "", Text{}
	}
	// The bytes are compared first: counting the code points of a megabyte is
	// work that a sender should not be able to order.
	if len(s) > utf8.UTFMax*most || utf8.RuneCountInString(s) > most {
		n := strconv.Itoa(most)
		return "", Text{"太长，最多 " + n + " 个字", "this is too long: at most " + n + " characters"}
	}
	if utf8.RuneCountInString(s) < least {
		n := strconv.Itoa(least)
		return "", Text{"太短，至少 " + n + " 个字", "this is too short: at least " + n + " characters"}
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !(f.Multiline && (r == '\n' || r == '\t'))
	}) {
		return "", Text{"含有换行或不可见字符，请删去", "there are line breaks or invisible characters: remove them"}
	}
	return crdt.Text(s), Text{}
}

func (f *Field) yes(value any) (crdt.Value, Text) {
	b, ok := value.(bool)
	if !ok {
		return "", Text{"应为是或否", "want true or false"}
	}
	if f.Required && !b {
		return "", Text{"须勾选“是”才能提交", "this must be ticked before the form can be saved"}
	}
	return crdt.Bool(b), Text{}
}

func (f *Field) choice(s string) (crdt.Value, Text) {
	if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == s }) {
		return "", Text{"不在选项之中，请从列表里选", "this is none of the options: choose one of the list"}
	}
	return crdt.Text(s), Text{}
}

func (f *Field) choices(value any) ([]crdt.Value, Text) {
	list, ok := value.([]any)
	if !ok || len(list) > len(f.Options) {
		return nil, Text{"应为选项的列表，每项一次", "want a list of options, each of them once"}
	}
	var values []crdt.Value
	for _, item := range list {
		s, _ := item.(string)
		v, complaint := f.choice(s)
		if !complaint.Empty() {
			return nil, complaint
		}
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values, Text{}
}

func (f *Field) link(value any) (crdt.Value, Text) {
	s, _ := value.(string)
	id, err := ParseID(s)
	if err != nil {
		return "", Text{"应为所关联记录的编号或其表单", "want the linked record's id, or its form if the link is inline"}
	}
	return crdt.Ref(id.Of(f.To)), Text{}
}
