package main

import (
	"bufio"
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
	kind    *schema.Kind
	kinds   *schema.Registry
	set     map[string]any // what is filled in where a submission says nothing
	left    *leftOut
	repeats *repeats  // in files of their own; nil if there are none
	media   *pictures // nil if no folder was given
	next    func() (submission, error)
	fields  map[asking]*schema.Field // by paths that were looked up, nil where there is none
}

// asking is a path of a kind's form.
type asking struct {
	kind *schema.Kind
	path string
}

// readSubmissions looks at the beginning of an export.
func readSubmissions(in *bufio.Reader, k *schema.Kind, kinds *schema.Registry, set map[string]any, parts exportParts) (*lineReader, error) {
	s := &submissions{kind: k, kinds: kinds, set: set, left: newLeftOut(), media: parts.media, fields: map[asking]*schema.Field{}}
	var err error
	if len(parts.repeats) > 0 {
		if s.repeats, err = readRepeats(parts, k, kinds, s.left); err != nil {
			return nil, err
		}
	}
	s.next, err = readExport(in, parts, s.left)
	return &lineReader{forms: s}, err
}

// leftOut lists what an import left out, and returns how much that is.
func (r *lineReader) leftOut(out io.Writer) int {
	if r.forms == nil {
		return 0
	}
	if r.forms.repeats != nil {
		r.forms.repeats.orphans(r.forms.left)
	}
	return r.forms.left.tell(out)
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
	one, err := s.next()
	if errors.Is(err, io.EOF) {
		return line{}, io.EOF
	}
	l := line{number: one.at.line, fault: one.fault}
	if err != nil {
		return l, fmt.Errorf("reading submission %d: %w", one.at.line, err)
	}
	if l.fault != "" {
		return l, nil
	}
	if s.repeats != nil {
		s.repeats.join(one.said)
	}
	form := s.form(s.kind, one)
	for name, value := range s.set {
		if _, given := form[name]; !given {
			form[name] = value
		}
	}
	if id := instance(one.said); id != "" {
		form["id"] = id
	}
	if l.form, err = json.Marshal(form); len(l.form) > lineMax {
		l.fault = fmt.Sprintf("longer than %d bytes", lineMax)
	}
	return l, err
}

// form turns a submission, or one of a repeat, into a form.
func (s *submissions) form(k *schema.Kind, one submission) map[string]any {
	s.places(k, one.said)
	form, chosen := map[string]any{}, map[string][]any{}
	for _, path := range slices.Sorted(maps.Keys(one.said)) {
		value := one.said[path]
		f, ok := s.question(k, path)
		group, isGroups := groups(value)
		switch {
		case s.part(k, path, value, chosen):
		case strings.HasSuffix(path, "@odata.navigationLink"):
			s.left.add(one.at, strings.TrimSuffix(path, "@odata.navigationLink"), "it stands behind a link of the server: export with $expand=*")
		case ok && f.Calculated():
		case ok && f.Decided():
			s.left.add(one.at, path, "the county alone writes this field")
		case ok && (f.Type == schema.TypePhoto || f.Type == schema.TypeFile):
			s.attach(form, f, path, one)
		case ok && isGroups && f.Inline:
			form[f.Name] = s.inner(f, path, group, one)
		case ok && isGroups:
			s.left.add(one.at, path, "it is asked several times over, and the kind %s asks for no forms there", k.Name)
		case ok:
			form[f.Name] = s.answer(f, value)
		case systems.MatchString(path):
			s.left.known[path] = true
		default:
			s.left.add(one.at, path, "the kind %s has no such field", k.Name)
		}
	}
	for name, all := range chosen {
		if _, given := form[name]; !given {
			form[name] = all
		}
	}
	return form
}

// groups returns the submissions of a repeat.
func groups(value any) (all []submission, ok bool) {
	if all, ok = value.([]submission); ok {
		return all, true
	}
	list, _ := value.([]any)
	for _, one := range list {
		group, isGroup := one.(map[string]any)
		if !isGroup {
			return nil, false
		}
		said := map[string]any{}
		flatten(said, "", group)
		all = append(all, submission{said: said})
	}
	return all, len(all) > 0
}

// inner turns a repeat into inline forms.
func (s *submissions) inner(f *schema.Field, path string, all []submission, around submission) []any {
	to, ok := s.kinds.Kind(f.To)
	if !ok {
		return nil // a registry in which links do not resolve is none
	}
	forms := []any{}
	for _, one := range all {
		if one.at.line == 0 { // in JSON it stands within
			one.at = around.at
		}
		forms = append(forms, s.form(to, one))
	}
	return forms
}

// question finds the field that a path names, once for all lines.
func (s *submissions) question(k *schema.Kind, path string) (*schema.Field, bool) {
	f, known := s.fields[asking{k, path}]
	if !known {
		f, _ = question(k, path)
		if len(s.fields) < columnsMax {
			s.fields[asking{k, path}] = f
		}
	}
	return f, f != nil
}

// question finds the field that a path names: by its whole, or by its end behind some
// groups; or by what people call it, as Kobo exports labels.
func question(k *schema.Kind, path string) (*schema.Field, bool) {
	for rest := path; ; {
		name := ""
		if !strings.Contains(rest, "/") {
			name = xlsform.Name(rest)
		}
		for i := range k.Fields {
			f := &k.Fields[i]
			if f.Name == rest || f.Name == name || f.Title.Zh == rest || f.Title.En == rest {
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

// part takes a column that stands for one option of a question: 1 where it was chosen. It
// only repeats what the question's own column says, where there is one.
func (s *submissions) part(k *schema.Kind, path string, value any, chosen map[string][]any) bool {
	for at := range path {
		if path[at] != '/' && path[at] != '.' {
			continue
		}
		f, ok := s.question(k, path[:at])
		if !ok {
			continue
		}
		i := slices.IndexFunc(f.Options, func(o schema.Option) bool {
			return o.Value == path[at+1:] || o.Title.Zh == path[at+1:] || o.Title.En == path[at+1:]
		})
		if i < 0 {
			continue
		}
		if yes, _ := typed(schema.TypeBool, fmt.Sprint(value)).(bool); yes && f.Type == schema.TypeChoices {
			chosen[f.Name] = append(chosen[f.Name], f.Options[i].Value)
		}
		return true
	}
	return false
}

// systems matches the columns in which the two say how a submission came about.
var systems = regexp.MustCompile(`(?i)^(_.*|.*@odata.*|meta([-/].*)?|formhub/.*|instance(id|name)|key|parent_key|set-of-.*|submissiondate|submitter(id|name)|` +
	`attachments(present|expected)|status|reviewstate|deviceid|edits|formversion|start|end|today|username|phonenumber|simserial|subscriberid|audit)$`)

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
