package crdt

import (
	"cmp"
	"fmt"
	"strings"
)

// Class says who may read a space's records: everyone with a duty in the area,
// those who need personal data, or a case's committee only.
type Class uint8

// The classes, from the least to the most guarded.
const (
	Open Class = iota
	Personal
	Confidential
)

var classNames = [...]string{"open", "personal", "confidential"}

// String returns the class's name as it stands in a space's name.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return fmt.Sprintf("class%d", uint8(c))
}

// ParseClass reads a class's name.
func ParseClass(s string) (Class, error) {
	for i, name := range classNames {
		if s == name {
			return Class(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a class: want open, personal or confidential", s)
}

// Space is the unit of replication and of rights: an area code (2 to 17 digits,
// GB/T 2260 and its statistical extensions) and a class.
type Space struct {
	Area  string
	Class Class
}

// String returns the space as area/class, such as 140581105211/personal.
func (s Space) String() string { return s.Area + "/" + s.Class.String() }

// ParseSpace reads what String wrote.
func ParseSpace(text string) (Space, error) {
	area, name, ok := strings.Cut(text, "/")
	class, err := ParseClass(name)
	if !ok || err != nil || !IsArea(area) {
		return Space{}, fmt.Errorf("%q is not a space: want area/class, such as 140581105211/open", text)
	}
	return Space{area, class}, nil
}

// IsArea reports whether s can be an area code: 2 to 17 digits.
func IsArea(s string) bool {
	if len(s) < 2 || len(s) > 17 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// Compare orders spaces by area, then class.
func (s Space) Compare(o Space) int {
	return cmp.Or(cmp.Compare(s.Area, o.Area), cmp.Compare(s.Class, o.Class))
}
