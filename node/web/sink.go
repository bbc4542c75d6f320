package web

import "time"

// How a database stands that a replica keeps in step.
const (
	SinkCurrent = "current" // it has all that is here
	SinkWriting = "writing" // what it lacks is being written
	SinkStandby = "standby" // another replica writes, and this one takes over when that has gone
	SinkFailed  = "failed"  // it could not be written; it is tried again
)

// Sink is the database that a replica keeps in step with the county's records.
type Sink struct {
	State    string `json:"state"`
	Database string `json:"database,omitempty"` // host:port/name; no user and no password
	// Known is whether it was reached since the start, so that Batches, Records and Ahead are known.
	Known   bool      `json:"known"`
	Batches uint64    `json:"batches"`          // here that it lacks
	Records int       `json:"records"`          // that these are about
	Ahead   int       `json:"ahead,omitempty"`  // spaces of which it has more than this replica
	Rows    uint64    `json:"rows"`             // written since the start
	Current time.Time `json:"current,omitzero"` // when it last had all that was here
	// Error is why the last round failed; "" if it did not. It holds no password.
	Error    string    `json:"error,omitempty"`
	FailedAt time.Time `json:"failed_at,omitzero"` // when a round failed last
}

// metrics are those of a database; none where there is none.
func (s *Sink) metrics(now time.Time) []family {
	if s == nil {
		return nil
	}
	all := []family{s.states(),
		moments("wangge_sink_current_timestamp_seconds", "When the database last had all that was here.", s.Current),
		moments("wangge_sink_failed_timestamp_seconds", "When writing into the database failed last.", s.FailedAt),
		{name: "wangge_sink_rows_total", help: "Rows written into the database since the start.", counts: true, samples: []sample{{value: float64(s.Rows)}}},
	}
	if s.Known {
		all = append(all,
			gauge("wangge_sink_lag_batches", "Batches here that the database lacks.", float64(s.Batches)),
			gauge("wangge_sink_lag_records", "Records that these are about.", float64(s.Records)),
			gauge("wangge_sink_ahead_spaces", "Spaces of which the database has more than this replica.", float64(s.Ahead)))
	}
	if lag, told := s.lag(now); told {
		all = append(all, gauge("wangge_sink_lag_seconds", "How long ago the database had all that was here; 0 while it has.", lag.Seconds()))
	}
	return all
}

// lag is how long ago the database had all that was here, as far as that is known.
func (s *Sink) lag(now time.Time) (time.Duration, bool) {
	switch {
	case s.State == SinkCurrent:
		return 0, true
	case s.State == SinkStandby || s.Current.IsZero():
		return 0, false
	}
	return max(0, now.Sub(s.Current)), true
}

func (s *Sink) states() family {
	f := family{name: "wangge_sink_state", help: "How the database stands: 1 for the state that it is in."}
	for _, state := range []string{SinkCurrent, SinkWriting, SinkStandby, SinkFailed} {
		f.samples = append(f.samples, sample{map[string]string{"state": state}, truth(s.State == state)})
	}
	return f
}
