package schema_test

import (
	"maps"
	"testing"

	"wangge/crdt"
	"wangge/schema/kindfile"
)

// sample returns the first sample of a kind that ships, with some fields as given.
func sample(t *testing.T, kind string, other map[string]any) map[string]any {
	t.Helper()
	forms, err := kindfile.ShippedSamples(kind)
	if err != nil || len(forms) == 0 {
		t.Fatalf("%s: %v", kind, err)
	}
	maps.Copy(forms[0], other)
	return forms[0]
}

// Nobody types the number of a case: two boxes without signal would both take the next.
func TestCasesAreNumberedByTheCountyEachUnderItsOwnSign(t *testing.T) {
	r := shipped(t)
	signs := map[string]string{}
	for kind, field := range map[string]string{
		"suggestion": "number", "rights_case": "number", "service_request": "number", "direct_report": "number",
		"petition_matter": "number", "mediation_case": "case_no",
	} {
		k, _ := r.Kind(kind)
		f, _ := k.Field(field)
		begin, ok := k.NumberBegin(f, stored(t, r, kind, sample(t, kind, nil)))
		if !ok || signs[begin] != "" {
			t.Errorf("%s.%s begins with %q as %s does", kind, field, begin, signs[begin])
		}
		signs[begin] = kind
		if _, problems := r.Check(kind, sample(t, kind, map[string]any{field: "1"})); len(problems) == 0 {
			t.Errorf("a box gives a %s its number", kind)
		}
	}
}

func TestAWishAndACallForHelpGoToTheFirstOfWhomTheCountyHears(t *testing.T) {
	r := shipped(t)
	for kind, names := range map[string][2]string{"micro_wish": {"claims", "claimant"}, "rescue_match": {"candidates", "team"}} {
		k, _ := r.Kind(kind)
		f, _ := k.Field(names[1])
		of, _ := k.Field(names[0])
		rec := stored(t, r, kind, sample(t, kind, nil))
		want := append(rec.Cells[of.ID].Values(), "none")[0]
		if got := k.FirstOf(f, rec); got == crdt.Value("") || got != want {
			t.Errorf("%s.%s is %q, not %q", kind, f.Name, got, want)
		}
	}
}
