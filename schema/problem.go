package schema

import "strings"

// Problem says why a form's field is not accepted, and what to do about it.
type Problem struct {
	Field string `json:"field"` // as the form names it; person.id_number inside an inline link
	Text  Text   `json:"text"`
}

// Problems is what is wrong with a form; empty means that it is valid. As an
// error it is meant for logs of imports, so it names no value that was typed.
type Problems []Problem

// problemsMax bounds what a hostile form makes us say.
const problemsMax = 100

// Error returns the English sentences, one a field.
func (p Problems) Error() string {
	sentences := make([]string, len(p))
	for i, problem := range p {
		sentences[i] = problem.Field + ": " + problem.Text.En
	}
	return strings.Join(sentences, "; ")
}

func (p *Problems) add(field string, complaint Text) {
	if !complaint.Empty() && len(*p) < problemsMax {
		*p = append(*p, Problem{field, complaint})
	}
}
