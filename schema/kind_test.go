package schema_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"testing"

	"wangge/crdt"
	"wangge/schema"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// The pages and the tablets of older programs read these bytes, of kinds that use
// all there is between them.
func TestCompiledKindsAreAsGolden(t *testing.T) {
	kinds := slices.DeleteFunc(slices.Clone(shipped(t).Kinds()), func(k schema.Kind) bool {
		return !slices.Contains([]string{"grid_visit", "hazard_report", "mediation_note", "newjob_checkin", "person", "point_account"}, k.Name)
	})
	got, err := json.MarshalIndent(kinds, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "testdata/kinds.json"
	if *rewrite {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the compiled kinds differ from testdata/kinds.json; if that is meant, run this test with -rewrite")
	}
	var read []schema.Kind
	if err := json.Unmarshal(want, &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, kinds) {
		t.Error("the golden kinds do not read back as they were")
	}
}

func TestKindWithAWrongWordDoesNotRead(t *testing.T) {
	for _, text := range []string{`{"class": "secret"}`, `{"class": "open", "fields": [{"merge": "last"}]}`, `[]`} {
		var kind schema.Kind
		if err := json.Unmarshal([]byte(text), &kind); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

func TestOptionHasItsLabel(t *testing.T) {
	person, _ := shipped(t).Kind("person")
	status, _ := person.Field("political_status")
	if label, ok := status.Label(crdt.Text("01")); !ok || label.Zh != "中共党员" {
		t.Errorf("got %q, %v", label, ok)
	}
	if label, ok := status.Label(crdt.Text("99")); ok {
		t.Errorf("an option of a newer form has the label %q", label)
	}
}

func TestProbationaryMembersAreLeftToTheCounty(t *testing.T) {
	kind, _ := shipped(t).Kind("newjob_checkin")
	for _, report := range kind.Reports {
		if report.Name != "party_members" {
			continue
		}
		link, condition, err := report.Where[0].Through()
		if err != nil || link != "person" {
			t.Errorf("it looks through %s, %v", link, err)
		}
		person, _ := shipped(t).Kind("person")
		member := func(condition schema.Formula, status ...crdt.Value) bool {
			return person.Meets(condition, func(crdt.FieldID) []crdt.Value { return status })
		}
		if !member(condition, crdt.Text("01")) || member(condition, crdt.Text("02")) || member(condition) {
			t.Error("members count, probationary ones do not")
		}
		if !member(parsed(t, `political_status in ("01", "02")`), crdt.Text("02")) {
			t.Error("a county cannot count probationary members")
		}
		return
	}
	t.Error("there is no report party_members")
}

func TestValueOfANewerFormIsShown(t *testing.T) {
	if got := schema.Show(crdt.Value("\x7fnew")); got != "7f6e6577" {
		t.Errorf("got %v", got)
	}
}
