package xlsform

import (
	"fmt"
	"regexp"
	"strings"
)

// translator turns an XLSForm expression into the text of a formula. names gives a
// question's name here, and chosen whether it is answered by several choices.
type translator struct {
	own    string // what "." stands for
	names  map[string]string
	chosen map[string]bool
	exact  bool // what comes out is shown, and not only held against something
}

// token matches what an expression is made of, after what has to be told apart first.
func tokens() *regexp.Regexp {
	return regexp.MustCompile(`\$\{[^}]*\}|'[^']*'|"[^"]*"|[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_\-]*|!=|<=|>=|\.\.|[()<>=+\-*,./]|\S`)
}

// formula translates, or says which part of the expression has no counterpart.
func (t translator) formula(xpath string) (string, error) {
	var out []string
	all := tokens().FindAllString(xpath, -1)
	for i := 0; i < len(all); i++ {
		token := all[i]
		called := i+1 < len(all) && all[i+1] == "("
		switch {
		case called && (token == "selected" || token == "jr:choice-name"):
			text, used, err := t.selected(all[i:])
			if err != nil {
				return "", err
			}
			out, i = append(out, text), i+used-1
		case i+2 < len(all) && isEmptyText(all[i+2]) && (all[i+1] == "=" || all[i+1] == "!="):
			name, err := t.name(token)
			if err != nil {
				return "", err
			}
			word := map[string]string{"=": "not filled(" + name + ")", "!=": "filled(" + name + ")"}[all[i+1]]
			out, i = append(out, "("+word+")"), i+2
		default:
			word, skip, err := t.word(token, called)
			if err != nil {
				return "", err
			}
			out, i = append(out, word), i+skip
		}
	}
	return strings.Join(out, " "), nil
}

func isEmptyText(token string) bool { return token == "''" || token == `""` }

func (t translator) name(token string) (string, error) {
	if token == "." {
		return t.own, nil
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(token, "${"), "}")
	name, ok := t.names[strings.TrimSpace(inner)]
	if !ok || !strings.HasPrefix(token, "${") {
		return "", fmt.Errorf("%s is no question that was carried over", token)
	}
	return name, nil
}

// word translates one token; skip is how many behind it belong to it.
func (t translator) word(token string, called bool) (word string, skip int, err error) {
	switch {
	case token == "." || strings.HasPrefix(token, "${"):
		word, err = t.name(token)
		return word, 0, err
	case called && (token == "true" || token == "false"):
		return token, 2, nil
	case called:
		known := map[string]string{
			"not": "not", "count-selected": "count", "string-length": "length", "round": "round",
			"if": "if", "min": "min", "max": "max", "number": "", "int": "", "string": "", "concat": "join",
		}
		word, ok := known[token]
		if !ok || t.exact && token == "int" { // of which a number's part behind the point would be left
			return "", 0, fmt.Errorf("%s() has no counterpart", token)
		}
		return word, 0, nil
	case token == "div":
		return "/", 0, nil
	case token == "and" || token == "or" || !strings.ContainsAny(token[:1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/"):
		return token, 0, nil
	}
	return "", 0, fmt.Errorf("%q has no counterpart", token)
}

// selected translates selected(${question}, 'choice').
func (t translator) selected(all []string) (text string, used int, err error) {
	if len(all) < 6 || all[3] != "," || all[5] != ")" || !strings.ContainsAny(all[4][:1], `'"`) {
		return "", 0, fmt.Errorf("selected() is carried over with a question and a choice in quotes only")
	}
	name, err := t.name(all[2])
	if err != nil {
		return "", 0, err
	}
	op := "="
	if t.chosen[name] {
		op = "has"
	}
	return "(" + name + " " + op + " " + all[4] + ")", 6, nil
}
