package main

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// above has what a city received go on to its province, and holds that nothing which was
// told a county stands in any byte at either, spelled in whatever way.
func (c *county) above(city string, secrets []string) {
	c.t.Helper()
	top, _ := founded(c.t, "14")
	root, err := os.ReadFile(filepath.Join(city, "county.crt"))
	if err == nil {
		err = os.WriteFile(filepath.Join(top, "trusted", "1405.pem"), root, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.ok("publish", "--data", city, "--month=2024-11", "--by=李建国")
	c.ok("receive", "--data", top, filepath.Join(city, "published", "1405-2024-11-1.publication"))
	if out := c.ok("report", "--data", top, "--lang=en", "--month=2024-11", "--by=area:6", "grid_visit.visits"); !strings.Contains(strings.Join(strings.Fields(out), " "), "140581 晋城市 1405 10") {
		c.t.Errorf("at the province: %s", out)
	}
	for _, dir := range []string{city, top} {
		if files, found := standing(c.t, dir, secrets); files < 6 || len(found) > 0 {
			c.t.Errorf("of %d files in %s these tell of somebody: %q", files, dir, found)
		}
	}
}

var encoded = regexp.MustCompile(`[A-Za-z0-9+/]{16,}=*`)

// standing looks for secrets in every file of a folder, its name, and what stands there in
// base64: certificates, keys and seals. It returns how many files it has looked at.
func standing(t *testing.T, dir string, secrets []string) (files int, found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		all := append(bytes.Clone(b), path...)
		for _, text := range encoded.FindAll(bytes.ReplaceAll(b, []byte("\n"), nil), -1) {
			plain, _ := base64.StdEncoding.DecodeString(string(text)) // as far as it is any
			all = append(append(all, '\n'), plain...)
		}
		for _, secret := range secrets {
			if bytes.Contains(all, []byte(secret)) {
				found = append(found, secret+" in "+path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, found
}

func TestASecretIsFoundInWhateverWayItIsSpelled(t *testing.T) {
	for _, text := range []string{"a 王秀英 b", base64.StdEncoding.EncodeToString([]byte("the name of 王秀英 in a certificate"))} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if files, found := standing(t, dir, []string{"王秀英", "李明"}); files != 1 || len(found) != 1 {
			t.Errorf("%q: found are %q in %d files", text, found, files)
		}
	}
}
