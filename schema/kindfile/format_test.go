package kindfile_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"wangge/schema"
	"wangge/schema/kindfile"
)

// reference returns FORMAT.md, and its examples of a language in order.
func reference(t *testing.T, language string) (text string, examples []string) {
	t.Helper()
	data, err := os.ReadFile("../FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(data), -1) {
		examples = append(examples, block[1])
	}
	if len(examples) == 0 {
		t.Fatal("FORMAT.md has no examples in " + language)
	}
	return string(data), examples
}

// Every example is a kind, a sample of one, or a form: what stands in the reference works.
func TestExamplesOfTheReferenceWork(t *testing.T) {
	_, examples := reference(t, "yaml")
	files := fstest.MapFS{}
	first := regexp.MustCompile(`^(?:kind: (\w+)\b|# (samples/\w+\.yaml)\n)`)
	for _, text := range examples {
		name := first.FindStringSubmatch(text)
		switch {
		case name == nil:
			t.Errorf("nobody checks this example: begin it with its kind or its file:\n%s", text)
		case name[1] != "":
			files[name[1]+".yaml"] = &fstest.MapFile{Data: []byte(text)}
		default:
			files[name[2]] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	registry, err := kindfile.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	editor := editor(t)
	tried := 0
	for _, k := range registry.Kinds() {
		if err := marked(t, editor, files[k.Name+".yaml"].Data); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		samples, _ := kindfile.Samples(files, k.Name)
		for _, s := range samples {
			tried++
			for _, differs := range s.Try(registry, k.Name) {
				t.Errorf("%s, sample in line %d: %s", k.Name, s.Line, differs)
			}
		}
	}
	_, forms := reference(t, "json")
	for _, text := range forms {
		tried++
		var form map[string]any
		if err := json.Unmarshal([]byte(text), &form); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		kind, _ := form["kind"].(string)
		if _, problems := registry.Check(kind, form); len(problems) > 0 {
			t.Errorf("%s: %v", text, problems)
		}
	}
	if tried < 6 {
		t.Errorf("only %d samples and forms were tried", tried)
	}
}

func TestTheReferenceTellsOfEverythingAndOfNoFormulaThatIsNone(t *testing.T) {
	text, _ := reference(t, "yaml")
	for _, one := range schema.FieldTypes() {
		if !strings.Contains(text, "`"+string(one)+"`") {
			t.Errorf("FORMAT.md does not tell of the type %s", one)
		}
	}
	for _, m := range schema.Merges() {
		if m.String() != "attachment" && !strings.Contains(text, "\n| `"+m.String()+"`") {
			t.Errorf("FORMAT.md does not tell of the merge %s", m)
		}
	}
	for _, c := range schema.Counts() {
		if !strings.Contains(text, "\n| `"+string(c)+"`") {
			t.Errorf("FORMAT.md does not tell how to count %s", c)
		}
	}
	section := text[strings.Index(text, "## Formulas"):]
	section = section[:strings.Index(section, "\n## Calculated")]
	parsed := 0
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\| ").FindAllStringSubmatch(section, -1) {
		for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			formula := strings.ReplaceAll(quoted[1], ", …", "")
			if !regexp.MustCompile(`^["'a-z0-9]`).MatchString(formula) || regexp.MustCompile(`^(or|and|not)$`).MatchString(formula) {
				continue // an operator
			}
			if _, err := schema.ParseFormula(formula); err != nil {
				t.Errorf("%s: %v", formula, err)
			}
			parsed++
		}
	}
	if parsed < 25 {
		t.Errorf("only %d formulas stand in the table", parsed)
	}
}
