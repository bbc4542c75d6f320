package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/schema"
	"wangge/schema/kindfile"
	"wangge/sync/wire"
)

var explainVerb = verb{
	name: "explain",
	does: "say who made a record what it is, and what lost by which rule",
	help: `Usage: wangge explain --data DIR [flags] SPACE RECORD [FIELD]

Tells a record's story from a stopped node's log, field by field: every change in
order with its device and moment, which one it replaced, which stand side by
side, and why one of these wins. Reads the whole log of the space. Persons and
what is said of a confidential case are masked. Of batches that the county has had for long, and that
are no longer in the log here, only what is still visible is told: a replica of
the hub can tell all.

` + folderHelp + `  --lang LANG        zh or en (default zh)
  --json             print JSON

Example:
  wangge explain --data box-1/data 140581105211/personal 0193d2c1a5b04e1f8c2b7a9d6e5f4031 status
`,
	run: runExplain,
}

func runExplain(_ context.Context, a *arguments) error {
	var d folder
	f := a.flags()
	d.register(f)
	lang, asJSON := f.String("lang", "zh", ""), f.Bool("json", false, "")
	rest, err := a.parse(f, 3)
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return misused("SPACE and RECORD are missing")
	}
	space, err := crdt.ParseSpace(rest[0])
	if err != nil {
		return usageError{err}
	}
	id, err := schema.ParseID(rest[1])
	if err != nil {
		return usageError{err}
	}
	s, err := readStory(d, space, id)
	if err != nil {
		return err
	}
	if len(rest) == 3 {
		if err := s.only(rest[2]); err != nil {
			return err
		}
	}
	if *asJSON {
		return json.NewEncoder(a.stdout).Encode(s)
	}
	return s.print(a.stdout, *lang == "en")
}

// readStory reads what the log of a data folder says of a record.
func readStory(d folder, space crdt.Space, id crdt.RecordID) (*story, error) {
	o, identity, err := d.open()
	if err != nil {
		return nil, err
	}
	shipped, err := kindfile.Shipped()
	if err != nil {
		return nil, err
	}
	touches, err := store.History(o, space, id)
	if err != nil {
		return nil, err
	}
	if len(touches) == 0 {
		return nil, fmt.Errorf("no batch of %s that is held here touches record %s", space, id)
	}
	kinds, unusable, err := node.KindsIn(shipped, o)
	if err = cmp.Or(err, unusable[kindOf(touches)]); err != nil {
		return nil, fmt.Errorf("what the county published of this record's kind cannot be used here: update this program: %w", err)
	}
	names, err := deviceNames(o.Path, policy.NewAuthority(identity.Root), touches)
	if err != nil {
		return nil, err
	}
	return newStory(space, id, touches, kinds, names), nil
}

// deviceNames returns what the writers' certificates call their devices.
func deviceNames(path string, authority *policy.Authority, touches []store.Touch) (map[crdt.Writer]string, error) {
	names := map[crdt.Writer]string{}
	for _, t := range touches {
		w := t.Dot.Writer
		if names[w] != "" {
			continue
		}
		names[w] = fmt.Sprintf("#%d", w.Device())
		credential, err := store.Credential(path, w)
		if err != nil {
			return nil, err
		}
		copied := false
		for a, arm := wire.ReadArm(credential); arm; a, arm = wire.ReadArm(credential) {
			credential, copied = a.Of, true
		}
		if s, err := authority.Signatory(credential); err == nil {
			names[w] = s.Device().Name
		}
		if copied {
			names[w] += "的副本 (from a copy of it)"
		}
	}
	return names, nil
}

func (s *story) print(out io.Writer, english bool) error {
	say := func(t schema.Text) string {
		if english {
			return t.En
		}
		return t.Zh
	}
	fmt.Fprintf(out, "%s %s %s\n", say(s.Title), s.Space, s.Record)
	for _, f := range s.Fields {
		fmt.Fprintf(out, "\n%s (%s, %s): %s\n", say(f.Title), f.Field, f.Merge, show(f.Now))
		for i, st := range f.Steps {
			what := show(st.Value)
			if len(st.Edits) > 0 {
				what = say(st.put())
			} else if st.Value == nil {
				what = say(schema.Text{Zh: "（撤去）", En: "(taken away)"})
			}
			why := say(st.Why)
			if st.Merged {
				why += say(schema.Text{Zh: "（原批次已不在本机日志中，它取代过什么这里不知道）", En: " (its batch is no longer in this log: what it replaced is not known here)"})
			}
			fmt.Fprintf(out, "  %d. %s %s %s  %s\n     %s\n", i+1,
				time.UnixMilli(st.At).Local().Format(time.DateTime), st.Device, st.Dot, what, why)
		}
	}
	return nil
}

// show prints a value, or several.
func show(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	var words []string
	for _, one := range list {
		words = append(words, fmt.Sprint(one))
	}
	return strings.Join(words, ", ")
}
