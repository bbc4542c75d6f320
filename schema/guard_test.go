package schema_test

import (
	"testing"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// What marks a person is masked in every kind, and in a confidential one whatever is said
// in words, but for an office and a number of the county's.
func TestWhatIsSaidOfAConfidentialCaseIsMasked(t *testing.T) {
	text := func(more schema.Field) schema.Field {
		more.Type = schema.TypeText
		return more
	}
	for _, test := range []struct {
		class crdt.Class
		field schema.Field
		want  bool
	}{
		{crdt.Personal, text(schema.Field{}), false},
		{crdt.Personal, text(schema.Field{Guarded: true}), true},
		{crdt.Personal, text(schema.Field{Guarded: true, Merge: crdt.Log}), true},
		{crdt.Confidential, text(schema.Field{}), true},
		{crdt.Confidential, text(schema.Field{Merge: crdt.MergedText}), true},
		{crdt.Confidential, text(schema.Field{Office: true}), false},
		{crdt.Confidential, text(schema.Field{Decide: schema.Decide{Number: "{number:4}"}}), false},
		{crdt.Confidential, schema.Field{Type: schema.TypeInt}, false},
		{crdt.Confidential, schema.Field{Type: schema.TypeLadder, Merge: crdt.Log}, false},
	} {
		if k := (schema.Kind{Class: test.class}); k.Masks(&test.field) != test.want {
			t.Errorf("of class %s, %+v: masked is not %t", test.class, test.field, test.want)
		}
	}
}

func TestWhatMayBeSaidOfAPersonAndOfAnOfficeIsNamed(t *testing.T) {
	at := func(more func(f *schema.Field)) func(v, c, p *schema.Kind) {
		return func(v, c, p *schema.Kind) { more(&v.Fields[1]) }
	}
	wantFaults(t, []damaged{
		{"$.fields[1].office", at(func(f *schema.Field) { f.Guarded = true })},
		{"$.fields[0].office", func(v, c, p *schema.Kind) { v.Fields[0].Office = true }},
		{"$.reports[3].of", func(v, c, p *schema.Kind) {
			v.Reports[3].Of, v.Reports[3].Count = "lat", schema.Sum
		}},
	})
}

// No kind that ships leaves open whether a field that seems to tell of a person does.
func TestEveryKindSaysWhomItsFieldsTellOf(t *testing.T) {
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	offices := 0
	for _, k := range registry.Kinds() {
		for _, fault := range k.Unsaid() {
			t.Error(fault)
		}
		for _, f := range k.Fields {
			if f.Office {
				offices++
			}
		}
	}
	if offices == 0 {
		t.Error("nobody acts in an office")
	}
}

func TestAFieldThatSeemsToTellOfAPersonIsAskedAbout(t *testing.T) {
	for _, test := range []struct {
		name, title string
		seems       bool
	}{
		{"a", "姓名", true}, {"a", "调解员", true}, {"a", "走访人（签字）", true}, {"a", "紧急联系电话", true}, {"a", "家庭医生", true}, {"a", "家庭住址", true},
		{"a", "身份证号码", true}, {"doctor_name", "签约", true}, {"a", "出生年月", true}, {"a", "网格长", true}, {"a", "生日", true},
		{"name", "驿站名称", false}, {"address", "地址", false}, {"held_on", "发生日期", false}, {"unit", "承办单位", false}, {"people", "参加人数", false},
	} {
		for _, said := range []func(f *schema.Field){func(f *schema.Field) {}, func(f *schema.Field) { f.Guarded = true }, func(f *schema.Field) { f.Sealed = true }, func(f *schema.Field) { f.Office = true }} {
			f := schema.Field{Name: test.name, Title: schema.Text{Zh: test.title}, Type: schema.TypeText}
			said(&f)
			k := schema.Kind{Fields: []schema.Field{f}}
			if asked := len(k.Unsaid()) > 0; asked != (test.seems && !f.Guarded && !f.Sealed && !f.Office) {
				t.Errorf("%s, %s, %+v: asked about: %t", test.name, test.title, f, asked)
			}
		}
	}
}
