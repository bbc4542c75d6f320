// Package web serves a node's pages and its HTTP interface.
package web

import (
	"context"
	"errors"
	"time"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/schema"
	"wangge/sync/wire"
)

// ErrMissing says that there is no such record, report or process here.
var ErrMissing = errors.New("there is no such thing here")

// Refusal is an error whose words are for the person at the screen: why it was
// not done, and what to do. Other errors are told in the log only.
type Refusal struct{ schema.Text }

// Error returns the English sentence.
func (r Refusal) Error() string { return r.En }

// ErrUnlisted says that records of a confidential kind are listed nowhere.
var ErrUnlisted = Refusal{schema.Text{Zh: "这些记录是保密的，不列入任何清单", En: "these records are confidential: they stand in no list"}}

// Desk is what a box offers to the person in front of it. Errors that are
// schema.Problems are the form's; ErrMissing means that there is no such thing;
// a Refusal has words for the person.
type Desk interface {
	// Save checks a filled form and saves it; on return it is on disk.
	Save(kind string, form map[string]any) ([]Name, error)
	// Edit changes fields of a record; on return it is on disk.
	Edit(name Name, changes []Edit) error
	// Import saves lines that are not here yet, and answers for each.
	Import(kind string, forms []map[string]any) ([]Outcome, error)
	List(kind string, cursor []byte, limit int) (List, error)
	// Waiting is List of those of which something has not reached the county, be it a photo.
	Waiting(kind string, cursor []byte, limit int) (List, error)
	Record(name Name) (Record, error)
}

// Office is what a hub replica offers to an analyst.
type Office interface {
	// Report answers a query. If current, the figures hold everything that was
	// committed anywhere in the county when Report was called. Errors that are
	// schema.Problems are the query's, by the names that Query's JSON has; a
	// context.DeadlineExceeded says that nobody could tell in time what is current.
	Report(ctx context.Context, q report.Query, current bool) (Answer, error)
	// Behind lists records that a figure counts, from the one after an id on, at most
	// limit; side is that of report.Behind. Next is the last one's id.
	Behind(q report.Query, side string, after crdt.RecordID, limit int) (List, error)
	// Check recounts all records and holds every report against that.
	Check(ctx context.Context) (report.Checked, error)
}

// Machine is what every node tells of itself.
type Machine interface {
	Status() Status
	// Cut drops everything on the node's link, or ends that. It is refused (a
	// Refusal) on a node that was not started as part of a demonstration.
	Cut(bool) error
	// PutAside notes that a person has dealt with a trouble, and how; no reason takes
	// that back. ErrMissing means that there is no such trouble.
	PutAside(id, by, reason string) error
}

// Name says which record.
type Name struct {
	Kind  string `json:"kind"`
	Space string `json:"space"`
	ID    string `json:"id"` // hex
}

// Edit changes one field, or deletes or restores the whole record: exactly one of
// Set, Add, Remove, Append, Plus, Delete, Restore, Same and Apart is given, the last four without Field.
type Edit struct {
	Field string `json:"field,omitempty"`
	// Set writes a register, or the whole of a text. Saw names the dots that the
	// person saw there and writes over; without it, whatever is visible.
	Set    any      `json:"set,omitempty"`
	Saw    []string `json:"saw,omitempty"`
	Add    any      `json:"add,omitempty"`    // an element of a set; to inline links a form too
	Remove any      `json:"remove,omitempty"` // an element of a set
	Append any      `json:"append,omitempty"` // to a log
	// Plus adds to a counter. To a bounded one it earns, or spends below zero;
	// with To, the writer of another box, it hands on the right to spend so much.
	Plus int64  `json:"plus,omitempty"`
	To   string `json:"to,omitempty"`

	Delete  bool `json:"delete,omitempty"`  // what is visible of the record now
	Restore bool `json:"restore,omitempty"` // takes every deletion back

	Same  *Name `json:"same,omitempty"`  // this record and that one are one
	Apart *Name `json:"apart,omitempty"` // takes that back
}

// Twin is a record that another names as the same. The two are one if Agreed:
// both name each other.
type Twin struct {
	Name
	Agreed bool `json:"agreed"`
}

// Outcome answers for one imported line.
type Outcome struct {
	State    string          `json:"state"` // new, known, refused or, at the hub, changed
	Problems schema.Problems `json:"problems,omitempty"`
}

// List is a page of a list, the latest changed first.
type List struct {
	Items []Item `json:"items"`
	Next  []byte `json:"next,omitempty"` // where the next page goes on; empty at the end
}

// Item is a record in a list: what wins in each field, guarded fields masked and sealed ones left out.
type Item struct {
	Name
	Level    wire.Level             `json:"-"`
	Reached  string                 `json:"level"`
	Changed  int64                  `json:"changed"` // milliseconds since 1970, by the writer's clock
	Conflict bool                   `json:"conflict"`
	Fate     string                 `json:"fate"` // alive, dead, or disputed: see crdt.Fate
	Owed     FilesOwed              `json:"owed,omitzero"`
	Values   map[string]any         `json:"values"`
	Labels   map[string]schema.Text `json:"labels,omitempty"` // of options
	// Since is what became of it after a month was closed: late, changed, or gone out of
	// what is counted.
	Since string `json:"since,omitempty"`
}

// Record is one record in full.
type Record struct {
	Name
	Reached string    `json:"level"`
	Fate    string    `json:"fate"` // alive, dead, or disputed: see crdt.Fate
	Owed    FilesOwed `json:"owed,omitzero"`
	Same    []Twin    `json:"same,omitempty"`
	Fields  []Field   `json:"fields"`
	// Links are the records that its fields name, as far as they are here, and NamedBy those
	// that name it: the first of them, NamedMore is how many others do.
	Links     []Named  `json:"links,omitempty"`
	NamedBy   []Naming `json:"named_by,omitempty"`
	NamedMore int      `json:"named_more,omitempty"`
}

// Naming is a record that names another, by which of its fields.
type Naming struct {
	Named
	Field schema.Text `json:"field"`
}

// Field is a field as it stands: one value, or several that were written apart.
// A merged text is one value, and what is seen of it are its heads.
type Field struct {
	Name     string      `json:"name"` // "#17" when the field comes from a newer form
	Title    schema.Text `json:"title"`
	Merge    string      `json:"merge"`
	Conflict bool        `json:"conflict"`
	Total    *int64      `json:"total,omitempty"`   // of a counter
	Stands   string      `json:"stands,omitempty"`  // of a ladder: the rung; its versions are Steps
	Ledger   *Ledger     `json:"ledger,omitempty"`  // of a bounded counter, which has no versions
	Waiting  int         `json:"waiting,omitempty"` // changes of a text that are not in it: not here in full, or of a newer form
	Versions []Version   `json:"versions"`
}

// Version is one visible value, the winner first.
type Version struct {
	Value   any         `json:"value"`
	Label   schema.Text `json:"label,omitzero"`
	Dots    []crdt.Dot  `json:"-"`
	Saw     []string    `json:"saw"` // the dots, for Edit
	Device  string      `json:"device"`
	At      int64       `json:"at"` // milliseconds since 1970, by the writer's clock
	Reached string      `json:"level"`
}

// Step is one step of a case, as a version of a ladder.
type Step struct {
	Step     string          `json:"step"`
	At       int64           `json:"at"` // milliseconds since 1970: when it was taken
	Note     string          `json:"note,omitempty"`
	Standing schema.Standing `json:"standing"`
}

// Answer is a report and how current it is.
type Answer struct {
	report.Table
	Currency Currency `json:"currency"`
	// Month is there where a month was asked for.
	Month *Month `json:"month,omitempty"`
	// Compared holds the figures against earlier periods, if that was asked for.
	Compared []report.Compared `json:"compared,omitempty"`
}

// Currency says what a figure knows of.
type Currency struct {
	Commit  uint64    `json:"commit"`  // the county's last commit that is counted
	At      time.Time `json:"at"`      // when this replica was last sure of having all commits
	Replica string    `json:"replica"` // who answers
	Boxes   []Heard   `json:"boxes"`
	// Complete sums the boxes up.
	Complete Complete `json:"complete"`
}

// Complete says up to when the work of how many boxes is counted, and who is late.
type Complete struct {
	At    time.Time `json:"at,omitzero"` // of those that are not late
	Boxes int       `json:"boxes"`       // that are not late
	Of    int       `json:"of"`
	Late  []string  `json:"late"` // names
}

// Heard says up to when the county has all of a box's work.
type Heard struct {
	Device uint32    `json:"device"`
	Name   string    `json:"name"`
	At     time.Time `json:"at,omitzero"` // zero: never heard from
}

// Status is a node's account of itself.
type Status struct {
	County   string    `json:"county"`
	Device   uint32    `json:"device"`
	Name     string    `json:"name"`
	Role     string    `json:"role"`
	Process  int       `json:"process"`
	Started  time.Time `json:"started"`
	Link     string    `json:"link"` // UDP address
	Web      string    `json:"web"`  // URL
	Demo     bool      `json:"demo"` // the link may be cut from the page
	Cut      bool      `json:"cut"`
	Light    string    `json:"light"`
	Waiting  uint64    `json:"waiting"` // batches here that the county is not known to have
	Unsent   Unsent    `json:"unsent"`
	HeardHub time.Time `json:"heard_hub,omitzero"` // last contact with the county
	HeardBox time.Time `json:"heard_box,omitzero"` // and with a neighbour
	Troubles []Trouble `json:"troubles,omitempty"` // the gravest first
	Dealt    []Dealt   `json:"dealt,omitempty"`    // put aside by a person, the latest first
	Spaces   []Space   `json:"spaces"`
	Peers    []Peer    `json:"peers"`
	Forked   []Forked  `json:"forked,omitempty"`
	Newer    []string  `json:"newer,omitempty"` // kinds of records here that no form of this node's knows
	Hub      *Hub      `json:"hub,omitempty"`   // of a hub replica
	Sink     *Sink     `json:"sink,omitempty"`  // of a replica that is to keep a database in step
	// ReadOnly says why nothing can be saved at this node and what to do; "" when all is well.
	ReadOnly string `json:"read_only,omitempty"`
	Files    Stock  `json:"files"`
	Store    Room   `json:"store"`
	// Goroutines are the process's. More and more of them while nothing happens is a fault.
	Goroutines int `json:"goroutines"`
}

// Unsent says more of the batches that wait for the county.
type Unsent struct {
	Bytes   uint64         `json:"bytes"`             // as they are stored; fewer travel
	Records map[string]int `json:"records,omitempty"` // that they touch, by kind
	Since   time.Time      `json:"since,omitzero"`    // of the oldest, by its writer's clock
	Late    bool           `json:"late"`              // for more than a day
	// Files are the photos and files that this node has to bring to the county and
	// that most of its replicas are not known to have: originals, Previews beside
	// them, and FileBytes of both.
	Files     int   `json:"files"`
	Previews  int   `json:"previews"`
	FileBytes int64 `json:"file_bytes"`
}

// FilesOwed is what of a record's photos and files this node has to bring to the
// county still.
type FilesOwed struct {
	Originals int `json:"originals,omitempty"`
	Previews  int `json:"previews,omitempty"`
	Shown     int `json:"shown,omitempty"` // of the originals, those of which the preview is there
}

// Room is what the store's file takes and what the disk has left, in bytes.
type Room struct {
	Size int64 `json:"size"`
	Free int64 `json:"free"` // of that, for what comes next
	Disk int64 `json:"disk"` // left on the disk beside it; 0 where the system does not say
}

// Stock is what this node holds of photos and files.
type Stock struct {
	Count   int   `json:"count"`
	Bytes   int64 `json:"bytes"`
	Missing int   `json:"missing"` // that records here refer to and that are to come and have not
	// Previews is how many of the missing are previews, Left how many bytes of the
	// missing are not here, and Elsewhere how many originals stay where they are.
	Previews  int      `json:"previews,omitempty"`
	Left      int64    `json:"left,omitempty"`
	Elsewhere int      `json:"elsewhere,omitempty"`
	Absent    []Absent `json:"absent,omitempty"` // some of the missing, the most urgent first
	// False counts by device what it sent of files that was not taken.
	False map[string]int `json:"false,omitempty"`
}

// Absent is a file that is missing.
type Absent struct {
	Root    string    `json:"root"`
	Size    int64     `json:"size"`
	Left    int64     `json:"left"` // bytes that are not here
	Preview bool      `json:"preview,omitempty"`
	Record  string    `json:"record"`            // one that refers to it
	Space   string    `json:"space"`             // of that record
	Since   time.Time `json:"since"`             // when it was first missed, since the start
	Wrote   []string  `json:"wrote,omitempty"`   // devices that wrote that they have it
	Holders []string  `json:"holders,omitempty"` // devices that say that they hold some of it
}

// Space is a space as this node has it.
type Space struct {
	Space   string `json:"space"`
	Place   string `json:"place,omitempty"` // what its area is called
	Held    bool   `json:"held"`            // false: only what this box wrote for another area
	Digest  string `json:"digest"`
	Records uint64 `json:"records"`
	Batches uint64 `json:"batches"`
	County  uint64 `json:"county"`            // batches known to be committed
	Dropped uint64 `json:"dropped,omitempty"` // of these, merged and no longer in the log
	Hollow  bool   `json:"hollow,omitempty"`  // records were damaged: the county has to bring them again
	// Leaving is set where this device may hold the space no more.
	Leaving *Leaving `json:"leaving,omitempty"`
}

// Leaving is what keeps a space from being dropped.
type Leaving struct {
	Batches uint64 `json:"batches"` // that the county is not known to have
	Files   int    `json:"files"`   // that its records refer to and that are here
}

// Peer is another machine as this one sees it.
type Peer struct {
	Device    uint32    `json:"device"`
	Name      string    `json:"name"`
	Role      string    `json:"role"`
	Address   string    `json:"address"`
	Connected bool      `json:"connected"`
	Heard     time.Time `json:"heard,omitzero"`
	RTT       float64   `json:"rtt_ms"`
	// Ring is whether the ring counts a box as there, since RingSince; nil for machines
	// that are not in this one's ring.
	Ring      *bool     `json:"ring,omitempty"`
	RingSince time.Time `json:"ring_since,omitzero"`
	Sent      uint64    `json:"sent"`     // bytes since the start
	Received  uint64    `json:"received"` // likewise
	// Lacks and Wants are batches: which the peer lacks of what is here, and this
	// node of what the peer held when it last greeted, at Greeted.
	Lacks   uint64    `json:"lacks"`
	Wants   uint64    `json:"wants"`
	Greeted time.Time `json:"greeted,omitzero"`
	// Told is when Wants was so: zero where nobody knows. At the hub it and Wants are what the
	// replica said that heard the box last.
	Told   time.Time   `json:"told,omitzero"`
	Left   *Left       `json:"left,omitempty"`   // in the conversation under way
	Skew   *float64    `json:"skew_s,omitempty"` // its clock less this node's, in seconds, if it has told
	Failed schema.Text `json:"failed,omitzero"`  // why the last attempt to talk to it came to nothing
	// Complete is up to when the county has all of a box's work; Refused is how many
	// of its streams are stuck. Both as the hub knows it.
	Complete time.Time `json:"complete,omitzero"`
	Refused  int       `json:"refused,omitempty"`
}

// Left is how much two machines still have to tell each other: in batches, and about
// how many bytes and seconds that takes, as the conversation went so far.
type Left struct {
	Send         uint64  `json:"send"`
	SendBytes    uint64  `json:"send_bytes"`
	Receive      uint64  `json:"receive"`
	ReceiveBytes uint64  `json:"receive_bytes"`
	Seconds      float64 `json:"seconds,omitempty"` // 0 while the link's rate is not known
}

// Forked is a stream that its writer signed twice: its device was copied, or
// restored from a copy. All of it is kept; the branches that the county took
// second stand as arms.
type Forked struct {
	Space  string   `json:"space"`
	Writer string   `json:"writer"`
	Device string   `json:"device"`           // its name
	Closed uint64   `json:"closed,omitempty"` // the last batch that the county takes under the writer's name, once it has said so
	Arms   []string `json:"arms,omitempty"`
}

// Hub is a replica's account of the group.
type Hub struct {
	Leader  uint32    `json:"leader"`
	Role    string    `json:"role"`
	Term    uint64    `json:"term"`
	Commit  uint64    `json:"commit"`
	Applied uint64    `json:"applied"`
	At      time.Time `json:"at"` // last sure of the group
}
