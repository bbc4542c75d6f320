package web_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/report"
	"wangge/node/web"
	"wangge/schema"
)

// hub is an office and a machine that give fixed answers, and remember what
// they were asked.
type hub struct {
	mu       sync.Mutex
	queries  []report.Query
	current  bool
	fresh    int64 // the total of a current answer, if it is another
	answer   web.Answer
	err      error
	side     string
	after    crdt.RecordID
	limit    int
	troubles []web.Trouble
}

func newHub() *hub {
	now := time.Now()
	return &hub{answer: web.Answer{
		Table: report.Table{
			Report: "grid_visit.visits", Title: schema.Text{Zh: "走访次数", En: "Visits"},
			Columns: []report.Column{{Name: "area:9", Title: schema.Text{Zh: "区划", En: "Area"}}, {Name: "topic", Title: schema.Text{Zh: "事项", En: "Topic"}}},
			Rows: []report.Row{
				{Keys: []string{"140581105", "用电安全"}, Labels: []schema.Text{{Zh: "140581105", En: "140581105"}, {Zh: "用电安全", En: "Electrical safety"}}, Count: 42},
				{Keys: []string{"140581105", "独居老人"}, Labels: []schema.Text{{Zh: "140581105", En: "140581105"}, {Zh: "独居老人", En: "Elderly living alone"}}, Count: 17},
				{Keys: []string{"140581106", "=1+1"}, Labels: []schema.Text{{Zh: "140581106", En: "140581106"}, {Zh: "=1+1", En: "=1+1"}}, Count: 3},
			},
			Total: 61, Count: schema.Records,
		},
		Currency: web.Currency{Commit: 1284, At: now.Add(-time.Second), Replica: "县中心一号", Boxes: []web.Heard{
			{Device: east, Name: "东街党群服务中心", At: now.Add(-3 * time.Second)},
			{Device: west, Name: "西河党群服务中心", At: now.Add(-50 * time.Hour)},
			{Device: 6, Name: "南关党群服务中心"},
		}, Complete: web.Complete{At: now.Add(-3 * time.Second), Boxes: 1, Of: 3, Late: []string{"西河党群服务中心", "南关党群服务中心"}}},
	}}
}

// Areas knows one township and one community.
func (h *hub) Areas() []schema.Place {
	return []schema.Place{{Code: "140581105", Name: "城关镇"}, {Code: "140581105211", Name: "东街社区"}}
}

// Behind gives two records, and takes note of what was asked.
func (h *hub) Behind(q report.Query, side string, after crdt.RecordID, limit int) (web.List, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queries, h.side, h.after, h.limit = append(h.queries, q), side, after, limit
	item := web.Item{Name: web.Name{Kind: "grid_visit", Space: "140581105211/personal", ID: "01"}, Values: map[string]any{"topic": "用电安全"}}
	return web.List{Items: []web.Item{item, item}, Next: after[:]}, h.err
}

// Doubtful tells of one record that is doubtful in most ways.
func (h *hub) Doubtful(context.Context) (web.Doubtful, error) {
	item := web.Item{Name: web.Name{Kind: "grid_visit", Space: "140581105211/personal", ID: "01"}, Conflict: true, Values: map[string]any{"topic": "用电安全"}}
	wrote := web.Wrote{Device: "西河党群服务中心", At: time.Date(2026, 11, 3, 9, 30, 0, 0, time.UTC).UnixMilli()}
	gone := item
	gone.Fate = "dead"
	return web.Doubtful{Records: 9, Conflicts: web.Doubt{Count: 3, Items: []web.Item{item}}, Disputed: web.Doubt{Items: []web.Item{}}, Twins: web.Doubt{Items: []web.Item{}},
		Astray: web.Astray{Count: 2, Items: []web.Stray{{Item: item, Area: "140581106003", Wrote: wrote}, {Item: item}}},
		Early: web.Early{Count: 10_000, More: true, Items: []web.Earlier{{Item: gone, Parts: []web.Unheld{
			{Wrote: wrote, Of: "东街党群服务中心", Named: 412, Held: 12}, {Field: schema.Text{Zh: "现状", En: "Status"}, Of: "#77", Named: 12},
		}}}},
		Agreed: web.Agreed{Count: 1, Pairs: []web.Merge{{Items: []web.Item{item, item}, Said: []web.Wrote{wrote, {Device: "东街党群服务中心", At: wrote.At}}}}},
		Alike:  []web.Alike{{ID: "alike-01", Why: schema.Text{Zh: "姓名相同，手机号相同", En: "the same name, the same mobile"}, Items: []web.Item{item, item}}}, AlikeCount: 1,
	}, h.err
}

func (h *hub) Check(context.Context) (report.Checked, error) {
	return report.Checked{Questions: 4, Figures: 20, Records: 9, Differences: []report.Unequal{{Figure: "1", Recount: "2"}}}, h.err
}

func (h *hub) Report(ctx context.Context, q report.Query, current bool) (web.Answer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queries = append(h.queries, q)
	h.current = h.current || current
	answer := h.answer
	if current && h.fresh != 0 {
		answer.Total = h.fresh
	}
	if len(q.By) == 0 {
		answer.Columns = nil
		answer.Rows = []report.Row{{Keys: []string{}, Labels: []schema.Text{}, Count: answer.Total}}
	}
	return answer, h.err
}

func (h *hub) Status() web.Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	return web.Status{
		County: "高平市", Device: 1, Name: "县中心一号", Role: "hub", Process: 4101, Started: now.Add(-30 * time.Hour),
		Link: "10.0.0.1:7400", Web: "http://127.0.0.1:8090/",
		Hub: &web.Hub{Leader: 1, Role: "leader", Term: 3, Commit: 1284, Applied: 1284, At: now},
		Sink: &web.Sink{
			State: web.SinkFailed, Database: "db.county.example:5432/county", Known: true, Batches: 31, Records: 28, Ahead: 1, Rows: 1840,
			Current: now.Add(-20 * time.Minute), FailedAt: now, Error: "the database cannot be reached: dial tcp 10.0.0.9:5432: connect: connection refused",
		},
		Spaces: []web.Space{
			{Space: home + "/personal", Held: true, Digest: "7f3ac2e19b04d6aa", Records: 812, Batches: 901, County: 901},
			{Space: "140581106003/personal", Held: true, Digest: "aa10bb20cc30dd40", Records: 377, Batches: 383, County: 383},
		},
		Peers: []web.Peer{
			{Device: 2, Name: "县中心二号", Role: "hub", Connected: true, Heard: now, RTT: 1.1},
			{Device: 3, Name: "县中心三号", Role: "hub", Connected: true, Heard: now, RTT: 1.4},
			{Device: east, Name: "东街党群服务中心", Role: "box", Connected: true, Heard: now, RTT: 41, Greeted: now, Told: now, Complete: now.Add(-20 * time.Second)},
			{Device: west, Name: "西河党群服务中心", Role: "box", Heard: now.Add(-50 * time.Hour), Told: now.Add(-50 * time.Hour), Wants: 3, Complete: now.Add(-51 * time.Hour), Refused: 2},
		},
		Light: web.LightSafe, Troubles: h.troubles,
	}
}

func (h *hub) PutAside(_, _, _ string) error { return web.ErrMissing }

func (h *hub) Cut(bool) error {
	return web.Refusal{Text: schema.Text{Zh: "只有演示中的节点可以切断", En: "only a node of a demonstration can be cut"}}
}

// stage is a demonstration that only remembers who was told to do what.
type stage struct {
	mu     sync.Mutex
	actors []web.Actor
	split  bool // the boxes hold different things
}

func newStage() *stage {
	return &stage{actors: []web.Actor{
		{Device: 1, Name: "县中心一号", Role: "hub", Web: "http://127.0.0.1:8090/", Running: true, Process: 4101},
		{Device: 2, Name: "县中心二号", Role: "hub", Web: "http://127.0.0.1:8091/", Running: true, Process: 4102},
		{Device: 3, Name: "县中心三号", Role: "hub", Web: "http://127.0.0.1:8092/", Running: true, Process: 4103},
		{Device: east, Name: "东街党群服务中心", Role: "box", Web: "http://127.0.0.1:8081/", Running: true, Process: 4120},
		{Device: west, Name: "西河党群服务中心", Role: "box", Web: "http://127.0.0.1:8082/", Running: true, Process: 4121},
		{Device: 6, Name: "南关党群服务中心", Role: "box", Web: "http://127.0.0.1:8083/", Running: true, Process: 4122},
	}}
}

func (s *stage) Nodes() []web.Actor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.actors)
}

func (s *stage) find(device uint32) (*web.Actor, error) {
	for i := range s.actors {
		if s.actors[i].Device == device {
			return &s.actors[i], nil
		}
	}
	return nil, web.ErrMissing
}

func (s *stage) Status(_ context.Context, device uint32) (web.Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(device)
	if err != nil || !a.Running {
		return web.Status{}, errors.New("the process is not running")
	}
	status := web.Status{Device: a.Device, Name: a.Name, Role: a.Role, Cut: a.Cut}
	digest := "7f3ac2e19b04d6aa"
	if a.Cut || s.split && device == west {
		digest, status.Waiting = "51d0e8fa00c1be77", 2
	}
	status.Spaces = []web.Space{
		{Space: home + "/personal", Held: true, Digest: digest, Records: 12, Batches: 14, County: 14 - status.Waiting},
		{Space: "140581106003/personal", Held: true, Digest: "aa10bb20cc30dd40", Records: 7, Batches: 7, County: 7},
	}
	if a.Role == "hub" {
		status.Spaces = append(status.Spaces, web.Space{Space: "00/confidential", Held: true, Digest: "0d0e0a0d15600d00", Records: 3, Batches: 3, County: 3})
		status.Hub = &web.Hub{Leader: 1, Role: map[bool]string{true: "leader", false: "follower"}[device == 1], Term: 3, Commit: 57, Applied: 57}
	}
	for _, other := range s.actors {
		if other.Device != device {
			status.Peers = append(status.Peers, web.Peer{Device: other.Device, Name: other.Name, Role: other.Role, Connected: other.Running && !other.Cut && !a.Cut})
		}
	}
	return status, nil
}

func (s *stage) Cut(device uint32, cut bool) error {
	return s.change(device, func(a *web.Actor) { a.Cut = cut })
}
func (s *stage) Stop(device uint32) error {
	return s.change(device, func(a *web.Actor) { a.Running = false })
}
func (s *stage) Start(device uint32) error {
	return s.change(device, func(a *web.Actor) { a.Running = true })
}

func (s *stage) change(device uint32, act func(*web.Actor)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(device)
	if err != nil {
		return err
	}
	act(a)
	return nil
}
