package main

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzConfig reads any bytes as a node's configuration: a good one, or an error
// that names the file or what is missing.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("keys: keys\ndata: data\nlink: 127.0.0.1:0\nweb: 127.0.0.1:0\npeers:\n  - {device: 1, name: 县中心一, role: hub, address: 10.0.0.1:7400}\n"))
	f.Add([]byte("keys: &a [*a]\n"))
	f.Add([]byte{})
	path := filepath.Join(f.TempDir(), "node.yaml")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := readConfig(serveFlags{config: path}); err == nil && c.Check() != nil {
			t.Errorf("%q is taken, and then refused", b)
		}
	})
}
