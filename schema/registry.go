package schema

import "slices"

// Registry holds the kinds of a county, checked as a whole. It does not change
// and may be shared.
type Registry struct {
	kinds []Kind
}

// New returns the registry of kinds, or a *Fault for the first declaration that
// does not hold together.
func New(kinds []Kind) (*Registry, error) {
	r := &Registry{slices.Clone(kinds)}
	if fault := r.fault(); fault != nil {
		return nil, fault
	}
	return r, nil
}

// Kinds returns all kinds in the order in which they were declared. The caller
// must not change them.
func (r *Registry) Kinds() []Kind { return r.kinds }

// Kind returns the kind of that name. A record may be of a kind that is not
// here: it comes from a newer program.
func (r *Registry) Kind(name string) (*Kind, bool) {
	for i := range r.kinds {
		if r.kinds[i].Name == name {
			return &r.kinds[i], true
		}
	}
	return nil, false
}
