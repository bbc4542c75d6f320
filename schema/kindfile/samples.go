package kindfile

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"

	"wangge/schema/kinds"
)

// ShippedSamples returns the forms that somebody might have filled in of a kind that
// comes with the program.
func ShippedSamples(kind string) ([]map[string]any, error) { return Samples(kinds.Files, kind) }

// Samples reads the forms in samples/KIND.yaml: a list, each form as its JSON would
// decode.
func Samples(files fs.FS, kind string) (forms []map[string]any, err error) {
	name := "samples/" + kind + suffix
	text, err := readFile(files, name)
	if err != nil {
		return nil, err
	}
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, spoken(name, err)
	}
	if err := json.Unmarshal(data, &forms); err != nil {
		return nil, fmt.Errorf("%s: write a list of forms: %w", name, err)
	}
	return forms, nil
}
