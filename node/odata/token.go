package odata

import (
	"strings"
)

// token is a word, a mark or a text of a filter. Words are names, operators and all
// literals but texts.
type token struct {
	text   string
	quoted bool // a text, without its quotes
}

func (t token) is(word string) bool { return !t.quoted && t.text == word }

// tokens cuts a filter or a key up. A quote in a text is written twice.
func tokens(s string) (all []token, err error) {
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		switch {
		case s[0] == '\'':
			text, rest, ok := quoted(s[1:])
			if !ok {
				return nil, bad("筛选或主键中有文本缺少结尾的单引号", "a text lacks its closing quote: write 'text', and '' for a quote in it")
			}
			all, s = append(all, token{text, true}), rest
		case strings.ContainsRune("(),=", rune(s[0])):
			all, s = append(all, token{s[:1], false}), s[1:]
		default:
			end := strings.IndexAny(s, " \t'(),=")
			if end < 0 {
				end = len(s)
			}
			all, s = append(all, token{s[:end], false}), s[end:]
		}
	}
	return all, nil
}

// quoted reads a text whose opening quote was read.
func quoted(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for {
		before, behind, found := strings.Cut(s, "'")
		b.WriteString(before)
		if !found {
			return "", "", false
		}
		if !strings.HasPrefix(behind, "'") {
			return b.String(), behind, true
		}
		b.WriteByte('\'')
		s = behind[1:]
	}
}
