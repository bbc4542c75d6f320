package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"wangge/schema"
	"wangge/schema/xlsform"
)

// submissions turns what ODK and Kobo export, CSV or JSON, into forms of a kind. The
// names of questions are matched as an XLSForm's are carried over, whatever groups
// they stand in; repeats are inline links.
type submissions struct {
	kind  *schema.Kind
	kinds *schema.Registry
	set   map[string]any    // what is filled in where a submission says nothing
	left  map[string]string // columns that are left out, and why
	next  func() (path map[string]any, number int, err error)
}

// readSubmissions looks at the beginning of an export.
func readSubmissions(in *bufio.Reader, k *schema.Kind, kinds *schema.Registry, set map[string]any) (*lineReader, error) {
	s := &submissions{kind: k, kinds: kinds, set: set, left: map[string]string{}}
	head, _ := in.Peek(lineMax)
	var err error
	if text := bytes.TrimSpace(head); len(text) > 0 && (text[0] == '[' || text[0] == '{') {
		s.next, err = jsonSubmissions(in)
	} else {
		s.next, err = csvSubmissions(in, head)
	}
	return &lineReader{forms: s}, err
}

// csvSubmissions reads a table whose columns are paths: group-question of ODK,
// group/question of Kobo, which parts columns by semicolons.
func csvSubmissions(in io.Reader, head []byte) (func() (map[string]any, int, error), error) {
	table := csv.NewReader(in)
	table.FieldsPerRecord = -1
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(",")) {
		table.Comma = ';'
	}
	names, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("the export has no first line with the questions' names: %v", err)
	}
	return func() (map[string]any, int, error) {
		row, err := table.Read()
		if err != nil {
			return nil, 0, err
		}
		number, _ := table.FieldPos(0)
		said := map[string]any{}
		for i, text := range row[:min(len(row), len(names))] {
			if text = strings.TrimSpace(text); text != "" {
				said[names[i]] = text
			}
		}
		return said, number, nil
	}, nil
}

// jsonSubmissions reads a list of submissions, or the list in an answer of one of the
// two servers: value of ODK, results of Kobo.
func jsonSubmissions(in io.Reader) (func() (map[string]any, int, error), error) {
	d := json.NewDecoder(in)
	d.UseNumber()
	for open := false; !open; {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("the export has no list of submissions: %v", err)
		}
		switch token {
		case json.Delim('['):
			open = true
		case json.Delim('{'), "value", "results":
		default:
			var passed json.RawMessage // what else the answer says
			if err := d.Decode(&passed); err != nil {
				return nil, fmt.Errorf("the export has no list of submissions: %v", err)
			}
		}
	}
	number := 0
	return func() (map[string]any, int, error) {
		if !d.More() {
			return nil, 0, io.EOF
		}
		number++
		var one map[string]any
		err := d.Decode(&one)
		said := map[string]any{}
		flatten(said, "", one)
		return said, number, err
	}, nil
}

// flatten names what stands in groups by its path.
func flatten(said map[string]any, at string, group map[string]any) {
	for name, value := range group {
		inner, isGroup := value.(map[string]any)
		if place, ok := inner["coordinates"].([]any); ok && len(place) > 1 {
			said[at+name] = fmt.Sprintf("%v %v", place[1], place[0])
		} else if isGroup {
			flatten(said, at+name+"/", inner)
		} else if value != nil && value != "" {
			said[at+name] = value
		}
	}
}

// leftOut lists what an import left out of every line, and returns how much that is.
func (r *lineReader) leftOut(out io.Writer) int {
	if r.forms == nil {
		return 0
	}
	for _, path := range slices.Sorted(maps.Keys(r.forms.left)) {
		fmt.Fprintf(out, "column %s: left out: %s\n", path, r.forms.left[path])
	}
	return len(r.forms.left)
}

// setFields reads what --set gives to all records.
func setFields(k *schema.Kind, given []string) (map[string]any, error) {
	set := map[string]any{}
	for _, text := range given {
		name, value, ok := strings.Cut(text, "=")
		f, known := k.Field(name)
		if !ok || !known {
			return nil, misused("--set %s: want a field of %s, such as grid=140581105211003", text, k.Name)
		}
		set[name] = typed(f.Type, value)
	}
	return set, nil
}

func (s *submissions) line() (line, error) {
	said, number, err := s.next()
	if errors.Is(err, io.EOF) {
		return line{}, io.EOF
	}
	l := line{number: number}
	if err != nil {
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			return line{number: bad.StartLine, fault: bad.Err.Error()}, nil
		}
		return l, fmt.Errorf("reading submission %d: %w", number, err)
	}
	form := s.form(s.kind, said)
	for name, value := range s.set {
		if _, given := form[name]; !given {
			form[name] = value
		}
	}
	if id := instance(said); id != "" {
		form["id"] = id
	}
	if l.form, err = json.Marshal(form); len(l.form) > lineMax {
		l.fault = fmt.Sprintf("longer than %d bytes", lineMax)
	}
	return l, err
}

// form turns a submission, or one of a repeat, into a form.
func (s *submissions) form(k *schema.Kind, said map[string]any) map[string]any {
	form := map[string]any{}
	for path, value := range said {
		f, ok := question(k, path)
		switch {
		case ok && f.Calculated():
		case ok && f.Decided():
			s.left[path] = "the county alone writes this field"
		case ok && (f.Type == schema.TypePhoto || f.Type == schema.TypeFile):
			s.left[path] = "an export names files and does not hold them: add them to the records"
		case ok:
			form[f.Name] = s.answer(f, value)
		case !systems().MatchString(path) && !s.part(k, path):
			s.left[path] = "the kind " + k.Name + " has no such field"
		}
	}
	return form
}

// answer turns a value into what a form's JSON carries.
func (s *submissions) answer(f *schema.Field, value any) any {
	list, isList := value.([]any)
	to, linked := s.kinds.Kind(f.To)
	switch {
	case isList && f.Inline && linked:
		for i, one := range list {
			if form, ok := one.(map[string]any); ok {
				said := map[string]any{}
				flatten(said, "", form)
				list[i] = s.form(to, said)
			}
		}
		return list
	case isList:
		return list
	}
	text := fmt.Sprint(value)
	switch f.Type {
	case schema.TypeChoices:
		words := []any{}
		for _, word := range strings.Fields(text) {
			words = append(words, word)
		}
		return words
	case schema.TypeBool:
		if strings.EqualFold(text, "ok") { // what an acknowledgement says
			return true
		}
	case schema.TypeInstant:
		if m := regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?$`).FindStringSubmatch(text); m != nil {
			return m[1] + "T" + m[2]
		}
	}
	return typed(f.Type, text)
}

// question finds the field that a path names: by its whole, or by its end behind some
// groups; or by what people call it, as Kobo exports labels.
func question(k *schema.Kind, path string) (*schema.Field, bool) {
	for rest := path; ; {
		for i := range k.Fields {
			f := &k.Fields[i]
			if f.Name == rest || f.Name == xlsform.Name(rest) || f.Title.Zh == rest || f.Title.En == rest {
				return f, true
			}
		}
		cut := strings.IndexAny(rest, "/-.")
		if cut < 0 {
			return nil, false
		}
		rest = rest[cut+1:]
	}
}

// part reports whether a column only repeats what another says: one for each option
// of a question.
func (s *submissions) part(k *schema.Kind, path string) bool {
	cut := strings.LastIndexAny(path, "/.")
	if cut < 0 {
		return false
	}
	f, ok := question(k, path[:cut])
	return ok && slices.ContainsFunc(f.Options, func(o schema.Option) bool {
		return o.Value == path[cut+1:] || o.Title.Zh == path[cut+1:] || o.Title.En == path[cut+1:]
	})
}

// systems matches the columns in which the two say how a submission came about.
func systems() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(_.*|.*@odata.*|meta([-/].*)?|formhub/.*|instance(id|name)|key|submissiondate|submitter(id|name)|` +
		`attachments(present|expected)|status|reviewstate|deviceid|edits|formversion|start|end|today|username|phonenumber|simserial|subscriberid|audit)$`)
}

// instance returns the id that a submission has had since it was filled in, as a
// record's: the same export may be imported again and again.
func instance(said map[string]any) string {
	for _, name := range []string{"meta/instanceID", "meta-instanceID", "instanceID", "KEY", "__id", "_uuid"} {
		id, _ := said[name].(string)
		id = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(id, "uuid:"), "-", ""))
		if _, err := schema.ParseID(id); err == nil {
			return id
		}
	}
	return ""
}
