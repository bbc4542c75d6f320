package cmd_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// kept is a test as node/TRUTH.md names it: its room, its function and, of a page's
// story, what the person does.
var kept = regexp.MustCompile("`([a-z/]+)\\.(Test[A-Za-z0-9]+)(?:/([^`]+))?`")

// Each mistake in the list has a test that would have caught it, and that test is there.
func TestEveryMistakeHasTheTestThatCatchesIt(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(top, "node", "TRUTH.md"))
	if err != nil {
		t.Fatal(err)
	}
	rooms, rows := readHouse(t), 0
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| mistake") {
			continue
		}
		rows++
		named := kept.FindAllStringSubmatch(line, -1)
		if len(named) == 0 || strings.Count(line, "`")/2 < len(named) {
			t.Errorf("no test is named for: %s", line)
		}
		for _, n := range named {
			if !hasTest(rooms, n[1], n[2], n[3]) {
				t.Errorf("%s has no %s %s: the list names it for: %s", n[1], n[2], n[3], line)
			}
		}
	}
	if rows < 30 {
		t.Errorf("only %d mistakes were found: the test reads another list", rows)
	}
	if hasTest(rooms, "node", "TestThatIsNot", "") || hasTest(rooms, "node/web", "TestPeopleAtTheirPages", "does what nobody does") {
		t.Error("a test that is not there was found")
	}
}

func hasTest(rooms []room, path, name, story string) bool {
	i := slices.IndexFunc(rooms, func(r room) bool { return r.path == path })
	if i < 0 {
		return false
	}
	found, told := false, story == ""
	for f, fn := range rooms[i].functions() {
		found = found || f.isTest() && fn.Recv == nil && fn.Name.Name == name
	}
	for _, f := range rooms[i].files {
		for n := range ast.Preorder(f.syntax) {
			if s, ok := n.(*ast.BasicLit); ok && f.isTest() && s.Value == strconv.Quote(story) {
				told = true
			}
		}
	}
	return found && told
}
