package xlsform

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"wangge/schema"
)

// bounds reads start and end of a range question.
func bounds(f schema.Field, parameters string) (r schema.Range) {
	if f.Type != schema.TypeDecimal {
		return r
	}
	for _, one := range strings.FieldsFunc(parameters, func(r rune) bool { return r == ' ' || r == ';' || r == ',' }) {
		name, value, _ := strings.Cut(one, "=")
		x, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil:
		case name == "start":
			r.Min = x
		case name == "end":
			r.Max = x
		}
	}
	return r
}

// Name returns what a question of a form is called in the kind that it was carried
// over to, unless another has that name.
func Name(question string) string { return plainName(question) }

// plainName turns a name of the form's into one of a kind's.
func plainName(name string) string {
	name = regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "_")
	name = strings.TrimRight(strings.TrimLeft(name, "_0123456789"), "_")
	if name == "" {
		name = "question"
	}
	return strings.TrimRight(name[:min(len(name), 36)], "_")
}

// fresh returns a name that no field has yet.
func (c *carrier) fresh(name string) string {
	if name == "id" || name == "kind" {
		name += "_1"
	}
	for n, base := 2, name; ; n++ {
		if _, taken := c.kind.Field(name); !taken {
			return name
		}
		name = fmt.Sprintf("%s_%d", base, n)
	}
}
