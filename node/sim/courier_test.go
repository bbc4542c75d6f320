package sim

import (
	"bytes"
	"regexp"
	"testing"
)

// Bundles must come, whole and damaged, bring what no link does, and be answered: else their
// runs try nothing.
func TestPeopleCarryBundlesWhereThereIsNoLink(t *testing.T) {
	whole(t)
	c := stage(t)
	var told bytes.Buffer
	for seed := range uint64(4) {
		r := run(t, c, 3000+seed, Setting{Out: &told, Tune: func(o *Options) {
			o.Weights[calls], o.Weights[visits], o.Weights[couriers] = 0, 0, 40
		}})
		if r.Violation != nil {
			t.Errorf("seed %d: %s", 3000+seed, r.Violation)
		}
	}
	for _, line := range []string{
		`hub\d reads bundle \d+, whole true: [1-9]`, `box\d reads bundle \d+, whole true: [1-9]`, `whole false: .* true`, `whole false: .* false`,
		`hub\d makes bundle \d+ for box\d`, `[1-9]\d* known`,
		`makes bundle .* [1-9]\d* files`, `hub\d reads bundle .* files: [1-9]`, `box\d reads bundle .* files: [1-9]`, `pieces, [1-9]\d* known`, `[1-9]\d* receipts`,
	} {
		if !regexp.MustCompile(line).Match(told.Bytes()) {
			t.Errorf("nothing is told such as %s", line)
		}
	}
}
