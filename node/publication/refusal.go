package publication

import (
	"errors"
	"fmt"

	"wangge/schema"
)

// Refusal says in both languages why something was not done and what to do, for the official
// who reads it at a city. It is Chinese first.
type Refusal struct {
	schema.Text
	cause error
}

// Error returns both sentences, each on a line.
func (r Refusal) Error() string { return r.Zh + "\n" + r.En }

func (r Refusal) Unwrap() error { return r.cause }

// Refuse makes a Refusal of a format in each language, which take the same arguments. The
// cause, nil for none, is what errors.Is finds.
func Refuse(cause error, zh, en string, args ...any) error {
	return Refusal{schema.Text{Zh: fmt.Sprintf(zh, args...), En: fmt.Sprintf(en, args...)}, cause}
}

// Say returns an error's words: of a Refusal its own, of others theirs in both languages.
func Say(err error) schema.Text {
	var r Refusal
	if errors.As(err, &r) {
		return r.Text
	}
	return schema.Text{Zh: err.Error(), En: err.Error()}
}
