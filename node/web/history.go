package web

import (
	"net/http"

	"wangge/schema"
)

// Chronicler tells how records became what they are.
type Chronicler interface {
	// History tells of a record's changes, the latest first and at most so many: what pages
	// show of it and no more. Errors are those of Desk.Record.
	History(name Name, limit int) (History, error)
}

// History is what became of a record, save by save.
type History struct {
	Saves []Save `json:"saves"`
	More  int    `json:"more,omitempty"` // earlier ones that are not told
}

// Save is what one machine wrote at once.
type Save struct {
	Device  string   `json:"device"`
	At      int64    `json:"at"` // milliseconds since 1970, by that machine's clock
	Reached string   `json:"level"`
	Changes []Change `json:"changes"`
}

// Change is one op of a save, as people read it.
type Change struct {
	Field string      `json:"field,omitempty"` // none where it is of the whole record
	Title schema.Text `json:"title,omitzero"`
	// Act is what was done: set, clear or settle a value, where several stood side by side;
	// add, remove, note, step, plus, spend, text, delete, restore, same or apart.
	Act    string      `json:"act"`
	Value  any         `json:"value,omitempty"` // as lists show it; of a text none
	Label  schema.Text `json:"label,omitzero"`
	Stands bool        `json:"stands"` // it is what the record says still
}

// historyMax is how many saves are told.
const historyMax = 200

func (s *server) history(w http.ResponseWriter, r *http.Request) {
	n, ok := named(w, r)
	if !ok {
		return
	}
	history, err := s.Chronicler.History(n, historyMax)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, save := range history.Saves {
		for i := range save.Changes {
			save.Changes[i].Value = plain(save.Changes[i].Value)
		}
	}
	history.Saves = append([]Save{}, history.Saves...)
	send(w, http.StatusOK, history)
}
