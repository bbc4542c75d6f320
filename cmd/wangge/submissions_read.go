package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// submission is what one filled-in form, or one of a repeat, says: values by the paths of
// questions.
type submission struct {
	said  map[string]any
	at    place
	fault string
}

// submissionMax is the most that one submission in JSON may take, in bytes.
const submissionMax = 4 << 20

// readExport looks at the beginning of an export, and returns what gives one submission after
// the other.
func readExport(in *bufio.Reader, parts exportParts, left *leftOut) (func() (submission, error), error) {
	if parts.book != nil {
		table, end, err := parts.table(parts.main)
		if err != nil {
			return nil, err
		}
		return func() (submission, error) {
			one, err := table.submission("", left)
			if errors.Is(err, io.EOF) {
				return one, cmp.Or(end(), err)
			}
			return one, err
		}, nil
	}
	head, _ := in.Peek(lineMax)
	if text := bytes.TrimSpace(head); len(text) > 0 && (text[0] == '[' || text[0] == '{') {
		return jsonSubmissions(in)
	}
	table, err := openTable(in)
	if err != nil {
		return nil, err
	}
	return func() (submission, error) { return table.submission("", left) }, nil
}

// submission reads a row of a table whose columns are paths: group-question of ODK,
// group/question of Kobo.
func (t *boundedTable) submission(file string, left *leftOut) (submission, error) {
	cells, number, fault, err := t.row()
	s := submission{map[string]any{}, place{file, number}, fault}
	if err != nil || fault != "" {
		return s, err
	}
	for i, cell := range cells {
		text := trimmed(cell)
		switch _, twice := s.said[t.names[i]]; {
		case text == "":
		case t.names[i] == "":
			left.add(s.at, fmt.Sprint(i+1), "the first line gives it no name")
		case twice:
			left.add(s.at, t.names[i], "a column before it is called the same")
		default:
			s.said[t.names[i]] = text
		}
	}
	return s, nil
}

// jsonSubmissions reads a list of submissions, or the list in an answer of one of the
// two servers: value of ODK, results of Kobo.
func jsonSubmissions(in io.Reader) (func() (submission, error), error) {
	b := &budget{in, submissionMax}
	d := json.NewDecoder(b)
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
	return func() (submission, error) {
		if b.left = submissionMax; !d.More() {
			return submission{}, io.EOF
		}
		number++
		var one map[string]any
		err := d.Decode(&one)
		if errors.Is(err, errLongRow) {
			err = fmt.Errorf("it is longer than %d bytes", submissionMax)
		}
		said := map[string]any{}
		flatten(said, "", one)
		return submission{said: said, at: place{line: number}}, err
	}, nil
}

// flatten names what stands in groups by its path.
func flatten(said map[string]any, at string, group map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(group)) {
		value := group[name]
		inner, isGroup := value.(map[string]any)
		if point, ok := geoJSON(inner); ok {
			said[at+name] = point
		} else if isGroup {
			flatten(said, at+name+"/", inner)
		} else if value != nil && value != "" {
			said[at+name] = value
		}
	}
}
