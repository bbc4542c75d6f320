package web

import (
	"time"

	"wangge/schema"
)

// The lights: a node in one word. Green comes from the county's receipts alone.
const (
	LightSafe      = "safe"      // the county has acknowledged every batch here, and every file of this node's
	LightWaiting   = "waiting"   // some it has not, and nothing can be sent now
	LightSending   = "sending"   // some it has not, and they are on their way
	LightAttention = "attention" // a person has to do something: see the troubles
)

// Trouble is something that a person should know of: what it is, and what to do.
type Trouble struct {
	// ID names it where a person can put it aside, having dealt with it; "" elsewhere.
	ID string `json:"id,omitempty"`
	// Sort is why a peer or this node refused something (wire.Why), or one of disk,
	// clock, hollow, leaving, file, pieces, room, forked, newer, kinds and sink, which are this node's own.
	Sort   string      `json:"sort"`
	Grave  bool        `json:"grave"` // makes the light red; others are for information
	What   schema.Text `json:"what"`
	Do     schema.Text `json:"do"`
	Detail string      `json:"detail,omitempty"` // in the machine's words, for who looks after it
	At     time.Time   `json:"at,omitzero"`      // when it was noted first
	Stuck  *Stuck      `json:"stuck,omitempty"`  // what does not go on for it
	// Records are those that it is about, but for a stuck stream's.
	Records []Named `json:"records,omitempty"`
}

// Stuck is the end of a stream that was not taken. Other streams go on.
type Stuck struct {
	Offered bool    `json:"offered"` // by this node; false: to this node
	By      string  `json:"by"`      // who refused it; if not Offered, who brought it
	Space   string  `json:"space"`
	Writer  string  `json:"writer"`
	Author  string  `json:"author"`            // the device whose writer it is
	From    uint64  `json:"from"`              // the batch
	Batches uint64  `json:"batches,omitempty"` // it and those that wait behind it, where they are here
	Records []Named `json:"records,omitempty"` // that they touch
	More    bool    `json:"more,omitempty"`    // than these
}

// Named is a record and what people call it.
type Named struct {
	Name
	Words schema.Text `json:"words"`
}

// Dealt is a trouble that a person has put aside, and what they did. It is kept for a
// year, and the same trouble reddens no light until they take that back.
type Dealt struct {
	ID     string      `json:"id"`
	What   schema.Text `json:"what"`
	By     string      `json:"by"`
	Reason string      `json:"reason"`
	At     time.Time   `json:"at"`
	Stands bool        `json:"stands"` // the trouble itself has not gone
}

// Refusals returns the troubles that are about work which was not taken.
func (s Status) Refusals() (all []Trouble) {
	for _, t := range s.Troubles {
		if t.Stuck != nil {
			all = append(all, t)
		}
	}
	return all
}
