package export

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// between stands between the elements of a list where a format has one text for them.
const between = "; "

// china is the one zone in which records are dated (schema.Day).
func china(t time.Time) time.Time { return t.In(time.FixedZone("+08:00", 8*60*60)) }

// plain returns a value as a text that reads the same everywhere: a point for
// decimals, ISO 8601 for days and moments.
func (c Column) plain(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		if c.Type == Figure {
			return decimal(v, c.Places)
		}
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		if c.Type == Day {
			return v.Format(time.DateOnly)
		}
		return china(v).Format(time.DateTime)
	case []string:
		return strings.Join(v, between)
	}
	return fmt.Sprint(value)
}

// decimal writes n, in units of the last of so many places.
func decimal(n int64, places int) string {
	digits := strconv.FormatInt(n, 10)
	if places == 0 {
		return digits
	}
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	if lack := places + 1 - len(digits); lack > 0 {
		digits = strings.Repeat("0", lack) + digits
	}
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// guarded keeps a text from being run as a formula by the program that opens the
// file: what people typed must not act on the analyst's machine.
func guarded(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if strings.ContainsRune("=+-@\t\r＝＋－＠", first) {
		return "'" + text
	}
	return text
}
