package schema

import "strings"

// The levels of an area: how many digits of its code name it (GB/T 2260 and the
// statistical codes of 12 digits).
const (
	County    = 6
	Township  = 9
	Community = 12
)

// provinces are the first two digits that GB/T 2260 gives out. The lists below
// them change every year, so no code is refused for being withdrawn.
const provinces = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 "

func isProvince(code string) bool {
	return len(code) == 2 && strings.Contains(provinces, " "+code+" ")
}

// shape is how a type's codes look.
type shape struct {
	min, max int // digits
	want     Text
}

func (t FieldType) shape() (shape, bool) {
	switch t {
	case TypeCounty:
		return shape{6, 6, Text{"应为县级 6 位代码", "want a county's 6 digits"}}, true
	case TypeDistrict:
		return shape{6, 12, Text{"应为县级 6 位、乡镇（街道）9 位或村（社区）12 位代码", "want a county's 6 digits, a township's 9 or a community's 12"}}, true
	case TypeArea:
		return shape{12, 12, Text{"应为社区（村）12 位代码", "want a community's 12 digits"}}, true
	case TypeGrid:
		return shape{14, 17, Text{"应为网格代码：社区 12 位加 2 至 5 位", "want a grid's code: the community's 12 digits and 2 to 5 more"}}, true
	case TypeHousehold:
		return shape{18, 21, Text{"应为住户代码：网格代码加 4 位", "want a household's code: the grid's digits and 4 more"}}, true
	}
	return shape{}, false
}

// Wholes reports whether each record of the kind tells of a whole area, of whatever level: what
// is said of a township is part of what is said of its county, and the two do not add up.
func (k *Kind) Wholes() bool {
	f, ok := k.Field(k.Area.Field)
	return ok && f.Type == TypeDistrict
}

// areaDigits returns how many digits of an area a code of the type always has,
// or 0 when the type is no area.
func (t FieldType) areaDigits() int {
	s, ok := t.shape()
	if !ok {
		return 0
	}
	return min(s.min, Community)
}

func (t FieldType) areaComplaint(code string) Text {
	s, _ := t.shape()
	if len(code) < s.min || len(code) > s.max || strings.Trim(code, "0123456789") != "" || t == TypeDistrict && len(code)%3 != 0 {
		return s.want
	}
	if !isProvince(code[:2]) {
		return Text{"开头两位不是省级代码：" + code[:2], "no province has a code that begins with " + code[:2]}
	}
	if !complete(code[:min(len(code), Community)]) {
		return Text{"代码不完整，某一级为零", "the code is not complete: one of its levels is zero"}
	}
	return Text{}
}

// complete reports whether every level of a code is named: a code that was filled
// up with zeros is that of a larger area, and would make a space of its own.
func complete(code string) bool {
	for _, level := range [][2]int{{4, County}, {County, Township}, {Township, Community}} {
		if len(code) >= level[1] && strings.Trim(code[level[0]:level[1]], "0") == "" {
			return false
		}
	}
	return true
}
