package schema

import (
	"slices"
	"strings"

	"wangge/crdt"
)

// The groupings by which a report may go up from county to city and province, beside
// choices, ladders and bools of the kind's own.
const (
	PublishTotal    = "total"    // of the county, without rows
	PublishTownship = "township" // nothing finer: of a community everybody knows whose a figure is
)

// What goes up of an average, behind its name: averages of areas make none of all, so a city
// adds these up and divides them.
const (
	PartSum   = ":sum"   // what its records add up to
	PartCount = ":count" // how many of them say so much
)

// PartOf returns the report of which a published table is, by its name, and whether it is
// but a part of that one: kind.report:sum is one of kind.report.
func PartOf(name string) (report string, part bool) {
	report, behind, part := strings.Cut(name, ":")
	return report, part && (":"+behind == PartSum || ":"+behind == PartCount)
}

// Persons returns the fields that say of whom a record is, in the order of the form: a
// household, an identity number, a mobile, a name that must be given, and a link to a
// record that is of somebody in one of these ways. It has none where nobody is behind a
// record, such as a plaque.
func (r *Registry) Persons(k *Kind) (names []string) {
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.marksPerson() || f.open() && f.Type == TypeLink && r.ofPerson(f.To, nil) {
			names = append(names, f.Name)
		}
	}
	return names
}

// open reports whether figures may look at a field, and find one value there.
func (f *Field) open() bool { return !f.Sealed && f.Merge == crdt.Register }

func (f *Field) marksPerson() bool {
	switch f.Type {
	case TypeHousehold, TypeResidentID, TypeMobile:
		return f.open()
	}
	return f.open() && f.Type == TypeText && f.Guarded && f.Required
}

// ofPerson reports whether each record of a kind is of somebody. On are the kinds that
// are being asked, for links may go round.
func (r *Registry) ofPerson(name string, on []string) bool {
	k, ok := r.Kind(name)
	if !ok || k.Class == crdt.Open || slices.Contains(on, name) {
		return false
	}
	return slices.ContainsFunc(k.Fields, func(f Field) bool {
		return f.Required && (f.marksPerson() || f.open() && f.Type == TypeLink && r.ofPerson(f.To, append(on, name)))
	})
}
