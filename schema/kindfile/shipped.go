package kindfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"wangge/schema"
	"wangge/schema/kinds"
)

// Shipped returns the kinds that come with the program, as they were compiled: ninety
// YAML files take a tenth of a second and more. They are read once: a registry does not change.
func Shipped() (*schema.Registry, error) { return shipped() }

var shipped = sync.OnceValues(func() (*schema.Registry, error) {
	all, err := decode(kinds.Compiled)
	if err != nil {
		return nil, fmt.Errorf("the kinds that come with this program are damaged: install it anew: %w", err)
	}
	return schema.New(all)
})

// encode writes kinds as they ship, each on a line of its own.
func encode(all []schema.Kind) ([]byte, error) {
	var lines bytes.Buffer
	to := json.NewEncoder(&lines)
	to.SetEscapeHTML(false)
	for _, k := range all {
		if err := to.Encode(k); err != nil {
			return nil, fmt.Errorf("write the kind %s: %w", k.Name, err)
		}
	}
	return lines.Bytes(), nil
}

// decode reads what encode wrote.
func decode(lines []byte) (all []schema.Kind, err error) {
	for from := json.NewDecoder(bytes.NewReader(lines)); ; {
		var k schema.Kind
		if err := from.Decode(&k); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
}
