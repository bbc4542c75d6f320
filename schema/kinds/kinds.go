// Package kinds carries the kinds that ship with the program, as their YAML files and compiled.
package kinds

import "embed"

// Files holds one YAML file for each kind, in samples one with forms of it, and in
// holidays one for each year.
//
//go:embed *.yaml samples/*.yaml holidays/*.yaml
var Files embed.FS

// Compiled holds what the YAML files come to: a kind's JSON on each line, in the order of
// their names. A program that starts reads these, which takes far less time.
//
//go:embed compiled.jsonl
var Compiled []byte
