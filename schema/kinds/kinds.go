// Package kinds carries the kinds that ship with the program, as their YAML files.
package kinds

import "embed"

// Files holds one YAML file for each kind.
//
//go:embed *.yaml
var Files embed.FS
