package schema

import (
	"errors"
	"fmt"
	"slices"

	"wangge/crdt"
)

// formulaFault checks what a field asks and demands. A question hangs on what stands
// before it, so that a form is read from above, and no two hang on each other.
func (k *Kind) formulaFault(f *Field, i int, at string) *Fault {
	if fault := k.yesNoFault(f.Ask, at+".ask"); fault != nil {
		return fault
	}
	if fault := k.beforeFault(f.Ask, i, at+".ask"); fault != nil {
		return fault
	}
	needed := f.Name == k.Area.Field || f.Name == k.When || slices.Contains(k.Identity, f.Name)
	if fault := k.broken(
		rule{f.Ask.IsZero() && !f.Calculated() || !needed, at + ".ask", "what places, dates or identifies a record is always asked"},
		rule{len(f.Must) == 0 || !f.Inline, at + ".must", "a form of its own says itself what must hold"},
		rule{len(f.Must) <= mustMax, at + ".must", fmt.Sprintf("a field demands at most %d things", mustMax)},
	); fault != nil {
		return fault
	}
	for j, must := range f.Must {
		at := fmt.Sprintf("%s.must[%d]", at, j)
		if fault := k.broken(
			rule{!must.That.IsZero(), at + ".that", "say what must hold"},
			rule{must.Else.both(), at + ".else", "say in both languages, zh and en, what to do where it does not hold"},
		); fault != nil {
			return fault
		}
		if fault := k.yesNoFault(must.That, at+".that"); fault != nil {
			return fault
		}
	}
	return nil
}

// beforeFault checks that a formula speaks of fields which stand before its own, so
// that none hangs on itself.
func (k *Kind) beforeFault(f Formula, i int, at string) *Fault {
	for _, name := range f.Fields() {
		below := slices.ContainsFunc(k.Fields[i:], func(other Field) bool { return other.Name == name })
		if fault := k.broken(rule{!below, at, name + " stands further below: a question hangs on those before it"}); fault != nil {
			return fault
		}
	}
	return nil
}

// mustMax is how many things a field may demand.
const mustMax = 10

func (k *Kind) yesNoFault(f Formula, at string) *Fault {
	if f.IsZero() {
		return nil
	}
	s, err := k.sortOf(f)
	if err != nil {
		return k.broken(rule{false, at, err.Error()})
	}
	return k.broken(rule{s == sortYesNo, at, "this comes to a " + string(s) + ": write what is true or not, such as status = \"正常\""})
}

// sort is what a formula may come to: one of these, or nothing.
type sort string

const (
	sortNumber sort = "number"
	sortText   sort = "text" // days too
	sortYesNo  sort = "yes or no"
	sortList   sort = "list"
	sortFiled  sort = "thing to count" // photos, files, notes: formulas see only how many
	sortAny    sort = "any"
)

// signature says what an operator or a function takes and gives.
type signature struct {
	takes []sort
	gives sort
}

// signatureOf returns the signature of all but in, whose list may be of any
// length, and the comparisons, which take two of a sort.
func signatureOf(op string) (s signature, known bool) {
	switch op {
	case "and", "or":
		return signature{[]sort{sortYesNo, sortYesNo}, sortYesNo}, true
	case "not":
		return signature{[]sort{sortYesNo}, sortYesNo}, true
	case "has":
		return signature{[]sort{sortList, sortText}, sortYesNo}, true
	case "+", "-", "*", "/", "min", "max":
		return signature{[]sort{sortNumber, sortNumber}, sortNumber}, true
	case "round":
		return signature{[]sort{sortNumber}, sortNumber}, true
	case "filled":
		return signature{[]sort{sortAny}, sortYesNo}, true
	case "count":
		return signature{[]sort{sortAny}, sortNumber}, true
	case "length":
		return signature{[]sort{sortText}, sortNumber}, true
	case "born", "sex":
		return signature{[]sort{sortText}, sortText}, true
	case "area", "later":
		return signature{[]sort{sortText, sortNumber}, sortText}, true
	case "day":
		return signature{[]sort{sortAny}, sortText}, true
	case "days", "years":
		return signature{[]sort{sortText, sortText}, sortNumber}, true
	}
	return signature{}, false
}

// sortOf returns what the formula comes to over a kind's fields, or what is wrong
// with it.
func (k *Kind) sortOf(f Formula) (sort, error) {
	switch f.op {
	case opValue:
		return sortOfValue(f.operand), nil
	case opField:
		return k.sortOfField(f.operand.(string))
	}
	if s, ok := laddered()[f.op]; ok {
		return s, k.climbFault(f)
	}
	sorts := make([]sort, len(f.args))
	for i, arg := range f.args {
		s, err := k.sortOf(arg)
		if err != nil {
			return "", err
		}
		sorts[i] = s
	}
	switch f.op {
	case "=", "!=", "<", "<=", ">", ">=", "in":
		return sortYesNo, comparison(f.op, sorts)
	case "if":
		return eitherOf(sorts)
	case "join":
		return joinOf(sorts)
	}
	s, known := signatureOf(f.op)
	if !known {
		return "", fmt.Errorf("there is no %s: FORMAT.md lists what a formula may say", f.op)
	}
	return s.gives, s.takesThese(f.op, sorts)
}

func sortOfValue(v any) sort {
	switch v.(type) {
	case float64:
		return sortNumber
	case bool:
		return sortYesNo
	}
	return sortText
}

func (k *Kind) sortOfField(name string) (sort, error) {
	f, ok := k.Field(name)
	switch {
	case !ok:
		return "", fmt.Errorf("the kind has no field %s: correct the name, or put a text in quotes", name)
	case f.Type == TypeLinks:
		return sortFiled, nil
	case f.Inline:
		return "", fmt.Errorf("%s is a form of its own, of which a formula sees nothing", name)
	case f.Type == TypeLadder:
		return sortText, nil
	case f.Merge == crdt.Set:
		return sortList, nil
	case f.Merge != crdt.Register:
		return sortFiled, nil
	}
	switch f.Type {
	case TypeInt, TypeDecimal, TypeInstant:
		return sortNumber, nil
	case TypeBool:
		return sortYesNo, nil
	}
	return sortText, nil
}

// comparison says what is wrong with comparing things of these sorts.
func comparison(op string, sorts []sort) error {
	if op != "in" && len(sorts) != 2 {
		return fmt.Errorf("%s compares two things", op)
	}
	if len(sorts) < 2 {
		return fmt.Errorf("give what %s looks in, such as (\"a\", \"b\")", op)
	}
	for _, s := range sorts {
		switch {
		case s == sortList || s == sortFiled:
			return fmt.Errorf("%s compares no list: ask for one element by has, or for how many by count", op)
		case s != sorts[0]:
			return fmt.Errorf("%s compares a %s with a %s: that never holds", op, sorts[0], s)
		case s == sortYesNo && op[0] != '=' && op[0] != '!':
			return fmt.Errorf("%s compares numbers, texts and days", op)
		}
	}
	return nil
}

func eitherOf(sorts []sort) (sort, error) {
	if len(sorts) != 3 || sorts[0] != sortYesNo || sorts[1] != sorts[2] {
		return "", errors.New("want if(condition, one thing, another of its sort)")
	}
	return sorts[1], nil
}

func joinOf(sorts []sort) (sort, error) {
	if len(sorts) == 0 || slices.ContainsFunc(sorts, func(s sort) bool { return s != sortText }) {
		return "", errors.New("join takes texts, such as join(street, \" \", door)")
	}
	return sortText, nil
}

func (s signature) takesThese(op string, sorts []sort) error {
	if len(sorts) != len(s.takes) {
		return fmt.Errorf("%s takes %d, here are %d", op, len(s.takes), len(sorts))
	}
	for i, want := range s.takes {
		if want != sortAny && want != sorts[i] {
			return fmt.Errorf("%s takes a %s and not a %s", op, want, sorts[i])
		}
	}
	return nil
}
