package schema_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"wangge/crdt"
	"wangge/schema"
	"wangge/schema/kindfile"
)

func TestEveryKindHasAFormThatPassesAndWithoutARequiredFieldDoesNot(t *testing.T) {
	registry := shipped(t)
	for _, kind := range registry.Kinds() {
		forms, err := kindfile.ShippedSamples(kind.Name)
		if err != nil || len(forms) == 0 {
			t.Errorf("%s has no sample: %v", kind.Name, err)
		}
		for i, form := range forms {
			if _, problems := registry.Check(kind.Name, form); len(problems) > 0 {
				t.Errorf("%s, sample %d: %v", kind.Name, i+1, problems)
			}
			for _, f := range kind.Fields {
				less := maps.Clone(form)
				delete(less, f.Name)
				if _, problems := registry.Check(kind.Name, less); f.Required && len(problems) == 0 {
					t.Errorf("%s, sample %d: passes without %s", kind.Name, i+1, f.Name)
				}
			}
		}
	}
}

// A wrong digit is refused; who shows no number at all is taken, with the reason and as nobody.
func TestWhoShowsNoIdentityNumberChecksInWithAReason(t *testing.T) {
	form := map[string]any{"area": "140581105211", "checked_in_at": "2024-11-23T19:05", "notice_given": true, "consent": true, "platform": "饿了么", "trade": "外卖", "no_id": "未带"}
	filled, problems := shipped(t).Check("newjob_checkin", form)
	if len(problems) > 0 || len(filled.Links) > 0 {
		t.Errorf("with a reason: %v, %v", problems, filled.Links)
	}
	form["no_id"] = nil
	if _, problems = shipped(t).Check("newjob_checkin", form); len(problems) != 1 || problems[0].Field != "person" {
		t.Errorf("without one: %v", problems)
	}
}

func TestKindsAreShortAndSpeakBothLanguages(t *testing.T) {
	titles := map[string]string{}
	for _, kind := range shipped(t).Kinds() {
		asked := slices.DeleteFunc(slices.Clone(kind.Fields), func(f schema.Field) bool { return f.Calculated() || f.Decided() })
		if n := len(asked); n < 4 || n > 14 {
			t.Errorf("%s asks %d things", kind.Name, n)
		}
		if other := titles[kind.Title.Zh]; other != "" {
			t.Errorf("%s and %s have one title", kind.Name, other)
		}
		titles[kind.Title.Zh] = kind.Name
		texts := map[string]schema.Text{"the kind": kind.Title}
		for _, f := range kind.Fields {
			texts[f.Name] = f.Title
			for _, o := range f.Options {
				texts[f.Name+" "+o.Value] = o.Title
			}
		}
		for _, r := range kind.Reports {
			texts["report "+r.Name] = r.Title
		}
		for of, text := range texts {
			if !strings.ContainsFunc(text.Zh, han) || strings.ContainsFunc(text.En, han) {
				t.Errorf("%s: %s is called %q and %q", kind.Name, of, text.Zh, text.En)
			}
		}
	}
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// Who knows one form knows the next: what is called the same is the same.
func TestAFieldOfOneNameIsOneThingInAllKinds(t *testing.T) {
	type name struct{ of, value string }
	seen := map[name]string{}
	told := func(of name, what, kind string) {
		if first, ok := seen[of]; ok && first != what {
			t.Errorf("%s: %s %s is %s, and elsewhere %s", kind, of.of, of.value, what, first)
		}
		seen[of] = what
	}
	for _, kind := range shipped(t).Kinds() {
		for _, f := range kind.Fields {
			if kind.Name != "grid_visit" || f.Name != "person" { // whoever opened the door need not be anybody
				told(name{f.Name, ""}, strings.Replace(string(f.Type), "ladder", "choice", 1), kind.Name) // a rung is chosen too
			}
			for _, o := range f.Options {
				told(name{f.Name, o.Value}, o.Title.Zh+" "+o.Title.En, kind.Name)
			}
		}
	}
}

// What the law calls sensitive, and what is confidential by its nature, is in no kind
// that a whole county reads.
func TestSensitiveKindsAreConfidential(t *testing.T) {
	for _, name := range []string{"burden_complaint", "child_enrolment", "direct_report", "health_contact", "mediation_note", "rights_case"} {
		if kind, ok := shipped(t).Kind(name); !ok || kind.Class != crdt.Confidential {
			t.Errorf("%s is not confidential", name)
		}
	}
}
