package web

// Ledger is a bounded counter as it stands.
type Ledger struct {
	Balance int64    `json:"balance"` // what may still be spent, at all boxes together
	Rights  int64    `json:"rights"`  // of that, at this one
	Holders []Holder `json:"holders"` // this box, who has an account, and who could be handed rights
}

// Holder is one writer with a bounded counter.
type Holder struct {
	Writer    string `json:"writer"` // for Edit.To
	Device    string `json:"device"`
	Here      bool   `json:"here"` // this box's own writer
	Rights    int64  `json:"rights"`
	Earned    int64  `json:"earned"`
	Spent     int64  `json:"spent"`
	Overdrawn int64  `json:"overdrawn,omitempty"`
	Standing  string `json:"standing"`     // sound, waiting, or faulty: see crdt.Standing
	At        int64  `json:"at,omitempty"` // of its account, as of a version; 0 when it has none
	Reached   string `json:"level,omitempty"`
}
