package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"path"
	"regexp"
	"slices"
	"strings"

	"wangge/schema"
)

// repeatsMax is how much text of repeats is held in memory, in bytes: each submission takes
// its own out of it.
const repeatsMax = 64 << 20

// repeats are what was asked several times over and stands in files of its own, by the
// submission that it belongs to and by name.
type repeats struct {
	of   map[string]map[string][]submission
	size int
}

// readRepeats reads all such files of an export.
func readRepeats(parts exportParts, k *schema.Kind, kinds *schema.Registry, left *leftOut) (*repeats, error) {
	r := &repeats{of: map[string]map[string][]submission{}}
	for _, file := range parts.repeats {
		if err := r.read(parts, file, left); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return r, nil
}

func (r *repeats) read(parts exportParts, file string, left *leftOut) error {
	table, end, err := parts.table(file)
	if err != nil {
		return err
	}
	defer end()
	own := parts.called(file)
	for {
		one, err := table.submission(path.Base(file), left)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if one.fault != "" {
			left.add(one.at, "(all)", "%s", one.fault)
			continue
		}
		for _, value := range one.said {
			r.size += len(fmt.Sprint(value))
		}
		if r.size > repeatsMax {
			return fmt.Errorf("the repeats take more than %d MB: export fewer days at a time", repeatsMax>>20)
		}
		r.take(one, repeatName(one, own, parts.called(parts.main)), parts, left)
	}
}

// take files one of a repeat under its submission.
func (r *repeats) take(one submission, name string, parts exportParts, left *leftOut) {
	parent, nested := parentOf(one.said, parts)
	switch {
	case nested:
		left.add(one.at, "(all)", "it is a repeat within a repeat, which no kind asks for: make records of their own of it")
		return
	case parent == "":
		left.add(one.at, "(all)", "it does not say to which submission it belongs: PARENT_KEY or _submission__uuid is missing")
		return
	}
	if r.of[parent] == nil {
		r.of[parent] = map[string][]submission{}
	}
	r.of[parent][name] = append(r.of[parent][name], one)
}

// numbered matches the end of a repeat's key in ODK.
var numbered = regexp.MustCompile(`([^/\[\]]+)\[\d+\]$`)

// repeatName returns what a repeat is called: by its own key in ODK, uuid:…/homes[1], else by
// its file, wells-homes.csv.
func repeatName(one submission, own, main string) string {
	if key, _ := one.said["KEY"].(string); key != "" {
		if m := numbered.FindStringSubmatch(key); m != nil {
			return m[1]
		}
	}
	return cmp.Or(strings.TrimPrefix(strings.TrimPrefix(own, main), "-"), own)
}

// parentOf returns the key of the submission to which one of a repeat belongs, and whether
// it stands in another repeat.
func parentOf(said map[string]any, parts exportParts) (key string, nested bool) {
	text := func(name string) string { s, _ := said[name].(string); return s }
	if parent := text("PARENT_KEY"); parent != "" {
		return "KEY " + parent, strings.Contains(parent, "/")
	}
	table := text("_parent_table_name")
	nested = table != "" && slices.ContainsFunc(parts.repeats, func(file string) bool {
		return parts.called(file) == table
	})
	for _, name := range []string{"_submission__uuid", "_submission__id", "_parent_index"} {
		if value := text(name); value != "" {
			return name + " " + value, nested
		}
	}
	return "", nested
}

// join puts what belongs to a submission into it.
func (r *repeats) join(said map[string]any) {
	for name, of := range map[string]string{"KEY": "KEY", "_uuid": "_submission__uuid", "_id": "_submission__id", "_index": "_parent_index"} {
		key := fmt.Sprint(of, " ", said[name])
		for repeat, all := range r.of[key] {
			said[repeat] = all
		}
		delete(r.of, key)
	}
}

// orphans lists what no submission took.
func (r *repeats) orphans(left *leftOut) {
	for _, names := range r.of {
		for _, all := range names {
			for _, one := range all {
				left.add(one.at, "(all)", "no submission of this export is the one to which it belongs")
			}
		}
	}
}

// isRepeat reports whether a table's columns are those of a repeat.
func isRepeat(names []string) bool {
	return slices.Contains(names, "PARENT_KEY") || slices.Contains(names, "_parent_index") || slices.Contains(names, "_submission__uuid") || slices.Contains(names, "_submission__id")
}
