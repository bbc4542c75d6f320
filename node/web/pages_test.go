package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wangge/node/web"
)

func TestEachNodeServesItsOwnPage(t *testing.T) {
	box, hub := newBox(shipped(t)), newHub()
	for script, o := range map[string]web.Options{
		"/app/desk.js":   {Machine: box, Desk: box},
		"/app/office.js": {Machine: hub, Office: hub},
		"/app/stage.js":  {Office: hub, Stage: newStage()},
	} {
		s := newSite(t, o)
		page := s.ask("GET", "/", "")
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), script) {
			t.Errorf("%s: got %d %s", script, page.Code, page.Body)
		}
		reachable(t, s, page.Body.String(), map[string]bool{})
	}
}

var reference = regexp.MustCompile(`(?:href|src)="(/app/[^"]+)"|from '\./([^']+)'`)

// reachable follows what a page or script names and expects to be served it.
func reachable(t *testing.T, s *site, text string, seen map[string]bool) {
	for _, found := range reference.FindAllStringSubmatch(text, -1) {
		path := found[1]
		if path == "" {
			path = "/app/" + found[2]
		}
		if seen[path] {
			continue
		}
		seen[path] = true
		w := s.ask("GET", path, "")
		media := map[string]string{".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}[filepath.Ext(path)]
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), media) {
			t.Errorf("%s: got %d as %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		reachable(t, s, w.Body.String(), seen)
	}
}

func TestAFileIsSentAgainOnlyWhenItChanged(t *testing.T) {
	box := newBox(shipped(t))
	s := newSite(t, web.Options{Machine: box, Desk: box})
	first := s.ask("GET", "/app/desk.js", "")
	tag := first.Header().Get("ETag")
	if tag == "" || first.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("headers %v", first.Header())
	}
	if again := s.ask("GET", "/app/desk.js", "", "If-None-Match", tag); again.Code != http.StatusNotModified {
		t.Errorf("the same file: got %d, want 304", again.Code)
	}
	if w := s.ask("GET", "/app/nothing.js", ""); w.Code != http.StatusNotFound {
		t.Errorf("a file that is not there: got %d", w.Code)
	}
}

// scripts returns all scripts but the one of the words, as one text.
func scripts(t *testing.T) (code, words string) {
	t.Helper()
	files, err := filepath.Glob("app/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %v: %v", files, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) == "words.js" {
			words = string(text)
			continue
		}
		all.Write(text)
	}
	return all.String(), words
}

func TestEveryWordOfThePagesIsThereAndNeeded(t *testing.T) {
	code, words := scripts(t)
	said := map[string]bool{}
	for _, found := range regexp.MustCompile(`\w+(\$\{)?`).FindAllString(code, -1) {
		said[found] = true
	}
	known := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^  (\w+): \[`).FindAllStringSubmatch(words, -1) {
		word := found[1]
		known[word] = true
		stem := strings.TrimRight(word, "0123456789") // step1 is asked for as step${n}
		if !said[word] && !said[stem+"${"] {
			t.Errorf("no page says %q", word)
		}
	}
	for _, found := range regexp.MustCompile(`\bt\('(\w+)'`).FindAllStringSubmatch(code, -1) {
		if !known[found[1]] {
			t.Errorf("the word %q is missing", found[1])
		}
	}
}

// The browser enforces this too, by the page's policy; here it is told at once.
func TestNoScriptMakesMarkupOfText(t *testing.T) {
	code, words := scripts(t)
	found := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|DOMParser|srcdoc|new Function`).FindAllString(code+words, -1)
	if len(found) > 0 {
		t.Errorf("found %v: make elements with draw.js", found)
	}
}
