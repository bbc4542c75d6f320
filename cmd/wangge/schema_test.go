package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wangge/schema"
	"wangge/schema/kinds"
)

// kindsFolder returns a folder of the shipped kinds in which one text of a file is
// another.
func kindsFolder(t *testing.T, file, old, new string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, kinds.Files); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, file)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q: %v", file, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestKindsAreCheckedByFileAndLine(t *testing.T) {
	if code, out, _ := wangge(t, nil, "schema", "check"); code != 0 || !strings.Contains(out, "网格走访") {
		t.Errorf("the shipped kinds: exit code %d, %s", code, out)
	}
	wrong := kindsFolder(t, "hazard_report.yaml", `reached(status, "已消除")`, `reached(state, "已消除")`)
	if code, _, said := wangge(t, nil, "schema", "check", wrong); code != exitFailed || !strings.Contains(said, "hazard_report.yaml:52: ") {
		t.Errorf("a wrong formula: exit code %d, %s", code, said)
	}
	if code, _, _ := wangge(t, nil, "schema", "chek"); code != exitUsage {
		t.Errorf("a wrong word: exit code %d", code)
	}
}

func TestSamplesOfKindsAreTried(t *testing.T) {
	if code, out, said := wangge(t, nil, "schema", "test"); code != 0 || !strings.Contains(out, "samples tried") {
		t.Errorf("the shipped kinds: exit code %d, %s, %s", code, out, said)
	}
	stricter := kindsFolder(t, "household.yaml", "type: int, range: [0, 100]}", "type: int, range: [50, 100]}")
	code, out, _ := wangge(t, nil, "schema", "test", stricter)
	if code != exitFailed || !strings.Contains(out, "samples/household.yaml:1: is refused: residents: ") {
		t.Errorf("a stricter kind: exit code %d, %s", code, out)
	}
	if err := os.Remove(filepath.Join(stricter, "samples", "person.yaml")); err != nil {
		t.Fatal(err)
	}
	code, out, _ = wangge(t, nil, "schema", "test", "--json", stricter)
	var told struct {
		Tried  int         `json:"tried"`
		Differ []differing `json:"differ"`
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitFailed || len(told.Differ) != 2 || told.Tried < 20 {
		t.Errorf("a kind without a sample: exit code %d, %s, %v", code, out, err)
	}
}

// A county's folder holds its own kinds alone: they stand beside those that ship, and may
// link to them.
func TestKindsOfACountyAreTriedBesideThoseThatShip(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"dog_licence.yaml": dogLicence, "samples/dog_licence.yaml": dogSamples} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, said := wangge(t, nil, "schema", "check", folder)
	if code != 0 || !strings.Contains(out, "dog_licence") || strings.Contains(out, "grid_visit") {
		t.Errorf("check: exit code %d, %s %s", code, out, said)
	}
	if code, out, said = wangge(t, nil, "schema", "test", folder); code != 0 || out != "1 kinds, 2 samples tried\n" {
		t.Errorf("test: exit code %d, %s %s", code, out, said)
	}
	if code, out, said = wangge(t, nil, "schema", "diff", "-", folder); code != 0 || strings.Count(out, "\n") != 1 || !strings.Contains(out, "dog_licence.kind") {
		t.Errorf("diff: exit code %d, %s %s", code, out, said)
	}
}

// The second sample is refused only where the steps of a kind with an identity are judged.
const (
	dogLicence = `kind: dog_licence
title: {zh: 养犬登记, en: Dog licence}
class: personal
area: {field: area, level: community}
identity: [chip]
fields:
  - {id: 1, name: area, title: {zh: 社区, en: Community}, type: area, required: true}
  - {id: 2, name: chip, title: {zh: 芯片号, en: Chip}, type: text, required: true, range: [15, 15]}
  - {id: 3, name: owner, title: {zh: 犬主, en: Owner}, type: link, to: person, inline: true, required: true}
  - {id: 4, name: vaccinated_on, title: {zh: 接种日期, en: Vaccinated on}, type: date}
  - id: 5
    name: status
    title: {zh: 进度, en: Progress}
    type: ladder
    options: [{value: 受理, en: Accepted}, {value: 发证, en: Licensed, after: [受理], asks: [vaccinated_on]}]
`
	dogSamples = `- {area: "140581105211", chip: "156000000123456", owner: {id_number: "11010519491231002X", name: 林芳}, vaccinated_on: 2026-10-01, status: [受理, 发证]}
- form: {area: "140581105211", chip: "156000000123457", owner: {id_number: "11010519491231002X", name: 林芳}, status: [受理, 发证]}
  problem: vaccinated_on
`
)

func TestEditorsAreToldWhatAKindMaySay(t *testing.T) {
	code, out, _ := wangge(t, nil, "schema", "editor")
	var told struct {
		Schema     string         `json:"$schema"`
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 || told.Schema == "" || told.Properties["fields"] == nil {
		t.Errorf("exit code %d, %v: %s", code, err, out)
	}
}

func TestKindsAreComparedWithWhatTheyWere(t *testing.T) {
	if code, out, _ := wangge(t, nil, "schema", "diff", "-", kindsFolder(t, "person.yaml", "姓名", "名字")); code != 0 || !strings.Contains(out, "the same") {
		t.Errorf("another wording: exit code %d, %s", code, out)
	}
	worse := kindsFolder(t, "grid_visit.yaml", "merge: counter", "merge: register")
	code, out, said := wangge(t, nil, "schema", "diff", "--json", "-", worse)
	var changes []schema.Change
	if err := json.Unmarshal([]byte(out), &changes); err != nil || code != exitFailed || len(changes) != 1 || changes[0].Path != "fields.followups.merge" {
		t.Errorf("another merge: exit code %d, %s, %s, %v", code, out, said, err)
	}
}

func TestFormOfAnotherSystemIsCarriedOverAndWhatIsLeftIsListed(t *testing.T) {
	form := filepath.Join("testdata", "wells.xlsx")
	code, file, said := wangge(t, nil, "schema", "import", "--kind", "well_check", form)
	if code != exitPartial || !strings.Contains(said, "row 4, thanks: it asks nothing") {
		t.Fatalf("exit code %d, %s", code, said)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "well_check.yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, said := wangge(t, nil, "schema", "check", folder); code != 0 || !strings.Contains(out, "well_check") {
		t.Errorf("the carried kind: exit code %d, %s %s", code, out, said)
	}
	if code, _, said := wangge(t, nil, "schema", "import", "schema_test.go"); code != exitFailed || !strings.Contains(said, "no .xlsx workbook") {
		t.Errorf("no workbook: exit code %d, %s", code, said)
	}
}
