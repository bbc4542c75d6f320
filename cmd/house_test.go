// Package cmd_test keeps the house in order: it reads every Go file of the module and fails where one breaks a rule.
package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "wangge/"
	top    = ".." // the module's root, seen from here
)

// room is a folder of Go files: one package, with its tests.
type room struct {
	path  string // from the root, such as sync/wire
	files []file
}

// file is one Go file, parsed with its comments.
type file struct {
	path   string // from the root
	set    *token.FileSet
	syntax *ast.File
}

func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// product returns the room's files without its tests.
func (r room) product() []file {
	return slices.DeleteFunc(slices.Clone(r.files), file.isTest)
}

// lines returns how many lines a node takes.
func (f file) lines(n ast.Node) int {
	return f.set.Position(n.End()).Line - f.set.Position(n.Pos()).Line + 1
}

// rule is one of the house's rules.
type rule struct {
	name  string
	why   string // ends the failure's message
	check func(r room, found found)
}

// found is told of a breach: where it is and what was done there.
type found func(f file, at ast.Node, what string)

func TestEveryRoomKeepsTheRules(t *testing.T) {
	rooms := readHouse(t)
	for _, rule := range rules() {
		t.Run(rule.name, func(t *testing.T) {
			for _, r := range rooms {
				rule.check(r, func(f file, at ast.Node, what string) {
					t.Errorf("%s:%d: %s: %s", f.path, f.set.Position(at.Pos()).Line, what, rule.why)
				})
			}
		})
	}
}

// readHouse parses every Go file in this process. A go list in a child process
// would leave the test cache blind: it would go on saying ok after a change.
func readHouse(t *testing.T) []room {
	t.Helper()
	set, rooms := token.NewFileSet(), map[string]*room{}
	err := fs.WalkDir(os.DirFS(top), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (d.Name()[0] == '.' || d.Name() == "testdata"):
			return fs.SkipDir // not Go's, and not ours to judge
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		f, err := readFile(set, name, nil)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		if rooms[dir] == nil {
			rooms[dir] = &room{path: dir}
		}
		rooms[dir].files = append(rooms[dir].files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(rooms) < 2 {
		t.Fatalf("%d rooms were found: the test looks in the wrong place", len(rooms))
	}
	var all []room
	for _, r := range rooms {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b room) int { return strings.Compare(a.path, b.path) })
	return all
}

// readFile parses a file of the house, or the text given in its place.
func readFile(set *token.FileSet, name string, text any) (file, error) {
	syntax, err := parser.ParseFile(set, filepath.Join(top, name), text, parser.ParseComments|parser.SkipObjectResolution)
	return file{name, set, syntax}, err
}
