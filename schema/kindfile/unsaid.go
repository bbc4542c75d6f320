package kindfile

import (
	"io/fs"
)

// Unsaid says by file and line which fields of the kinds that a folder has seem to tell of
// a person, though nobody has said so: see schema.Kind.Unsaid.
func Unsaid(files fs.FS) (all []error) {
	names, err := fs.Glob(files, "*"+suffix)
	if err != nil {
		return []error{err}
	}
	for _, name := range names {
		kind, tree, err := read(files, name)
		if err != nil {
			return append(all, err)
		}
		for _, fault := range kind.Unsaid() {
			all = append(all, located(name, tree, fault))
		}
	}
	return all
}
