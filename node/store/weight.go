package store

import (
	"maps"
	"os"
	"slices"
)

// Weight is what one bucket takes of a file.
type Weight struct {
	Bucket string `json:"bucket"`
	Keys   int    `json:"keys"`
	Bytes  int64  `json:"bytes"` // of keys and values
	Pages  int64  `json:"pages"` // bytes of the pages that hold them, room left in these included
}

// Weigh returns what each bucket of a stopped node's file takes, in order of
// their names.
func Weigh(path string) (weights []Weight, err error) {
	err = reserved(path, func(file *os.File) error {
		var damage error
		var pages int64
		p, err := openPages(file, func(_ string, err error) { damage = err }, func(n int64) { pages += n })
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(p.trees)) {
			w := Weight{Bucket: name}
			pages = 0
			if err := p.each([]byte(name), nil, nil, func(k, v []byte) error {
				w.Keys++
				w.Bytes += int64(len(k) + len(v))
				return nil
			}); err != nil {
				return err
			}
			w.Pages = pages
			weights = append(weights, w)
		}
		return damage
	})
	return weights, err
}
