package kindfile

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestEveryKeyIsDescribedToEditors(t *testing.T) {
	for _, lack := range undescribed() {
		if strings.HasPrefix(lack, "reports.where.") {
			continue // conditions as they were written once
		}
		t.Errorf("%s: correct the keys in editor_keys.go", lack)
	}
}

func TestTheReferenceTellsOfEveryKey(t *testing.T) {
	text, err := os.ReadFile("../FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for path := range keys() {
		key := path[strings.LastIndexByte(path, '.')+1:]
		if key == "*" {
			continue
		}
		told := regexp.MustCompile("`" + key + "(?:`|: )|(?m)^\\s*(- )?" + key + ":|[{ ]" + key + ": ")
		if !told.Match(text) {
			t.Errorf("FORMAT.md does not tell of %s", path)
		}
	}
}
