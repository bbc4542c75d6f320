package sim

import "testing"

// What is left must fail in the same way, and be little: a person reads it.
func TestShrinkingLeavesLittleThatStillFails(t *testing.T) {
	whole(t)
	c := stage(t)
	s := Setting{Parts: Parts{Grants: generous}}
	// Of some seeds the first half can go, and with it, once, went all that was found.
	for seed := range uint64(6) {
		failed := run(t, c, seed, s)
		if failed.Violation == nil {
			continue
		}
		keep, err := Shrink(c, failed, s, 1000)
		if err != nil || len(keep) == 0 || len(keep) > failed.Acts/4 {
			t.Errorf("seed %d: of %d acts %d are left: %v", seed, failed.Acts, len(keep), err)
		}
		s := s
		s.Keep = keep
		if again := run(t, c, seed, s); again.Violation == nil || again.Violation.Rule != failed.Violation.Rule {
			t.Errorf("seed %d: what is left of %v comes to %v", seed, failed.Violation, again.Violation)
		}
	}
}
