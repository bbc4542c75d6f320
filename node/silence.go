package node

import "time"

// SilenceMax ends a conversation in which an answer is overdue for so long:
// more than a commit takes, or the worst link.
const SilenceMax = 45 * time.Second

// Silence is how long a peer has owed a word. It has not been silent while it owed
// none: one that was asked nothing for an hour has its time when it is asked.
type Silence struct {
	since time.Time // it spoke last, or came to owe a word
	owes  bool
}

// Heard notes that the peer spoke.
func (s *Silence) Heard(now time.Time) { s.since = now }

// Owes notes whether the peer owes a word.
func (s *Silence) Owes(owes bool, now time.Time) {
	if owes != s.owes {
		s.since, s.owes = now, owes
	}
}

// For returns how long the peer has owed a word, 0 if it owes none.
func (s *Silence) For(now time.Time) time.Duration {
	if !s.owes {
		return 0
	}
	return now.Sub(s.since)
}
