package crdt

// Stamp is a hybrid logical clock reading: milliseconds since 1970 in the upper
// 48 bits, a counter in the lower 16. Stamps date the display and break ties
// between values that nobody saw together; they never decide that one value
// follows another.
//
// Source: Kulkarni, Demirbas et al., "Logical Physical Clocks", 2014.
type Stamp uint64

// driftMax is how far ahead of the local clock, in milliseconds, a foreign
// stamp may pull it: a tablet in the year 2099 must not drag others along.
const driftMax = 10 * 60 * 1000

const millisMax = 1<<48 - 1

// NewStamp returns the stamp of a moment in milliseconds since 1970. A clock
// that stands before 1970 or after the year 10889 gives the nearest that fits.
func NewStamp(ms int64) Stamp { return Stamp(min(max(ms, 0), millisMax)) << 16 }

// Millis returns the stamp's moment in milliseconds since 1970.
func (s Stamp) Millis() int64 { return int64(s >> 16) }

// Next returns a stamp after last, at or after the wall clock's now.
func Next(last Stamp, now int64) Stamp { return max(last+1, NewStamp(now)) }

// Witness returns the clock's reading after seeing a foreign stamp. A stamp
// more than ten minutes ahead of now is kept with its value but does not move
// the clock.
func Witness(last, seen Stamp, now int64) Stamp {
	if seen.Millis() > now+driftMax {
		return last
	}
	return max(last, seen)
}
