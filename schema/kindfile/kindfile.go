// Package kindfile reads kinds from YAML files and says by file and line what is wrong with them.
package kindfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"wangge/schema"
)

// sizeMax bounds a file before it is parsed: the longest kind that ships has 6 KB.
const sizeMax = 256 << 10

// Load reads every *.yaml file in the root of files, in the order of their
// names, and checks the kinds as a whole.
func Load(files fs.FS) (*schema.Registry, error) {
	registry, _, err := LoadOver(nil, files)
	return registry, err
}

// LoadOver reads kinds as Load does that take the place of those of the same names among
// base, or stand beside them. It returns all of them together, and those that were read.
func LoadOver(base []schema.Kind, files fs.FS) (*schema.Registry, []schema.Kind, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, nil, fmt.Errorf("list the kinds' files: %w", err)
	}
	if len(names) == 0 {
		return nil, nil, errors.New("there is no kind here: give a folder with a .yaml file for each")
	}
	var kinds []schema.Kind
	for _, name := range names {
		kind, _, err := read(files, name)
		if err != nil {
			return nil, nil, err
		}
		kinds = append(kinds, kind)
	}
	all := slices.Clone(kinds)
	for _, k := range base {
		if !slices.ContainsFunc(kinds, func(o schema.Kind) bool { return o.Name == k.Name }) {
			all = append(all, k)
		}
	}
	registry, err := schema.New(all)
	var fault *schema.Fault
	if errors.As(err, &fault) && slices.Contains(names, fault.Kind+suffix) { // the trees of all files are large, and were not kept
		_, tree, err := read(files, fault.Kind+suffix)
		if err != nil {
			return nil, nil, err
		}
		return nil, nil, located(fault.Kind+suffix, tree, fault)
	}
	return registry, kinds, err
}

const suffix = ".yaml"

func read(files fs.FS, name string) (schema.Kind, *ast.File, error) {
	data, err := readFile(files, name)
	if err != nil {
		return schema.Kind{}, nil, err
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return schema.Kind{}, nil, spoken(name, err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return schema.Kind{}, nil, fmt.Errorf("%s: write one kind in each file", name)
	}
	var form form
	if err := yaml.NodeToValue(tree.Docs[0].Body, &form, yaml.Strict()); err != nil {
		return schema.Kind{}, nil, spoken(name, err)
	}
	kind, fault := form.compile()
	if fault == nil && kind.Name+suffix != name {
		fault = &schema.Fault{Kind: kind.Name, Path: "$.kind", Text: "name the file after its kind: " + kind.Name + suffix}
	}
	if fault != nil {
		return schema.Kind{}, nil, located(name, tree, fault)
	}
	return kind, tree, nil
}

func readFile(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open the kind's file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, sizeMax+1))
	if err != nil {
		return nil, fmt.Errorf("read the kind's file %s: %w", name, err)
	}
	if len(data) > sizeMax {
		return nil, fmt.Errorf("%s: the file is longer than %d bytes: split the kind", name, sizeMax)
	}
	return data, nil
}

// spoken turns what the YAML reader says into file, line and one sentence.
func spoken(name string, err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return fmt.Errorf("%s: %s", name, err)
	}
	message := at.GetMessage() + ": correct it"
	var unknown *yaml.UnknownFieldError
	var mistyped *yaml.TypeError
	switch {
	case errors.As(err, &unknown):
		message = at.GetMessage() + ": remove it or correct its name; FORMAT.md lists the keys"
	case errors.As(err, &mistyped):
		message = fmt.Sprintf("this value has the wrong type: write a %s", mistyped.DstType)
	}
	return fmt.Errorf("%s:%d: %s", name, at.GetToken().Position.Line, message)
}

// located gives a fault its line. Where the fault is that something is not there,
// the nearest thing around it has the line.
func located(name string, tree *ast.File, fault *schema.Fault) error {
	for at := fault.Path; at != "$" && tree != nil; at = at[:strings.LastIndexAny(at, ".[")] {
		path, err := yaml.PathString(at)
		if err != nil {
			break
		}
		if node, err := path.FilterFile(tree); err == nil && node != nil {
			return fmt.Errorf("%s:%d: %s: %s", name, node.GetToken().Position.Line, strings.TrimPrefix(fault.Path, "$."), fault.Text)
		}
	}
	return fmt.Errorf("%s:1: %s: %s", name, strings.TrimPrefix(fault.Path, "$."), fault.Text)
}
