package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseFormula reads a formula such as
//
//	status in ("待跟进", "已上报") and not filled(note)
//
// It knows nothing of fields; New holds what it names against the kind.
func ParseFormula(text string) (Formula, error) {
	if len(text) > formulaMax || !utf8.ValidString(text) {
		return Formula{}, fmt.Errorf("a formula is UTF-8 of at most %d bytes: split the question", formulaMax)
	}
	r := reader{text: text}
	r.next()
	f := r.binary(0)
	if r.err == nil && r.token != "" {
		r.fail("there is too much from here on")
	}
	if r.err != nil {
		return Formula{}, r.err
	}
	return f, nil
}

// The binary operators, those that bind least first.
func operators() [][]string {
	return [][]string{{"or"}, {"and"}, {"=", "!=", "<", "<=", ">", ">=", "in", "has"}, {"+", "-"}, {"*", "/"}}
}

const comparing = 2 // the row of operators of which one does not follow another

func isOperator(op string) bool {
	return slices.ContainsFunc(operators(), func(row []string) bool { return slices.Contains(row, op) })
}

// reader takes a formula apart, one token ahead.
type reader struct {
	text   string
	at     int    // where the token begins
	end    int    // where it ends
	token  string // "" at the end
	quoted bool   // the token is a text, without its quotes
	depth  int
	err    error
}

func (r *reader) fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("at character %d of %q: %s", utf8.RuneCountInString(r.text[:r.at])+1, r.text, why)
	}
	r.token, r.quoted = "", false
}

// next reads the token that comes.
func (r *reader) next() {
	if r.err != nil {
		return
	}
	rest := strings.TrimLeft(r.text[r.end:], " \t\r\n")
	r.at, r.quoted = len(r.text)-len(rest), false
	switch {
	case rest == "":
		r.token, r.end = "", len(r.text)
	case rest[0] == '"' || rest[0] == '\'':
		closing := strings.IndexByte(rest[1:], rest[0])
		if closing < 0 {
			r.fail("this text has no end: close it with " + rest[:1])
			return
		}
		r.token, r.quoted, r.end = rest[1:1+closing], true, r.at+closing+2
	default:
		r.take(rest)
	}
}

func (r *reader) take(rest string) {
	n := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz_0123456789."))
	for _, sign := range []string{"!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ","} {
		if n == 0 && strings.HasPrefix(rest, sign) {
			n = len(sign)
		}
	}
	if n == 0 {
		r.fail("this stands in no formula: names are lower-case letters, texts stand in quotes")
		return
	}
	r.token, r.end = rest[:n], r.at+n
}

func (r *reader) is(tokens ...string) bool {
	return !r.quoted && r.token != "" && slices.Contains(tokens, r.token)
}

func (r *reader) want(token string) {
	if !r.is(token) {
		r.fail("want " + token)
		return
	}
	r.next()
}

func (r *reader) binary(row int) Formula {
	if row == len(operators()) {
		return r.unary()
	}
	left := r.binary(row + 1)
	for n := 0; r.err == nil && r.is(operators()[row]...); n++ {
		if n == depthMax || row == comparing && n > 0 {
			r.fail("compare two things, and join comparisons by and, or")
			return left
		}
		op := r.token
		if r.next(); op == "in" {
			left = Formula{op: op, args: append([]Formula{left}, r.list()...)}
		} else {
			left = Formula{op: op, args: []Formula{left, r.binary(row + 1)}}
		}
	}
	return left
}

// list reads what stands in parentheses, parted by commas.
func (r *reader) list() (items []Formula) {
	r.want("(")
	for r.err == nil && !r.is(")") {
		items = append(items, r.binary(0))
		if !r.is(")") {
			r.want(",")
		}
	}
	r.want(")")
	return items
}

func (r *reader) unary() Formula {
	if r.depth++; r.depth > depthMax {
		r.fail("this is too deep to be read: make it simpler")
	}
	defer func() { r.depth-- }()
	switch {
	case r.is("not"):
		r.next()
		return Formula{op: "not", args: []Formula{r.binary(comparing)}}
	case r.is("-"):
		r.next()
		return Formula{op: "-", args: []Formula{{op: opValue, operand: 0.0}, r.unary()}}
	case r.is("("):
		r.next()
		inner := r.binary(0)
		r.want(")")
		return inner
	}
	return r.leaf()
}

// isPath reports whether a token names a field, or one of a linked record.
func isPath(token string) bool {
	link, field, through := strings.Cut(token, ".")
	return isName(link) && (!through || isName(field))
}

func (r *reader) leaf() Formula {
	token := r.token
	switch number, err := strconv.ParseFloat(token, 64); {
	case r.quoted:
		r.next()
		return Formula{op: opValue, operand: token}
	case r.is("true", "false"):
		r.next()
		return Formula{op: opValue, operand: token == "true"}
	case token != "" && token[0] <= '9' && err == nil:
		r.next()
		return Formula{op: opValue, operand: number}
	case !isPath(token) || isOperator(token):
		r.fail("want a field, a value or a parenthesis")
		return Formula{}
	}
	if r.next(); r.is("(") {
		return Formula{op: token, args: r.list()}
	}
	return Formula{op: opField, operand: token}
}
