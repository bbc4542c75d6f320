package kindfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"wangge/schema"
)

// Editor returns the JSON Schema (draft 2020-12) of a kind's file, by which editors
// complete keys and mark what cannot be read. Keys and their types are those of the
// structs that files are read into; what a value may be, and what it means, stands in
// the table of keys. It knows one file and no formulas: New alone says that kinds hold
// together.
func Editor() ([]byte, error) {
	root := described(reflect.TypeFor[form](), "")
	root["$defs"] = node{"text": node{
		"type": "object", "required": []any{"zh", "en"}, "additionalProperties": false, "description": "A text for people, in Chinese and in English.",
		"properties": node{"zh": node{"type": "string", "minLength": 1}, "en": node{"type": "string", "minLength": 1}},
	}}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "A kind of records of Wangge"
	return json.MarshalIndent(root, "", "  ")
}

// node is a part of the schema.
type node = map[string]any

// described returns what a type looks like in a file. At is the path of the key that
// holds it, without numbers, such as fields.options.
func described(t reflect.Type, at string) node {
	if t == reflect.TypeFor[schema.Text]() {
		return node{"$ref": "#/$defs/text"}
	}
	switch t.Kind() {
	case reflect.Struct:
		return object(t, at)
	case reflect.Slice:
		return node{"type": "array", "items": described(t.Elem(), at)}
	case reflect.Bool:
		return node{"type": "boolean"}
	case reflect.String:
		return node{"type": "string"}
	case reflect.Float64:
		return node{"type": "number"}
	}
	return node{"type": "integer"}
}

func object(t reflect.Type, at string) node {
	properties, required := node{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, optional, ok := key(f)
		if !ok {
			continue
		}
		path := strings.TrimPrefix(at+"."+name, ".")
		said := keys()[path]
		one := described(f.Type, path)
		maps.Copy(one, said.value)
		if items, ok := one["items"].(node); ok {
			maps.Copy(items, said.each)
		}
		one["description"] = said.means
		properties[name] = one
		if !optional {
			required = append(required, name)
		}
	}
	n := node{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	maps.Copy(n, keys()[strings.TrimPrefix(at+".*", ".")].value)
	return n
}

// key returns by what name a struct's field stands in a file, as the reader has it.
func key(f reflect.StructField) (name string, optional, ok bool) {
	tag := f.Tag.Get("yaml")
	if tag == "" {
		tag = f.Tag.Get("json")
	}
	options := strings.Split(tag, ",")
	if slices.Contains(options[1:], "inline") || !f.IsExported() {
		return "", false, false // its own fields are visible by themselves
	}
	left := slices.Contains(options, "omitempty") || slices.Contains(options, "omitzero")
	return options[0], left, true
}

// undescribed returns the keys of kinds' files of which the table says nothing, and
// those that it tells of and that are not there; for a test.
func undescribed() (lacks []string) {
	there := map[string]bool{}
	var walk func(n node, at string)
	walk = func(n node, at string) {
		if items, ok := n["items"].(node); ok {
			walk(items, at)
			return
		}
		properties, _ := n["properties"].(node)
		for name, one := range properties {
			path := strings.TrimPrefix(at+"."+name, ".")
			there[path] = true
			walk(one.(node), path)
		}
	}
	walk(described(reflect.TypeFor[form](), ""), "")
	for path := range there {
		if keys()[path].means == "" {
			lacks = append(lacks, path+" is not described")
		}
	}
	for path := range keys() {
		if !there[path] && !strings.HasSuffix(path, "*") {
			lacks = append(lacks, fmt.Sprintf("there is no %s", path))
		}
	}
	slices.Sort(lacks)
	return lacks
}
