package xlsform_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/xlsform"
)

// workbook writes the sheets of a form; cells are parted by |.
func workbook(t testing.TB, sheets map[string][]string) *bytes.Buffer {
	t.Helper()
	file := excelize.NewFile()
	for name, lines := range sheets {
		if _, err := file.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, line := range lines {
			cells := []any{}
			for _, cell := range strings.Split(line, "|") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			at, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := file.SetSheetRow(name, at, &cells); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	return &b
}

func wells(t testing.TB) *bytes.Buffer {
	return workbook(t, map[string][]string{
		"survey": {
			"type | name | label::中文 (zh) | label::English (en) | hint | required | relevant | constraint | constraint_message | appearance | calculation",
			"start | start",
			"date | Seen-On | 日期 | Day | | yes",
			"begin group | main | 主要",
			"select_one state | state | 状况 | State | 看水位 | yes",
			"text | why | 原因 | | | | ${state} = 'dry' or selected(${state}, 'foul') | | | multiline",
			"select_multiple uses | uses | 用途 | Uses",
			"integer | people | 人数 | People | | | selected(${uses}, 'drink') and ${state} != '' | . > 0 and . < 1000 div 2 | 人数不对",
			"image | photo | 照片 | Photo | | ${state}='dry'",
			"end group",
			"decimal | depth | 深度 | Depth | | | | . >= ${people} and today() > 1",
			"note | thanks | 谢谢",
			"calculate | twice | | | | | | | | | ${people} * 2",
			"begin repeat | pumps | 水泵",
			"text | pump | 型号",
			"end repeat",
			"integer | id | 编号 | | | | ${pump} = 'x'",
			"rank | order | 次序",
		},
		"choices":  {"list_name | name | label::中文 (zh) | label::English (en)", "state | ok | 好 | Good", "state | dry | 干 | Dry", "state | foul | 脏 | Foul", "uses | drink | 饮用 | Drinking", "uses | wash | 洗"},
		"settings": {"form_title | form_id", "水井检查 | Well-Check"},
	})
}

func TestFormBecomesAKindThatHolds(t *testing.T) {
	kind, _, err := xlsform.Read(wells(t), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := schema.New([]schema.Kind{kind}); err != nil {
		t.Fatal(err)
	}
	if kind.Name != "well_check" || kind.Title.Zh != "水井检查" || kind.Class != crdt.Personal || kind.When != "seen_on" {
		t.Errorf("got %+v", kind)
	}
	for name, want := range map[string]schema.Field{
		"seen_on": {Type: schema.TypeDate, Required: true},
		"state":   {Type: schema.TypeChoice, Required: true, Hint: schema.Text{Zh: "看水位", En: "看水位"}, Section: schema.Text{Zh: "主要", En: "主要"}},
		"why":     {Type: schema.TypeText, Multiline: true},
		"uses":    {Type: schema.TypeChoices, Merge: crdt.Set},
		"people":  {Type: schema.TypeInt},
		"photo":   {Type: schema.TypePhoto, Merge: crdt.Attachments},
		"id_1":    {Type: schema.TypeInt},
	} {
		f, ok := kind.Field(name)
		if !ok || f.Type != want.Type || f.Required != want.Required || f.Multiline != want.Multiline || f.Hint != want.Hint || f.Section != want.Section || want.Merge != 0 && f.Merge != want.Merge {
			t.Errorf("%s is %+v", name, f)
		}
	}
	for name, want := range map[string]string{
		"why":    `((state = "dry") or (state = "foul"))`,
		"people": `((uses has "drink") and filled(state))`,
		"photo":  "", "id_1": "", "depth": "",
	} {
		if f, ok := kind.Field(name); !ok || f.Ask.String() != want {
			t.Errorf("%s is asked where %s", name, f.Ask)
		}
	}
	if twice, ok := kind.Field("twice"); !ok || twice.Is.String() != "(people * 2)" || twice.Type != schema.TypeDecimal {
		t.Errorf("twice is %+v", twice)
	}
	people, _ := kind.Field("people")
	if len(people.Must) != 1 || people.Must[0].That.String() != "((people > 0) and (people < (1000 / 2)))" || people.Must[0].Else.Zh != "人数不对" {
		t.Errorf("people must %v", people.Must)
	}
}

func TestWhatIsNotCarriedOverIsListedWithItsRow(t *testing.T) {
	_, left, err := xlsform.Read(wells(t), "")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range left {
		lines = append(lines, strings.Join(strings.Fields(l.Question+" "+l.Why), " "))
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"Seen-On it is called seen_on here", "photo it is required under a condition", "depth its constraint is left out, today() has no counterpart",
		"thanks it asks nothing", "pump it is asked several times over, in the repeat pumps",
		"id its relevant is left out, ${pump} is no question that was carried over", "order there is no counterpart of the type rank",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing is said of %q in\n%s", want, all)
		}
	}
	if left[0].Line != 3 {
		t.Errorf("the first stands in row %d", left[0].Line)
	}
}

func TestWhatIsNoFormIsRefused(t *testing.T) {
	for what, b := range map[string]*bytes.Buffer{
		"no workbook": bytes.NewBufferString("type,name\ntext,a\n"),
		"no survey":   workbook(t, map[string][]string{"other": {"type | name", "text | a"}}),
		"no question": workbook(t, map[string][]string{"survey": {"type | name", "note | a"}}),
		"too long":    bytes.NewBuffer(make([]byte, 9<<20)),
		"bad kind":    workbook(t, map[string][]string{"survey": {"type | name", "text | a"}}),
	} {
		name := ""
		if what == "bad kind" {
			name = "No Name"
		}
		if _, _, err := xlsform.Read(b, name); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func TestFormulaThatCannotHoldIsLeftOut(t *testing.T) {
	kind, left, err := xlsform.Read(workbook(t, map[string][]string{"survey": {
		"type | name | relevant | constraint", "integer | a", "text | b | ${a} = 'many' | length(.) > 2", "text | c | ${a} > 2 | string-length(.) > 2",
	}}), "k")
	b, _ := kind.Field("b")
	c, _ := kind.Field("c")
	if err != nil || len(left) != 2 || !b.Ask.IsZero() || b.Must != nil || c.Ask.IsZero() || len(c.Must) != 1 {
		t.Errorf("left %v of %+v, %+v: %v", left, b, c, err)
	}
}

func FuzzExpression(f *testing.F) {
	f.Add("selected(${a}, 'x') and not(. = '' or ${b} div 2 >= 1)", "if(true(), 1, .5)")
	f.Fuzz(func(t *testing.T, relevant, constraint string) {
		if strings.ContainsAny(relevant+constraint, "|") {
			return
		}
		kind, _, err := xlsform.Read(workbook(t, map[string][]string{"survey": {
			"type | name | relevant | constraint", "integer | b", "text | a", "text | c | " + relevant + " | " + constraint,
		}}), "k")
		if err != nil {
			return
		}
		if _, err := schema.New([]schema.Kind{kind}); err != nil {
			t.Errorf("the kind does not hold: %v", err)
		}
	})
}

// What forms of the field have: cascades that name a choice once below each other, lists of all
// villages, a choice of something else, labels in a third language.
func TestFormsOfTheFieldAreCarriedOver(t *testing.T) {
	choices := []string{"list_name | name | label::French (fr) | label::English (en) | town", "village | upper | Haut | Upper | a", "village | upper | Haut | Upper | b", "water | well | Puits | Well"}
	for i := range 501 {
		choices = append(choices, fmt.Sprintf("all | v%d | V | V", i))
	}
	kind, left, err := xlsform.Read(workbook(t, map[string][]string{
		"survey": {
			"type | name | label::French (fr) | label::English (en) | choice_filter", "select_one village | village | Le village | Village | town=${town}",
			"select_multiple water or_other | water | Eau | Water", "select_one all | place | Lieu | Place",
		},
		"choices": choices,
	}), "k")
	if err != nil {
		t.Fatal(err)
	}
	village, _ := kind.Field("village")
	water, _ := kind.Field("water")
	if len(village.Options) != 1 || village.Title.Zh != "Village" || village.Options[0].Title.En != "Upper" {
		t.Errorf("the cascade is %+v", village)
	}
	if len(water.Options) != 2 || water.Options[1].Value != "other" {
		t.Errorf("something else is %+v", water.Options)
	}
	// Beside these two a language and the column of the cascade in the sheet choices.
	if _, there := kind.Field("place"); there || len(left) != 5 {
		t.Errorf("left %v", left)
	}
}

// grouped has groups that are asked under conditions, calculations, and columns that nobody reads.
func grouped(t *testing.T) *bytes.Buffer {
	return workbook(t, map[string][]string{
		"survey": {
			"type | name | label | relevant | calculation | disabled | read_only | label::French (fr) | hint",
			"select_one yes | well | Well",
			"integer | depth | Depth | | | | yes | Fond",
			"begin group | wet | A wet one | ${well} = 'yes'",
			"text | smell | Smell",
			"begin group | deep | | ${depth} > 10",
			"integer | rungs | Rungs | ${depth} < 100",
			"calculate | each | | | ${depth} div ${rungs}",
			"end group",
			"end group",
			"text | last | Last",
			"calculate | deep_one | | | ${depth} > 50",
			"calculate | says | | ${deep_one} = true() | concat(${smell}, '-', ${last})",
			"calculate | cut | | | int(${depth} div 3)",
			"calculate | now | | | now()",
			"calculate | mixed | | | if(${deep_one}, 1, 'x')",
			"text | asks | | ${each} > 3",
			"text | gone | | | | yes",
			"begin group | never | | ${depth} = 'x'",
			"text | anyway | ",
			"end group",
			"begin group | unknown | | ${none} = 'x'",
			"text | also | | ${well} = 'yes'",
			"end group",
		},
		"choices":  {"list_name | name | label | image", "yes | yes | Yes | y.png", "yes | no | No"},
		"settings": {"form_title | form_id | version", "W | w | 3"},
	})
}

func TestConditionsOfGroupsAndCalculationsAreCarriedOver(t *testing.T) {
	kind, _, err := xlsform.Read(grouped(t), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]string{
		"well": {}, "last": {}, "anyway": {}, "smell": {`(well = "yes")`}, "also": {`(well = "yes")`},
		"rungs": {`(((well = "yes") and (depth > 10)) and (depth < 100))`}, "each": {`((well = "yes") and (depth > 10))`, "(depth / rungs)"},
		"deep_one": {"", "(depth > 50)"}, "says": {"(deep_one = true)", `join(smell, "-", last)`}, "asks": {"(each > 3)"},
	} {
		if f, ok := kind.Field(name); !ok || f.Ask.String() != want[0] || f.Is.String() != want[1] {
			t.Errorf("%s is asked where %q and comes to %q, want %q", name, f.Ask, f.Is, want)
		}
	}
	for name, want := range map[string]schema.FieldType{"each": schema.TypeDecimal, "deep_one": schema.TypeBool, "says": schema.TypeText} {
		if f, _ := kind.Field(name); f.Type != want {
			t.Errorf("%s is a %s", name, f.Type)
		}
	}
	if len(kind.Fields) != 12 {
		t.Errorf("there are %d fields", len(kind.Fields))
	}
}

func TestCalculationsThatHaveNoCounterpartAndColumnsThatAreIgnoredAreListed(t *testing.T) {
	_, left, err := xlsform.Read(grouped(t), "")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range left {
		lines = append(lines, strings.TrimSpace(fmt.Sprint(l.Sheet, " ", l.Column, l.Question, ": ", l.Why)))
	}
	got := strings.Join(lines, "\n")
	if want := "cut: its calculation is left out, int() has no counterpart: int(${depth} div 3)\n" +
		"now: its calculation is left out, now() has no counterpart: now()\n" +
		"mixed: its calculation is left out, "; !strings.HasPrefix(got, want) {
		t.Errorf("left is\n%s", got)
	}
	if want := "unknown: its relevant is left out, ${none} is no question that was carried over: ${none} = 'x'\n" +
		"survey label::French (fr): the column is ignored; 1 rows say something there\n" +
		"survey read_only: the column is ignored; 1 rows say something there\n" +
		"choices image: the column is ignored; 1 rows say something there\n" +
		"settings version: the column is ignored; 1 rows say something there"; !strings.HasSuffix(got, want) {
		t.Errorf("left is\n%s", got)
	}
	if strings.Count(got, "never: its relevant is left out") != 1 {
		t.Errorf("left is\n%s", got)
	}
}
