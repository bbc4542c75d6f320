package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryVerbExplainsItselfWithAnExample(t *testing.T) {
	for _, v := range verbs() {
		code, out, bad := wangge(t, nil, v.name, "--help")
		if code != 0 || bad != "" || !strings.HasPrefix(out, "Usage: wangge "+v.name) || !strings.Contains(out, "Example:\n  wangge ") {
			t.Errorf("%s --help: code %d, %q %q", v.name, code, out, bad)
		}
	}
	code, out, _ := wangge(t, nil)
	for _, v := range verbs() {
		if !strings.Contains(out, v.name+" ") || !strings.Contains(out, v.does) {
			t.Errorf("the list of verbs lacks %s", v.name)
		}
	}
	if code != 0 {
		t.Errorf("code %d", code)
	}
}

func TestAWrongCallIsToldFromAFailure(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		code int
		args []string
	}{
		{exitUsage, []string{"fly"}},
		{exitUsage, []string{"box"}},
		{exitUsage, []string{"box", "--colour", "red"}},
		{exitUsage, []string{"import", "--kind", "grid_visit"}},
		{exitUsage, []string{"import", "--kind", "grid_visit", "--node", "nowhere", "file"}},
		{exitUsage, []string{"enrol", "--role", "king", "--name", "x", "--county", nowhere, "--keys", nowhere}},
		{exitUsage, []string{"init"}},
		{exitUsage, []string{"export", "grid_visit"}},
		{exitUsage, []string{"export", "-o", nowhere, "grid_visit"}},
		{exitUsage, []string{"export", "-o", nowhere + ".xlsx"}},
		{exitUsage, []string{"export", "-o", nowhere + ".xlsx", "--report", "grid_visit.visits", "grid_visit"}},
		{exitFailed, []string{"export", "-o", nowhere + ".xlsx", "--node", "http://127.0.0.1:1", "grid_visit"}},
		{exitUsage, []string{"sink", "--data", nowhere}},
		{exitUsage, []string{"sink", "postgres", "--data", nowhere}},
		{exitFailed, []string{"sink", "postgres", "--data", nowhere, "--url-file", nowhere}},
		{exitFailed, []string{"box", "--config", nowhere}},
		{exitFailed, []string{"status", "--node", "http://127.0.0.1:1"}},
		{exitFailed, []string{"enrol", "--role", "hub", "--name", "x", "--county", nowhere, "--keys", nowhere}},
	} {
		code, out, bad := wangge(t, nil, c.args...)
		if code != c.code || out != "" || !strings.HasPrefix(bad, "wangge") {
			t.Errorf("wangge %s: code %d, %q %q; want code %d", strings.Join(c.args, " "), code, out, bad, c.code)
		}
	}
}

func TestACountyIsMadeAndDevicesAreEnrolledByHand(t *testing.T) {
	dir := t.TempDir()
	county, keys := filepath.Join(dir, "county"), filepath.Join(dir, "keys")
	if code, _, bad := wangge(t, nil, "init", "--county", county, "--name", "高平市"); code != 0 {
		t.Fatal(bad)
	}
	code, out, bad := wangge(t, nil, "enrol", "--county", county, "--keys", keys, "--role", "box", "--name", "城东站",
		"--ring", "140581105", "--holds", "140581105*/open, 140581/personal", "--json")
	if code != 0 || !strings.Contains(out, `"device":1`) || !strings.Contains(out, `"140581/personal"`) {
		t.Fatalf("code %d, %s%s", code, out, bad)
	}
	if code, _, _ := wangge(t, nil, "init", "--county", county); code != exitFailed {
		t.Errorf("a second county in the same folder: code %d", code)
	}
	config := filepath.Join(dir, "node.yaml")
	if err := os.WriteFile(config, []byte("keys: keys\ndata: data\nlink: 127.0.0.1:0\nweb: 127.0.0.1:0\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, bad := wangge(t, nil, "box", "--config", config); code != exitFailed || !strings.Contains(bad, "colour") {
		t.Errorf("an unknown key in the configuration: code %d, %s", code, bad)
	}
	if err := os.WriteFile(config, []byte("keys: keys\ndata: data\nlink: 127.0.0.1:0\nweb: 127.0.0.1:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, bad := wangge(t, nil, "hub", "--config", config); code != exitUsage || !strings.Contains(bad, "wangge box") {
		t.Errorf("a box run as a hub: code %d, %s", code, bad)
	}
}
