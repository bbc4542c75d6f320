package wire

import "fmt"

// Why sorts the reasons of a Refusal, or of a Decline, by what a person can do about it. A number
// that is unknown here, of a newer sender, reads like WhyOther.
type Why byte

// The reasons. Their numbers travel.
const (
	WhyOther    Why = iota
	WhyUnproven     // nothing vouches for the run; where it leaned on others, one of those may be at fault
	WhyStranger     // the receiver knows no credential of the writer, or one of another county
	WhyRights       // the writer may not write there
	WhyGap          // batches before it have not come
	WhyDamaged      // a batch that cannot be read
	WhyNewer        // a batch of a newer program: the receiver must be updated
	WhySize         // a run of no proper measure
	WhyForked       // its writer signed two batches under one number
	WhyClosed       // the county closed the stream, because it was forked
	WhyArm          // a branch of a forked stream that does not fit what the receiver knows of the fork
	WhyRoom         // a file that the receiver's disk does not take
)

// String returns the reason's name.
func (w Why) String() string {
	switch w {
	case WhyOther:
		return "other"
	case WhyUnproven:
		return "unproven"
	case WhyStranger:
		return "stranger"
	case WhyRights:
		return "rights"
	case WhyGap:
		return "gap"
	case WhyDamaged:
		return "damaged"
	case WhyNewer:
		return "newer"
	case WhySize:
		return "size"
	case WhyForked:
		return "forked"
	case WhyClosed:
		return "closed"
	case WhyArm:
		return "arm"
	case WhyRoom:
		return "room"
	}
	return fmt.Sprintf("why%d", byte(w))
}

// NewerBatch reports whether a batch was written by a newer program, which says
// so in its first byte.
func NewerBatch(b []byte) bool { return len(b) > 0 && b[0] > batchVersion }
