// Package kinds carries the kinds that ship with the program, as their YAML files.
package kinds

import "embed"

// Files holds one YAML file for each kind, in samples one with forms of it, and in
// holidays one for each year.
//
//go:embed *.yaml samples/*.yaml holidays/*.yaml
var Files embed.FS
