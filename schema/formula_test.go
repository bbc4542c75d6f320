package schema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"wangge/schema"
)

// filled is what a form holds, for formulas to speak of.
var filled = map[string]any{
	"status": "待跟进", "n": 3.0, "m": 4.0, "yes": true, "tags": []string{"独居", "低保"},
	"born": "1949-12-31", "seen": "2026-11-22", "leap": "2024-02-29", "at": 1763776800000.0, // 2025-11-22T10:00+08:00
}

func of(name string) any { return filled[name] }

func parsed(t *testing.T, text string) schema.Formula {
	t.Helper()
	f, err := schema.ParseFormula(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFormulaIsWorkedOut(t *testing.T) {
	for text, want := range map[string]any{
		`status = "待跟进"`:                      true,
		`status != "待跟进"`:                     false,
		`status in ("正常", '待跟进')`:             true,
		`status in ("正常")`:                    false,
		`tags has "独居" and not tags has "优抚"`: true,
		`nothing = "" or nothing != ""`:       false,
		`not nothing = 1`:                     true,
		`filled(nothing) or filled(status)`:   true,
		`count(tags) + count(nothing)`:        2.0,
		`n + 2 * m - 1`:                       10.0,
		`(n + 2) * m`:                         20.0,
		`10 - 3 - 2`:                          5.0,
		`-n < 0`:                              true,
		`n / 0`:                               nil,
		`n / 0 = n / 0`:                       false,
		`round(n / 2)`:                        2.0,
		`min(n, m) + max(n, m)`:               7.0,
		`if(yes, n, m)`:                       3.0,
		`length(status)`:                      3.0,
		`years(born, seen)`:                   76.0,
		`years(seen, born)`:                   -76.0,
		`years(leap, "2025-02-28")`:           0.0,
		`days(leap, "2024-03-01")`:            1.0,
		`day(at)`:                             "2025-11-22",
		`day(at) < seen`:                      true,
		`days(status, seen)`:                  nil,
		`status < n`:                          false,
		`"あ" < "𠀋" and "a" < "aa"`:            true,
		`n = 3 or n = 4 and yes = false`:      true,
		`not yes or yes`:                      true,
		`nothing + 1`:                         nil,
		`"it's" = 'it''s'`:                    "refused",
		`n <= 3 and n >= 3`:                   true,
	} {
		f, err := schema.ParseFormula(text)
		if want == "refused" {
			if err == nil {
				t.Errorf("%s is taken", text)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.Value(of); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
	}
}

func TestWrongFormulaIsNamedWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		``:                        "at character 1 of",
		`status = "正`:             "close it with",
		`status == "正常"`:          "at character 9 of",
		`a = b = c`:               "compare two things",
		`a = 1 b`:                 "too much from here on",
		`Status = 1`:              "names are lower-case letters",
		`a in "x"`:                "want (",
		`(a = 1`:                  "want )",
		`1.2.3`:                   "want a field",
		`or`:                      "want a field",
		`"中文" and #`:              "at character 10 of",
		strings.Repeat("(", 50):   "too deep",
		strings.Repeat("1+", 501): "at most 1000 bytes",
	} {
		if _, err := schema.ParseFormula(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestFormulaNamesItsFieldsOnce(t *testing.T) {
	f := parsed(t, `a = 1 and (filled(b) or c in (a, "d"))`)
	if got := f.Fields(); !reflect.DeepEqual(got, []string{"a", "b", "c"}) {
		t.Errorf("got %v", got)
	}
}

func TestFormulaAsJSONIsTheTreeThatPagesEvaluate(t *testing.T) {
	f := parsed(t, `not status = "待跟进" or n in (1, 2)`)
	const want = `["or",["not",["=",["field","status"],"待跟进"]],["in",["field","n"],1,2]]`
	data, err := json.Marshal(f)
	if err != nil || string(data) != want {
		t.Fatalf("got %s, %v", data, err)
	}
	var again schema.Formula
	if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(again, f) {
		t.Errorf("read back as %s, %v", again, err)
	}
	for _, wrong := range []string{`[]`, `[1]`, `["field"]`, `["field", 1]`, `["value", 1]`, `{}`, `["and", [""]]`} {
		if err := json.Unmarshal([]byte(wrong), &again); err == nil {
			t.Errorf("%s is read", wrong)
		}
	}
}

func FuzzFormula(f *testing.F) {
	f.Add(`status in ("a", 'b"') and not filled(note) or -n * 2 >= years(born, "2026-11-22")`)
	f.Add(`if(tags has "x", 1, .5)`)
	f.Fuzz(func(t *testing.T, text string) {
		one, err := schema.ParseFormula(text)
		if err != nil {
			return
		}
		again, err := schema.ParseFormula(one.String())
		if err == nil && !reflect.DeepEqual(again, one) {
			t.Fatalf("%q is written as %q, which is another", text, one.String())
		}
		if err != nil && len(one.String()) < 900 && strings.Count(one.String(), "(") < 39 {
			t.Fatalf("%q is written as %q: %v", text, one.String(), err)
		}
	})
}
