// Package kinds carries the kinds that ship with the program, as their YAML files.
package kinds

import "embed"

// Files holds one YAML file for each kind, and in samples one with forms of it.
//
//go:embed *.yaml samples/*.yaml
var Files embed.FS
