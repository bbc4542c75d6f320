package cmd_test

import (
	"fmt"
	"go/ast"
	"go/types"
	"iter"
	"path"
	"slices"
	"strings"
)

const (
	functionMax = 70  // lines
	fileMax     = 400 // lines
)

// clock are the parts of package time that ask the machine or wait for it.
var clock = []string{
	"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation",
}

func pureCalls(r room, found found) {
	if !slices.Contains(pure, r.path) {
		return
	}
	for _, f := range r.product() {
		for use, name := range f.uses("time") {
			if slices.Contains(clock, name) {
				found(f, use, "uses time."+name)
			}
		}
	}
}

func noSleep(r room, found found) {
	for _, f := range r.files {
		for use, name := range f.uses("time") {
			if name == "Sleep" {
				found(f, use, "uses time.Sleep")
			}
		}
	}
}

func bubbles(r room, found found) {
	for _, f := range r.files {
		for use, name := range f.uses("testing/synctest") {
			if (name == "Test" || name == "Run") && path.Base(f.path) != "bubble_test.go" {
				found(f, use, "opens a bubble")
			}
		}
	}
}

// uses yields what the file uses of a package of the standard library, and
// where, under whatever name the file imports it.
func (f file) uses(std string) iter.Seq2[ast.Node, string] {
	return func(yield func(ast.Node, string) bool) {
		name := f.nameOf(std)
		for n := range ast.Preorder(f.syntax) {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == name && !yield(s, s.Sel.Name) {
				return
			}
		}
	}
}

// nameOf returns the name under which the file imports a package, or "".
func (f file) nameOf(std string) string {
	for spec, to := range f.imports() {
		if to != std {
			continue
		}
		if alias := spec.(*ast.ImportSpec).Name; alias != nil {
			return alias.Name
		}
		return path.Base(std)
	}
	return ""
}

func goroutines(r room, found found) {
	if strings.HasPrefix(r.path+"/", "node/") || r.path == "sync/link" || lobby(r.path) == "cmd" {
		return
	}
	for _, f := range r.product() {
		for n := range ast.Preorder(f.syntax) {
			if g, ok := n.(*ast.GoStmt); ok {
				found(f, g, "starts a goroutine")
			}
		}
	}
}

func noInit(r room, found found) {
	for f, fn := range r.functions() {
		if fn.Recv == nil && fn.Name.Name == "init" {
			found(f, fn, "has an init function")
		}
	}
}

func functionLength(r room, found found) {
	for f, fn := range r.functions() {
		if n := f.lines(fn); n > functionMax {
			found(f, fn, fmt.Sprintf("%s takes %d lines", fn.Name.Name, n))
		}
	}
}

// functions yields every function of the room, its tests' too.
func (r room) functions() iter.Seq2[file, *ast.FuncDecl] {
	return func(yield func(file, *ast.FuncDecl) bool) {
		for _, f := range r.files {
			for _, d := range f.syntax.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && !yield(f, fn) {
					return
				}
			}
		}
	}
}

func fileLength(r room, found found) {
	for _, f := range r.product() {
		if n := f.set.File(f.syntax.FileStart).LineCount(); n > fileMax {
			found(f, f.syntax.Name, fmt.Sprintf("the file takes %d lines", n))
		}
	}
}

func noTesting(r room, found found) {
	if r.path == "node/web/browser" { // it is there for tests, and importers keeps it out of the product
		return
	}
	for _, f := range r.product() {
		for spec, to := range f.imports() {
			if within([]string{"testing"}, to) != "" {
				found(f, spec, "imports "+to)
			}
		}
	}
}

// noGlobals finds package variables that a function assigns to, in whole or in
// part. What changes them through a pointer or a method escapes it.
func noGlobals(r room, found found) {
	files := r.product()
	if len(files) == 0 {
		return
	}
	var trees []*ast.File
	for _, f := range files {
		trees = append(trees, f.syntax)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	// Other packages stay unresolved and cause errors: what matters here is
	// which names are the package's own, and that is known all the same.
	ours, _ := (&types.Config{Error: func(error) {}}).Check(r.path, files[0].set, trees, info)
	for _, f := range files {
		for n := range ast.Preorder(f.syntax) {
			for _, target := range targets(n) {
				if v, ok := info.Uses[root(target)].(*types.Var); ok && v.Parent() == ours.Scope() {
					found(f, target, "changes the package variable "+v.Name())
				}
			}
		}
	}
}

// targets returns what a piece of code assigns to.
func targets(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return n.Lhs
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		return []ast.Expr{n.Key, n.Value}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "clear" || f.Name == "delete") {
			return n.Args[:1]
		}
	}
	return nil
}

// root returns the name at which an expression such as x.field[i] begins.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}
