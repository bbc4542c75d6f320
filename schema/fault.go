package schema

import "fmt"

// Fault says which declaration does not hold, and what to do about it. Path
// names it as kinds are written, in JSON as in YAML, such as $.fields[3].to;
// the reader of a file finds the line by it.
type Fault struct {
	Kind string
	Path string
	Text string
}

// Error returns the fault as one sentence.
func (f *Fault) Error() string {
	return fmt.Sprintf("kind %q, %s: %s", f.Kind, f.Path, f.Text)
}

// rule is one thing that must hold of a declaration.
type rule struct {
	holds bool
	at    string // the path
	text  string // what to do when it does not hold
}

// broken returns the fault of the first rule that does not hold.
func (k *Kind) broken(rules ...rule) *Fault {
	for _, r := range rules {
		if !r.holds {
			return &Fault{k.Name, "$." + r.at, r.text}
		}
	}
	return nil
}

// isName reports whether s can name a kind, a field or a report: it becomes a
// key in JSON and a column in exports.
func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

const nameRule = "a name is a lower-case letter, then letters, digits and _, at most 40 in all"

func (t Text) both() bool { return t.Zh != "" && t.En != "" }

const titleRule = "give a title in Chinese (zh) and in English (en)"
