package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"wangge/schema"
	"wangge/schema/kindfile"
)

var schemaVerb = verb{
	name: "schema",
	does: "check a county's kinds, and compare them with what they were",
	help: `Usage: wangge schema check [--json] [FOLDER]
       wangge schema diff [--json] OLD NEW

check reads the kinds in a folder, one YAML file each, says by file and line what
does not hold, and lists what there is. Without FOLDER it checks those that come
with the program.

diff says what turns the kinds of one folder into those of another. It fails
where something would be read wrongly that was written before: a field's number
used again, another way of merging, another identity. "-" stands for the kinds that
come with the program.

  --json   print JSON: check the compiled kinds, diff the list of changes

Example:
  wangge schema check our-kinds
  wangge schema diff our-kinds our-kinds-2027
`,
	run: runSchema,
}

func runSchema(_ context.Context, a *arguments) error {
	f := a.flags()
	asJSON := f.Bool("json", false, "")
	rest, err := a.parse(f, 3)
	if err != nil {
		return err
	}
	switch {
	case len(rest) > 0 && rest[0] == "check" && len(rest) < 3:
		return checkKinds(append(rest, "-")[1], *asJSON, a.stdout)
	case len(rest) == 3 && rest[0] == "diff":
		return compareKinds(rest[1], rest[2], *asJSON, a.stdout)
	}
	return misused("say check and perhaps a folder, or diff and two folders")
}

// loadKinds reads the kinds of a folder, or those that ship.
func loadKinds(folder string) (*schema.Registry, error) {
	if folder == "-" {
		return kindfile.Shipped()
	}
	return kindfile.Load(os.DirFS(folder))
}

func checkKinds(folder string, asJSON bool, out io.Writer) error {
	registry, err := loadKinds(folder)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(registry.Kinds())
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "kind\ttitle\tclass\tfields\treports")
	for _, k := range registry.Kinds() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\n", k.Name, k.Title.Zh, k.Class, len(k.Fields), len(k.Reports))
	}
	return w.Flush()
}

func compareKinds(old, new string, asJSON bool, out io.Writer) error {
	was, err := loadKinds(old)
	if err != nil {
		return err
	}
	now, err := loadKinds(new)
	if err != nil {
		return err
	}
	changes := schema.Diff(was, now)
	if asJSON {
		err = json.NewEncoder(out).Encode(append([]schema.Change{}, changes...))
	} else {
		err = writeChanges(out, changes)
	}
	breaking := slices.DeleteFunc(slices.Clone(changes), func(c schema.Change) bool { return !c.Breaks })
	if err == nil && len(breaking) > 0 {
		err = fmt.Errorf("%d of these changes would have earlier records read wrongly: undo them before the kinds are used", len(breaking))
	}
	return err
}

func writeChanges(out io.Writer, changes []schema.Change) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range changes {
		mark := "ok"
		if c.Breaks {
			mark = "BREAKS"
		}
		fmt.Fprintf(w, "%s\t%s.%s\t%s\n", mark, c.Kind, c.Path, c.Text)
	}
	if len(changes) == 0 {
		fmt.Fprintln(w, "the kinds are the same")
	}
	return w.Flush()
}
