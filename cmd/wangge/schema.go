package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"text/tabwriter"

	"wangge/node"
	"wangge/schema"
	"wangge/schema/kindfile"
	"wangge/schema/xlsform"
)

var schemaVerb = verb{
	name: "schema",
	does: "check a county's kinds, and compare them with what they were",
	help: `Usage: wangge schema check [--json] [FOLDER]
       wangge schema test [--json] [FOLDER]
       wangge schema diff [--json] OLD NEW
       wangge schema editor
       wangge schema import [--kind NAME] [--json] FORM.xlsx
       wangge schema publish --data DIR [--json] FOLDER

check reads the kinds in a folder, one YAML file each, says by file and line what
does not hold, and lists what there is. They are read as a county uses them, beside the
kinds that come with the program: they may link to those, and one of the same name takes
the place of one. Without FOLDER it checks those that come with the program. It warns of a field that seems to tell of a person, by its name or
title, and is neither guarded nor sealed nor said to be of an office.

test fills in the forms of samples/KIND.yaml and says what comes of them other than
it is to. A kind without a sample is told too; the exit code is 1 then.

diff says what turns the kinds of one folder into those of another. It fails
where something would be read wrongly that was written before: a field's number
used again, another way of merging, another identity. "-" stands for the kinds that
come with the program: "diff - FOLDER" says what publishing a folder would change.

editor prints the JSON Schema of a kind's file. An editor that is given it completes
keys and marks what cannot be read; schema/FORMAT.md says how.

import carries a form of ODK or Kobo (XLSForm) over and prints the kind's file. What
cannot be carried over is listed with its row, and the exit code is 3. Look at the
file before you use it: its class is personal, and no form says who may be counted.

publish has the county use the kinds of a folder, beside those that come with the
program and in the place of those of the same names. Run it on the machine of a
replica of the hub, which --data names; every box has them once it has heard from the
county, and goes on with them by itself. What would be read wrongly is refused. Of a
folder with holidays/2027.yaml the county's machines know that year's working days, in
the place of what came with the program; a folder may hold nothing else.

  --data DIR    the data folder of the replica that runs here
  --json        print JSON: check the compiled kinds, test and diff their lists,
                import the compiled kind and what is left
  --kind NAME   what the kind is called; else as the form is

Example:
  wangge schema check our-kinds
  wangge schema test our-kinds
  wangge schema diff our-kinds our-kinds-2027
  wangge schema publish --data /var/lib/wangge our-kinds
  wangge schema import --kind well_check wells.xlsx > our-kinds/well_check.yaml
`,
	run: runSchema,
}

func runSchema(ctx context.Context, a *arguments) error {
	f := a.flags()
	asJSON, name := f.Bool("json", false, ""), f.String("kind", "", "")
	data := f.String("data", "", "")
	rest, err := a.parse(f, 3)
	if err != nil {
		return err
	}
	switch {
	case len(rest) > 0 && rest[0] == "check" && len(rest) < 3:
		folder := append(rest, "-")[1]
		if err := checkKinds(folder, *asJSON, a.stdout); err != nil {
			return err
		}
		a.askOfPersons(folder)
		return nil
	case len(rest) > 0 && rest[0] == "test" && len(rest) < 3:
		return trySamples(append(rest, "-")[1], *asJSON, a.stdout)
	case len(rest) == 3 && rest[0] == "diff":
		return compareKinds(rest[1], rest[2], *asJSON, a.stdout)
	case len(rest) == 2 && rest[0] == "publish" && *data != "":
		a.askOfPersons(rest[1])
		return publishKinds(ctx, *data, rest[1], *asJSON, a.stdout)
	case len(rest) == 1 && rest[0] == "editor":
		text, err := kindfile.Editor()
		if err == nil {
			_, err = fmt.Fprintf(a.stdout, "%s\n", text)
		}
		return err
	case len(rest) == 2 && rest[0] == "import":
		return a.importForm(rest[1], *name, *asJSON)
	}
	return misused("say editor, import and a workbook, check or test and perhaps a folder, diff and two folders, or publish with --data and a folder")
}

// loadKinds reads the kinds of a folder as a county uses them: beside those that ship, in
// the place of those of the same names. It returns all of them, and those of the folder.
func loadKinds(folder string) (*schema.Registry, []schema.Kind, error) {
	shipped, err := kindfile.Shipped()
	if err != nil {
		return nil, nil, err
	}
	if folder == "-" {
		return shipped, shipped.Kinds(), nil
	}
	return kindfile.LoadOver(shipped.Kinds(), os.DirFS(folder))
}

func checkKinds(folder string, asJSON bool, out io.Writer) error {
	_, own, err := loadKinds(folder)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(out).Encode(own)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "kind\ttitle\tclass\tfields\treports")
	for _, k := range own {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\n", k.Name, k.Title.Zh, k.Class, len(k.Fields), len(k.Reports))
	}
	return w.Flush()
}

// askOfPersons warns of fields of which a folder's kinds do not say whether they tell of a
// person.
func (a *arguments) askOfPersons(folder string) {
	if folder == "-" {
		return
	}
	for _, warning := range kindfile.Unsaid(os.DirFS(folder)) {
		fmt.Fprintln(a.stderr, "warning:", warning)
	}
}

func compareKinds(old, new string, asJSON bool, out io.Writer) error {
	was, _, err := loadKinds(old)
	if err != nil {
		return err
	}
	now, _, err := loadKinds(new)
	if err != nil {
		return err
	}
	changes := schema.Diff(was, now)
	err = tellChanges(out, changes, asJSON)
	breaking := slices.DeleteFunc(slices.Clone(changes), func(c schema.Change) bool { return !c.Breaks })
	if err == nil && len(breaking) > 0 {
		err = fmt.Errorf("%d of these changes would have earlier records read wrongly: undo them before the kinds are used", len(breaking))
	}
	return err
}

func tellChanges(out io.Writer, changes []schema.Change, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(append([]schema.Change{}, changes...))
	}
	return writeChanges(out, changes)
}

// publishKinds has the replica that runs in a folder publish a folder's kinds.
func publishKinds(ctx context.Context, data, folder string, asJSON bool, out io.Writer) error {
	var p node.Publication
	var err error
	if p.Holidays, err = kindfile.LoadHolidays(os.DirFS(folder)); err != nil {
		return err
	}
	named, err := fs.Glob(os.DirFS(folder), "*.yaml")
	if err == nil && (len(named) > 0 || len(p.Holidays) == 0) {
		_, p.Kinds, err = loadKinds(folder)
	}
	if err != nil {
		return err
	}
	changes, err := node.Publish(ctx, data, p)
	if errors.Is(err, node.ErrNotRunning) {
		return fmt.Errorf("nothing was published: no node runs on the folder %s: give the data folder of a replica of the hub that runs on this machine", data)
	}
	if err != nil {
		return fmt.Errorf("nothing was published: %w", err)
	}
	return tellChanges(out, changes, asJSON)
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

func (a *arguments) importForm(path, name string, asJSON bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	kind, left, err := xlsform.Read(file, name)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if asJSON {
		err = json.NewEncoder(a.stdout).Encode(map[string]any{"kind": kind, "left": append([]xlsform.Left{}, left...)})
	} else {
		err = a.printForm(kind, left)
	}
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%w: %d things of the form are left or changed", errPartial, len(left))
	}
	return err
}

func (a *arguments) printForm(kind schema.Kind, left []xlsform.Left) error {
	text, err := kindfile.Write(kind)
	if err != nil {
		return err
	}
	for _, l := range left {
		where := fmt.Sprintf("row %d, %s", l.Line, l.Question)
		if l.Column != "" {
			where = fmt.Sprintf("sheet %s, %s", l.Sheet, l.Column)
		}
		fmt.Fprintf(a.stderr, "%s: %s\n", where, l.Why)
	}
	_, err = a.stdout.Write(text)
	return err
}
