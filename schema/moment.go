package schema

import (
	"time"

	"wangge/crdt"
)

// Package time is used here to read and write moments that are handed in. No
// clock is read and no zone is loaded: China keeps one time, eight hours ahead
// of UTC, and a tablet has no zone files.

func china() *time.Location { return time.FixedZone("+08:00", 8*60*60) }

// The moments that a form may claim. Before them lies a clock that lost its
// battery or counted seconds instead of milliseconds.
const (
	instantMin = 631123200000  // 1990-01-01
	instantMax = 7258089600000 // 2200-01-01
)

// minuteLayout is what a browser's date and time control gives.
const minuteLayout = "2006-01-02T15:04"

// instant reads a moment in milliseconds since 1970, in RFC 3339, or on the
// wall clock in China.
func instant(value any) (int64, Text) {
	var ms int64
	if s, ok := value.(string); ok {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t, err = time.ParseInLocation(minuteLayout, s, china())
		}
		if err != nil {
			return 0, Text{"应为时间，例如 2026-11-22T09:30", "want a moment, such as 2026-11-22T09:30"}
		}
		ms = t.UnixMilli()
	} else {
		x, ok := number(value)
		if !ok || x < instantMin || x >= instantMax {
			return 0, instantComplaint()
		}
		ms = int64(x)
	}
	if ms < instantMin || ms >= instantMax {
		return 0, instantComplaint()
	}
	return ms, Text{}
}

func instantComplaint() Text {
	return Text{
		"时间不合理，应为 1970 年以来的毫秒数，请检查设备时钟",
		"this is no plausible moment in milliseconds since 1970: check the device's clock",
	}
}

func dateComplaint(s string) Text {
	if _, ok := dateOf(s); !ok {
		return Text{"应为日期，例如 2026-11-22", "want a date, such as 2026-11-22"}
	}
	return Text{}
}

// dateOf reads a date that a form may claim.
func dateOf(s string) (t time.Time, ok bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil && t.Year() >= 1900 && t.Year() < 2200
}

// Day returns the calendar day in China of an instant's or a date's stored
// value, such as 2026-11-22, or "" when the value is neither.
func Day(v crdt.Value) string {
	if ms, ok := v.Int(); ok {
		if ms < instantMin || ms >= instantMax {
			return ""
		}
		return wall(ms).Format(time.DateOnly)
	}
	if s, ok := v.Text(); ok && dateComplaint(s).Empty() {
		return s
	}
	return ""
}

// chinaAhead is by how many milliseconds China's clocks are ahead of UTC.
const chinaAhead = 8 * 60 * 60 * 1000

// wall returns what a clock in China shows at a moment, as a time of UTC: a zone would be made anew
// each time.
func wall(ms int64) time.Time { return time.UnixMilli(ms + chinaAhead).UTC() }

// DayNumber returns the number of the day that Day names, counted from 1970, and whether there is one.
func DayNumber(v crdt.Value) (n int64, ok bool) {
	const day = 24 * 60 * 60 * 1000
	if ms, ok := v.Int(); ok {
		return (ms + chinaAhead) / day, ms >= instantMin && ms < instantMax // which begins long after 1970
	}
	s, ok := v.Text()
	if !ok {
		return 0, false
	}
	t, ok := dateOf(s)
	return t.UnixMilli() / day, ok // dates begin in 1900, and all of them at midnight
}
