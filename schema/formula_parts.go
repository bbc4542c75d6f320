package schema

import (
	"math"
	"strings"
	"time"
)

// partOf works out the functions that take texts and days apart or join them.
func partOf(op string, args []any) any {
	switch op {
	case "join":
		return joined(args)
	case "born", "sex":
		return ofResident(op, args[0])
	case "area":
		return areaOf(args[0], args[1])
	}
	return later(args[0], args[1])
}

// joined puts texts one behind the other; what is not filled in is left out.
func joined(parts []any) any {
	var whole strings.Builder
	for _, part := range parts {
		s, _ := part.(string)
		whole.WriteString(s)
	}
	if whole.Len() == 0 {
		return nil
	}
	return whole.String()
}

// ofResident returns the birth day or the sex (GB/T 2261.1) that an identity number
// says. The check character is for who reads the number to look at.
func ofResident(part string, number any) any {
	s, _ := number.(string)
	if len(s) != 18 || strings.Trim(s[:17], "0123456789") != "" || strings.Trim(s[17:], "0123456789Xx") != "" {
		return nil
	}
	birth := s[6:10] + "-" + s[10:12] + "-" + s[12:14]
	switch {
	case !dateComplaint(birth).Empty():
		return nil
	case part == "born":
		return birth
	case (s[16]-'0')%2 == 1:
		return "1"
	}
	return "2"
}

// areaOf returns the first digits of an area's code, if it has so many.
func areaOf(code, digits any) any {
	s, _ := code.(string)
	n, ok := digits.(float64)
	if !ok || n != math.Trunc(n) || n < 1 || n > float64(len(s)) || strings.Trim(s, "0123456789") != "" {
		return nil
	}
	return s[:int(n)]
}

// laterMax is how many days away a day may be worked out.
const laterMax = 100_000

// later returns the day so many days after another.
func later(from, days any) any {
	s, isDay := from.(string)
	n, ok := days.(float64)
	if !isDay || !ok || !dateComplaint(s).Empty() || n != math.Trunc(n) || math.Abs(n) > laterMax {
		return nil
	}
	t, _ := time.Parse(time.DateOnly, s)
	day := t.AddDate(0, 0, int(n)).Format(time.DateOnly)
	if !dateComplaint(day).Empty() {
		return nil
	}
	return day
}
