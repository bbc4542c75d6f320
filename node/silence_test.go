package node

import (
	"testing"
	"time"
)

func TestAPeerIsSilentOnlyWhileItOwesAWord(t *testing.T) {
	began := time.UnixMilli(1_760_000_000_000)
	type note struct {
		after int // seconds
		what  string
	}
	for name, test := range map[string]struct {
		notes []note
		at    int
		want  int
	}{
		"owing from the start":                {[]note{{0, "owes"}}, 50, 50},
		"heard meanwhile":                     {[]note{{0, "owes"}, {30, "heard"}}, 50, 20},
		"owing nothing":                       {[]note{{0, "owes"}, {1, "heard"}, {1, "owes nothing"}}, 5000, 0},
		"asked after long quiet":              {[]note{{0, "owes"}, {1, "heard"}, {1, "owes nothing"}, {5000, "owes"}}, 5003, 3},
		"asked after long quiet, and silent":  {[]note{{0, "owes"}, {1, "owes nothing"}, {5000, "owes"}}, 5046, 46},
		"asked more while it owes":            {[]note{{0, "owes"}, {40, "owes"}}, 50, 50},
		"heard though it owes nothing, asked": {[]note{{0, "owes nothing"}, {10, "heard"}, {20, "owes"}}, 25, 5},
	} {
		var s Silence
		for _, n := range test.notes {
			now := began.Add(time.Duration(n.after) * time.Second)
			switch n.what {
			case "heard":
				s.Heard(now)
			default:
				s.Owes(n.what == "owes", now)
			}
		}
		if got := s.For(began.Add(time.Duration(test.at) * time.Second)); got != time.Duration(test.want)*time.Second {
			t.Errorf("%s: silent for %s, want %d s", name, got, test.want)
		}
	}
}
