package web

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// metrics serves the node's account in Prometheus' text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats). FORMAT.md lists
// what is in it. The library would add 4 MB to a program that is updated over
// 64 kbit/s, with a protobuf reader that nobody asks for; tests read what is
// written here with it.
func (s *server) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(exposition(slices.Concat(s.Machine.Status().metrics(), processMetrics())))
}

// family is one metric and its samples.
type family struct {
	name, help string
	counts     bool // only rises; its name ends in _total
	samples    []sample
}

type sample struct {
	labels map[string]string
	value  float64
}

func gauge(name, help string, value float64) family {
	return family{name: name, help: help, samples: []sample{{value: value}}}
}

// moments leaves out a moment that never was: zero would read as 1970.
func moments(name, help string, t time.Time) family {
	if t.IsZero() {
		return family{name: name, help: help}
	}
	return gauge(name, help, seconds(t))
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// metrics puts an account into numbers. Labels name devices, lights and sorts of
// trouble: no person and no record, and never more than the county has devices.
func (s Status) metrics() []family {
	all := []family{
		{name: "wangge_node_info", help: "Who this node is.", samples: []sample{{map[string]string{
			"device": strconv.Itoa(int(s.Device)), "name": s.Name, "role": s.Role, "county": s.County, "version": version(), "go": runtime.Version(),
		}, 1}}},
		s.lights(), s.sorts(),
		gauge("wangge_unsent_batches", "Batches here that the county is not known to have.", float64(s.Waiting)),
		gauge("wangge_unsent_bytes", "Size of those batches as they are stored.", float64(s.Unsent.Bytes)),
		moments("wangge_unsent_since_timestamp_seconds", "When the oldest of them was written, by its writer's clock.", s.Unsent.Since),
		gauge("wangge_unsent_files", "Photos and files that this node has to bring to the county, without previews.", float64(s.Unsent.Files)),
		gauge("wangge_unsent_previews", "Previews that it has to bring there.", float64(s.Unsent.Previews)),
		gauge("wangge_unsent_file_bytes", "Size of both.", float64(s.Unsent.FileBytes)),
		gauge("wangge_unsent_late", "Whether some have waited for more than a day.", truth(s.Unsent.Late)),
		moments("wangge_county_heard_timestamp_seconds", "Last contact with a replica of the hub.", s.HeardHub),
		moments("wangge_neighbours_heard_timestamp_seconds", "Last contact with another box.", s.HeardBox),
		gauge("wangge_store_bytes", "Size of the store's file.", float64(s.Store.Size)),
		gauge("wangge_store_free_bytes", "Part of the store's file that is free for what comes next.", float64(s.Store.Free)),
		gauge("wangge_disk_free_bytes", "Room left on the disk of the data folder.", float64(s.Store.Disk)),
		gauge("wangge_disk_writable", "Whether the disk takes what is saved.", truth(s.ReadOnly == "")),
		gauge("wangge_files", "Photos and files here.", float64(s.Files.Count)),
		gauge("wangge_files_bytes", "Size of the photos and files here.", float64(s.Files.Bytes)),
		gauge("wangge_files_missing", "Photos and files that records here refer to and that have not come.", float64(s.Files.Missing)),
		gauge("go_goroutines", "Goroutines that exist.", float64(s.Goroutines)),
		gauge("wangge_spaces", "Spaces of which something is here.", float64(len(s.Spaces))),
		gauge("wangge_records", "Records here.", sum(s.Spaces, func(sp Space) uint64 { return sp.Records })),
		gauge("wangge_batches", "Batches here.", sum(s.Spaces, func(sp Space) uint64 { return sp.Batches })),
	}
	return slices.Concat(all, s.raft(), s.Sink.metrics(time.Now()), peerMetrics(s.Peers))
}

func sum(all []Space, of func(Space) uint64) (n float64) {
	for _, sp := range all {
		n += float64(of(sp))
	}
	return n
}

func (s Status) lights() family {
	f := family{name: "wangge_light", help: "The light of the node's pages: 1 for the one that is on."}
	for _, light := range []string{LightSafe, LightWaiting, LightSending, LightAttention} {
		f.samples = append(f.samples, sample{map[string]string{"light": light}, truth(s.Light == light)})
	}
	return f
}

// sorts counts troubles. What is for information is told apart.
func (s Status) sorts() family {
	f := family{name: "wangge_troubles", help: "Things that a person should know of; the grave ones make the light red."}
	count := map[[2]string]float64{}
	for _, t := range s.Troubles {
		count[[2]string{t.Sort, strconv.FormatBool(t.Grave)}]++
	}
	for _, key := range slices.SortedFunc(maps.Keys(count), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		f.samples = append(f.samples, sample{map[string]string{"sort": key[0], "grave": key[1]}, count[key]})
	}
	return f
}

func (s Status) raft() []family {
	if s.Hub == nil {
		return nil
	}
	return []family{
		gauge("wangge_raft_leader_known", "Whether this replica knows who leads.", truth(s.Hub.Leader != 0)),
		gauge("wangge_raft_leads", "Whether this replica leads.", truth(s.Hub.Leader == s.Device)),
		gauge("wangge_raft_term", "The group's term.", float64(s.Hub.Term)),
		gauge("wangge_raft_commit_index", "Last entry that the group has committed, as known here.", float64(s.Hub.Commit)),
		gauge("wangge_raft_applied_index", "Last entry that this replica has applied.", float64(s.Hub.Applied)),
		moments("wangge_raft_contact_timestamp_seconds", "When this replica was last sure of the group.", s.Hub.At),
	}
}

// peerMetrics tells of each machine that this node knows.
func peerMetrics(all []Peer) []family {
	told := func(t time.Time) (float64, bool) { return seconds(t), !t.IsZero() }
	always := func(v float64) (float64, bool) { return v, true }
	var families []family
	for _, m := range []struct {
		name, help string
		of         func(Peer) (float64, bool)
	}{
		{"wangge_peer_connected", "Whether there is a connection.", func(p Peer) (float64, bool) { return always(truth(p.Connected)) }},
		{"wangge_peer_in_ring", "Whether the ring counts it as there.", func(p Peer) (float64, bool) { return truth(p.Ring != nil && *p.Ring), p.Ring != nil }},
		{"wangge_peer_heard_timestamp_seconds", "When a packet of it last came in.", func(p Peer) (float64, bool) { return told(p.Heard) }},
		{"wangge_peer_greeted_timestamp_seconds", "When it last said what it holds.", func(p Peer) (float64, bool) { return told(p.Greeted) }},
		{"wangge_peer_lacks_batches", "Batches here that it is to have and lacks.", func(p Peer) (float64, bool) { return float64(p.Lacks), !p.Greeted.IsZero() }},
		{"wangge_peer_wants_batches", "Batches that it held when it greeted and this node lacks.", func(p Peer) (float64, bool) { return float64(p.Wants), !p.Told.IsZero() }},
		{"wangge_peer_left_batches", "Batches that are still to go, both ways, in the conversation under way.", func(p Peer) (float64, bool) { return float64(p.left().Send + p.left().Receive), !p.Greeted.IsZero() }},
		{"wangge_peer_left_seconds", "About how long they will take.", func(p Peer) (float64, bool) { return p.left().Seconds, !p.Greeted.IsZero() }},
		{"wangge_peer_round_trip_seconds", "Smoothed round trip.", func(p Peer) (float64, bool) { return p.RTT / 1000, p.Connected }},
		{"wangge_peer_clock_skew_seconds", "Its clock less this node's.", func(p Peer) (float64, bool) {
			if p.Skew == nil {
				return 0, false
			}
			return always(*p.Skew)
		}},
		{"wangge_peer_complete_timestamp_seconds", "Up to when the county has all of the box's work.", func(p Peer) (float64, bool) { return told(p.Complete) }},
		{"wangge_peer_refused_streams", "Streams that it brought and that are stuck here.", func(p Peer) (float64, bool) { return always(float64(p.Refused)) }},
		{"wangge_peer_sent_bytes_total", "Bytes sent to it since the start.", func(p Peer) (float64, bool) { return always(float64(p.Sent)) }},
		{"wangge_peer_received_bytes_total", "Bytes received from it since the start.", func(p Peer) (float64, bool) { return always(float64(p.Received)) }},
	} {
		f := family{name: m.name, help: m.help, counts: strings.HasSuffix(m.name, "_total")}
		for _, p := range all {
			if v, ok := m.of(p); ok {
				f.samples = append(f.samples, sample{map[string]string{"peer": strconv.Itoa(int(p.Device)), "name": p.Name, "role": p.Role}, v})
			}
		}
		families = append(families, f)
	}
	return families
}

func (p Peer) left() Left {
	if p.Left == nil {
		return Left{}
	}
	return *p.Left
}

// processMetrics are those of every program, under the names that all use.
func processMetrics() []family {
	var all []family
	var pages, resident int64
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		fmt.Sscan(string(b), &pages, &resident)
		all = append(all, gauge("process_resident_memory_bytes", "Resident memory.", float64(resident)*float64(os.Getpagesize())))
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		all = append(all, gauge("process_open_fds", "Open files.", float64(len(open))))
	}
	return all
}

// version is the commit that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(12, len(setting.Value))]
		}
	}
	return info.Main.Version
}

// exposition writes families; one without samples is left out.
func exposition(all []family) []byte {
	var b bytes.Buffer
	for _, f := range all {
		if len(f.samples) == 0 {
			continue
		}
		kind := "gauge"
		if f.counts {
			kind = "counter"
		}
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, kind)
		for _, s := range f.samples {
			fmt.Fprintf(&b, "%s%s %s\n", f.name, labels(s.labels), strconv.FormatFloat(s.value, 'g', -1, 64))
		}
	}
	return b.Bytes()
}

var escapes = strings.NewReplacer("\\", `\\`, "\n", `\n`, `"`, `\"`)

func labels(all map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, fmt.Sprintf(`%s="%s"`, name, escapes.Replace(strings.ToValidUTF8(all[name], ""))))
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}
