package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// rootNames are what may lie in the module's root, beside dotfiles and what
// .gitignore says is not the house's.
var rootNames = []string{
	"cmd", "node", "sync", "crdt", "schema", "deploy", "go.mod", "go.sum", "README.md", "LICENSE",
}

func TestRootIsTheFrontDoor(t *testing.T) {
	entries, err := os.ReadDir(top)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := os.ReadFile(filepath.Join(top, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !belongs(e.Name(), string(ignored)) {
			t.Errorf("%s lies in the root, which is the front door and holds %q: find it a room", e.Name(), rootNames)
		}
	}
}

func belongs(name, ignored string) bool {
	if name[0] == '.' || slices.Contains(rootNames, name) {
		return true
	}
	for pattern := range strings.FieldsSeq(ignored) {
		if ok, err := path.Match(strings.TrimPrefix(pattern, "/"), name); ok && err == nil {
			return true
		}
	}
	return false
}

func corridor(r room, found found) {
	if r.path == "sync" {
		found(r.files[0], r.files[0].syntax.Name, "a Go file stands in sync")
	}
}

// junk are names that say nothing of what is in the room.
var junk = []string{"util", "utils", "common", "types", "helpers", "misc", "api"}

func packageNames(r room, found found) {
	for _, f := range r.product() {
		name, at := f.syntax.Name.Name, f.syntax.Name
		switch {
		case name == "main" && lobby(r.path) == "cmd":
		case name == "main":
			found(f, at, "package main is for programs, which stand in cmd")
		case name != path.Base(r.path):
			found(f, at, fmt.Sprintf("package %s lies in a folder called %s", name, path.Base(r.path)))
		case slices.Contains(junk, name):
			found(f, at, "package "+name+" is a drawer for anything")
		case slices.Contains(standard(), name):
			found(f, at, "package "+name+" has a name of the standard library")
		}
	}
}

// standard returns the names of the standard library's packages. It is as fixed
// as the toolchain, so a child process may be asked for it, once.
var standard = sync.OnceValue(func() []string {
	list, err := exec.Command("go", "list", "std").Output()
	if err != nil {
		panic(fmt.Sprintf("go list std: %v: run the tests with go on the PATH", err))
	}
	var names []string
	for name := range strings.FieldsSeq(string(list)) {
		if strings.HasPrefix(name, "vendor/") || slices.Contains(strings.Split(name, "/"), "internal") {
			continue // nobody can import these
		}
		names = append(names, path.Base(strings.TrimSuffix(name, "/v2")))
	}
	return names
})

func packageComments(r room, found found) {
	files := r.product()
	if len(files) == 0 {
		return
	}
	opening := "Package " + path.Base(r.path) + " "
	if files[0].syntax.Name.Name == "main" {
		opening = "Command " + path.Base(r.path) + " "
	}
	if !slices.ContainsFunc(files, func(f file) bool { return strings.HasPrefix(f.syntax.Doc.Text(), opening) }) {
		found(files[0], files[0].syntax.Name, fmt.Sprintf("no comment of the package begins %q", opening))
	}
}
