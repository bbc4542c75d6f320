package web_test

import (
	"bytes"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"wangge/node/web"
)

// account is a machine with a fixed account of itself.
type account struct{ status web.Status }

func (a account) Status() web.Status            { return a.status }
func (a account) Cut(bool) error                { return nil }
func (a account) PutAside(_, _, _ string) error { return nil }

func fullAccount() account {
	there := true
	moment, skew := time.UnixMilli(1763805600250), -734.5
	return account{web.Status{
		County: "高平市", Device: 1, Name: `县 "一"\` + "\n", Role: "hub", Light: web.LightAttention, Waiting: 3,
		Unsent: web.Unsent{Bytes: 4096, Since: moment, Late: true}, HeardHub: moment, ReadOnly: "full",
		Troubles: []web.Trouble{{Sort: "rights", Grave: true}, {Sort: "rights", Grave: true}, {Sort: "newer"}},
		Spaces:   []web.Space{{Records: 5, Batches: 7}, {Records: 1, Batches: 2}},
		Hub:      &web.Hub{Leader: 1, Term: 4, Commit: 90, Applied: 88, At: moment},
		Sink:     &web.Sink{State: web.SinkFailed, Database: "db.county.example:5432/county", Known: true, Batches: 3, Records: 2, Ahead: 1, Rows: 77, Current: moment, FailedAt: moment, Error: "away"},
		Files:    web.Stock{Count: 2, Bytes: 10, Missing: 1}, Store: web.Room{Size: 100, Free: 30, Disk: 5000},
		Peers: []web.Peer{
			{Device: 4, Name: "东街", Role: "box", Connected: true, Heard: moment, Greeted: moment, Told: moment, Lacks: 2, Wants: 6, Left: &web.Left{Send: 4, Receive: 3, Seconds: 2.5}, RTT: 41.5, Skew: &skew, Sent: 11, Received: 12, Complete: moment, Refused: 1, Ring: &there},
			{Device: 5, Name: "西河", Role: "box"},
		},
	}}
}

func scrape(t *testing.T, o web.Options) (int, []byte) {
	t.Helper()
	s := newSite(t, o)
	r := s.ask("GET", "/metrics", "")
	return r.Code, r.Body.Bytes()
}

// parsed reads an exposition as Prometheus does, and holds it to its customs.
func parsed(t *testing.T, b []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	problems, err := promlint.New(bytes.NewReader(b)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%+v, %v", problems, err)
	}
	return families
}

// value returns the sample with the labels, as "name=value" each.
func value(t *testing.T, families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		var has []string
		for _, l := range m.GetLabel() {
			has = append(has, l.GetName()+"="+l.GetValue())
		}
		if !slices.ContainsFunc(labels, func(l string) bool { return !slices.Contains(has, l) }) {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Errorf("there is no %s of %v", name, labels)
	return 0
}

func TestMetricsSayWhatTheStatusSays(t *testing.T) {
	code, b := scrape(t, web.Options{Machine: fullAccount()})
	if code != http.StatusOK {
		t.Fatalf("%d: %s", code, b)
	}
	families := parsed(t, b)
	for _, c := range []struct {
		want   float64
		name   string
		labels []string
	}{
		{1, "wangge_node_info", []string{"name=县 \"一\"\\\n", "role=hub", "device=1"}},
		{1, "wangge_light", []string{"light=attention"}}, {0, "wangge_light", []string{"light=safe"}},
		{2, "wangge_troubles", []string{"sort=rights", "grave=true"}}, {1, "wangge_troubles", []string{"sort=newer", "grave=false"}},
		{3, "wangge_unsent_batches", nil}, {4096, "wangge_unsent_bytes", nil}, {1763805600.25, "wangge_unsent_since_timestamp_seconds", nil},
		{1, "wangge_unsent_late", nil}, {1763805600.25, "wangge_county_heard_timestamp_seconds", nil},
		{100, "wangge_store_bytes", nil}, {30, "wangge_store_free_bytes", nil}, {5000, "wangge_disk_free_bytes", nil}, {0, "wangge_disk_writable", nil},
		{2, "wangge_files", nil}, {10, "wangge_files_bytes", nil}, {1, "wangge_files_missing", nil},
		{2, "wangge_spaces", nil}, {6, "wangge_records", nil}, {9, "wangge_batches", nil},
		{1, "wangge_raft_leader_known", nil}, {1, "wangge_raft_leads", nil}, {4, "wangge_raft_term", nil},
		{90, "wangge_raft_commit_index", nil}, {88, "wangge_raft_applied_index", nil}, {1763805600.25, "wangge_raft_contact_timestamp_seconds", nil},
		{1, "wangge_peer_connected", []string{"peer=4"}}, {0, "wangge_peer_connected", []string{"peer=5"}},
		{1763805600.25, "wangge_peer_heard_timestamp_seconds", []string{"peer=4"}}, {1763805600.25, "wangge_peer_greeted_timestamp_seconds", []string{"peer=4"}},
		{2, "wangge_peer_lacks_batches", []string{"peer=4"}}, {6, "wangge_peer_wants_batches", []string{"peer=4"}},
		{7, "wangge_peer_left_batches", []string{"peer=4"}}, {2.5, "wangge_peer_left_seconds", []string{"peer=4"}},
		{0.0415, "wangge_peer_round_trip_seconds", []string{"peer=4"}}, {-734.5, "wangge_peer_clock_skew_seconds", []string{"peer=4"}},
		{1763805600.25, "wangge_peer_complete_timestamp_seconds", []string{"peer=4"}}, {1, "wangge_peer_refused_streams", []string{"peer=4"}},
		{1, "wangge_sink_state", []string{"state=failed"}}, {0, "wangge_sink_state", []string{"state=current"}}, {3, "wangge_sink_lag_batches", nil},
		{2, "wangge_sink_lag_records", nil}, {1, "wangge_sink_ahead_spaces", nil}, {77, "wangge_sink_rows_total", nil}, {1763805600.25, "wangge_sink_current_timestamp_seconds", nil},
		{11, "wangge_peer_sent_bytes_total", []string{"peer=4"}}, {12, "wangge_peer_received_bytes_total", []string{"peer=4"}},
	} {
		if got := value(t, families, c.name, c.labels...); got != c.want {
			t.Errorf("%s of %v is %v, want %v", c.name, c.labels, got, c.want)
		}
	}
	for _, name := range []string{"wangge_neighbours_heard_timestamp_seconds"} {
		if families[name] != nil {
			t.Errorf("%s tells a moment that never was", name)
		}
	}
	for _, m := range families["wangge_peer_lacks_batches"].GetMetric() {
		if len(families["wangge_peer_lacks_batches"].GetMetric()) != 1 {
			t.Errorf("%v is told of a peer that never greeted", m)
		}
	}
}

// The table in FORMAT.md names every metric, and no other.
func TestEveryMetricIsDocumented(t *testing.T) {
	a := fullAccount()
	a.status.HeardBox = a.status.HeardHub
	_, b := scrape(t, web.Options{Machine: a})
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	format := string(text)
	families := parsed(t, b)
	for name := range families {
		if !strings.Contains(format, "`"+name+"`") {
			t.Errorf("FORMAT.md says nothing of %s", name)
		}
	}
	for _, word := range strings.Split(format, "`") {
		if strings.HasPrefix(word, "wangge_") && families[word] == nil {
			t.Errorf("FORMAT.md tells of %s, and there is none", word)
		}
	}
}

func TestMetricsCanBeLeftOutAndAreGuardedLikePages(t *testing.T) {
	if code, _ := scrape(t, web.Options{Machine: fullAccount(), NoMetrics: true}); code != http.StatusNotFound {
		t.Errorf("left out, and still %d", code)
	}
	s := newSite(t, web.Options{Machine: fullAccount()})
	s.expect(http.StatusMisdirectedRequest, nil, "GET", "/metrics", "", "Host", "evil.example")
	s.expect(http.StatusMethodNotAllowed, nil, "POST", "/metrics", "{}")
}
