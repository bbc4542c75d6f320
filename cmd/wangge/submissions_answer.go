package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"wangge/schema"
)

func trimmed(text string) string { return strings.Trim(text, " \t\r\n\u00a0\u3000\ufeff") }

// answer turns a value into what a form's JSON carries. What cannot be turned stays as it
// is, and the check of the form says so.
func (s *submissions) answer(f *schema.Field, value any) any {
	if list, isList := value.([]any); isList {
		return list
	}
	text := fmt.Sprint(value)
	switch f.Type {
	case schema.TypeChoice:
		if o, ok := optionOf(f, text); ok {
			return o
		}
	case schema.TypeChoices:
		return chosenIn(f, text)
	case schema.TypeBool:
		if strings.EqualFold(text, "ok") { // what an acknowledgement says
			return true
		}
	case schema.TypeInstant, schema.TypeDate:
		return dated(f.Type, text)
	}
	return typed(f.Type, text)
}

// optionOf returns the value of an option that is written by its value or as people call it.
func optionOf(f *schema.Field, text string) (string, bool) {
	for _, o := range f.Options {
		if o.Value == text {
			return text, true
		}
	}
	for _, o := range f.Options {
		if o.Title.Zh == text || o.Title.En == text {
			return o.Value, true
		}
	}
	return "", false
}

// chosenIn reads options that stand one behind the other. What people call them may have
// spaces in it, so the longest that fits is taken.
func chosenIn(f *schema.Field, text string) []any {
	const apart = " ,;；、|\t\n"
	all := []any{}
	for text = strings.Trim(text, apart); text != ""; text = strings.Trim(text, apart) {
		value, length := "", 0
		for _, o := range f.Options {
			for _, words := range []string{o.Value, o.Title.Zh, o.Title.En} {
				rest, begins := strings.CutPrefix(text, words)
				next, _ := utf8.DecodeRuneInString(rest)
				if begins && len(words) > length && (rest == "" || strings.ContainsRune(apart, next)) {
					value, length = o.Value, len(words)
				}
			}
		}
		if length == 0 {
			if length = strings.IndexAny(text, apart); length < 0 {
				length = len(text)
			}
			value = text[:length]
		}
		all, text = append(all, value), text[length:]
	}
	return all
}

// calendar matches days and moments.
var calendar = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d\d)(:\d\d(?:\.\d+)?)?)?(?: *(Z|[+-]\d\d):?(\d\d)?)?$`)

// dated turns days and moments, as the two write them and as Excel rewrites them, into those
// of a form. What has no zone is China's clock.
func dated(t schema.FieldType, text string) any {
	m := calendar.FindStringSubmatch(text)
	if m == nil {
		return typed(t, text)
	}
	day := m[1] + "-" + two(m[2]) + "-" + two(m[3])
	switch {
	case t == schema.TypeDate && m[7] == "":
		return day
	case m[4] == "":
		return text // a moment without its time
	}
	seconds, zone := m[6], m[7]
	if seconds == "" {
		seconds = ":00"
	}
	switch {
	case zone == "":
		zone = "+08:00"
	case zone != "Z" && m[8] == "":
		zone += ":00"
	case zone != "Z":
		zone += ":" + m[8]
	}
	moment := day + "T" + two(m[4]) + ":" + m[5] + seconds + zone
	if t == schema.TypeInstant {
		return moment
	}
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return text
	}
	return at.In(time.FixedZone("+08:00", 8*60*60)).Format(time.DateOnly)
}

func two(digits string) string { return strings.Repeat("0", 2-len(digits)) + digits }
