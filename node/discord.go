package node

import (
	"errors"
	"time"

	"wangge/sync/session"
	"wangge/sync/wire"
)

// How long two sides that have nothing more to say and hold different things go on so.
// Most of what one talk could not settle, the next does; what is refused for good is
// offered once an hour.
const (
	discordMin = remindAfter
	discordMax = time.Hour
)

// errDiscord ends a conversation that is to be begun anew.
var errDiscord = errors.New("neither has anything more to say, and each holds something else")

// Discord watches over a box's conversations with the county, which last for days: one
// that could not settle something ends, because only a greeting looks at all of it again.
// The zero Discord has seen none.
type Discord struct {
	patience time.Duration // with the next
	since    time.Time     // zero while there is none
	held     wire.Print    // at this side all that time
}

// Over reports whether a conversation should be begun anew by now; it is to be asked every
// half minute or so. Each time that this changes nothing there is twice as much patience.
func (d *Discord) Over(talk *session.Session, now time.Time) bool {
	held, differs := talk.Differs()
	patience := max(d.patience, discordMin)
	switch {
	case !differs && talk.Quiet():
		*d = Discord{}
	case !differs:
		d.since = time.Time{}
	case d.since.IsZero() || held != d.held:
		d.since, d.held = now, held
	case now.Sub(d.since) >= patience:
		*d = Discord{patience: min(2*patience, discordMax)}
		return true
	}
	return false
}
