package crdt_test

import (
	"fmt"
	"testing"

	. "wangge/crdt"
)

// FuzzNames: whatever is taken for a name reads back from how it is written.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"7.beef", "7.0-1-2", "140581105211/open", "personal", "text", "000102030405060708090a0b0c0d0e0f", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		readsBack(t, s, ParseWriter)
		readsBack(t, s, ParseDot)
		readsBack(t, s, ParseSpace)
		readsBack(t, s, ParseClass)
		readsBack(t, s, ParseType)
		readsBack(t, s, ParseRecordID)
	})
}

func readsBack[N interface {
	comparable
	fmt.Stringer
}](t *testing.T, s string, parse func(string) (N, error)) {
	t.Helper()
	name, err := parse(s)
	if err != nil {
		return
	}
	if again, err := parse(name.String()); err != nil || again != name {
		t.Errorf("%q is taken for %s, which reads back as %s, %v", s, name, again, err)
	}
}
