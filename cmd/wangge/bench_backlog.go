package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/node"
	"wangge/node/policy"
	"wangge/node/web"
	"wangge/sync/weaklink"
)

// What a worker brings home from three days.
const (
	backlogVisits  = 36
	backlogPhotos  = 4
	backlogPhoto   = 200_000 // bytes
	backlogPreview = 12_000
	backlogEvery   = 8 * time.Second // how often a record is written meanwhile
)

// backlog is a county of three replicas on good lines, and a box behind a weak one.
type backlog struct {
	wire  *weaklink.Wire
	end   *weaklink.End // the box's
	weak  []*weaklink.Way
	hubs  []*client
	box   *client
	nodes *errgroup.Group
	stop  context.CancelFunc
	chaff *rand.ChaCha8
}

// benchBacklog has a box without signal write for three days, and then gives it
// the signal.
func benchBacklog(ctx context.Context, b *bench) error {
	w, err := newBacklog(ctx, b)
	if err != nil {
		return err
	}
	defer func() { w.stop(); w.nodes.Wait() }()
	w.end.Unplug()
	for i := range backlogVisits {
		if err := w.visit(ctx, i, i < backlogPhotos); err != nil {
			return err
		}
	}
	b.say("the signal is back: %d visits, %d photos", backlogVisits, backlogPhotos)
	w.end.PlugIn()
	began, before := time.Now(), w.sent()
	if err := w.until(ctx, w.allSafe); err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "all records at the county", Value: time.Since(began).Seconds(), Unit: "s",
		Note: "64 kbit/s, 600 ms, every fifth packet lost, since the signal is back; a dial included"}.atMost(3))
	if err := w.until(ctx, w.atHub(func(s web.Stock) bool { return s.Count >= backlogPhotos && s.Previews == 0 })); err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "all previews at a replica", Value: time.Since(began).Seconds(), Unit: "s", Note: "12 KB each"}.atMost(20))
	delays, err := w.meanwhile(ctx, w.atHub(func(s web.Stock) bool { return s.Count >= 2*backlogPhotos }))
	if err != nil {
		return err
	}
	took, bytes := time.Since(began).Seconds(), w.sent()-before
	payload := float64(backlogPhotos * (backlogPhoto + backlogPreview))
	wire := payload * 8 / 64_000 / 0.8
	b.sheet.print(benchFigure{What: "all originals at a replica", Value: took, Unit: "s", Note: fmt.Sprintf(
		"the wire's own limit is %.0f s; %.2f bytes on the box's wires, both ways, for each of the payload", wire, float64(bytes)/payload)}.atMost(1.5 * wire))
	b.sheet.print(benchFigure{What: "a record written meanwhile at the county, median", Value: middle(delays), Unit: "s", Note: fmt.Sprintf("of %d, the slowest %.1f s", len(delays), slices.Max(delays))})
	calm, err := w.calm(ctx, min(len(delays), 12))
	if err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: "likewise when no file is under way", Value: middle(calm), Unit: "s", Note: fmt.Sprintf("the slowest %.1f s", slices.Max(calm))})
	return nil
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

func newBacklog(ctx context.Context, b *bench) (*backlog, error) {
	ctx, stop := context.WithCancel(ctx)
	w := &backlog{wire: weaklink.New(b.seed, weaklink.LAN()), stop: stop, nodes: new(errgroup.Group), chaff: rand.NewChaCha8([32]byte{byte(b.seed)})}
	dir := filepath.Join(b.dir, "backlog")
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "评测县 140581", time.Now())
	if err != nil {
		return nil, err
	}
	var configs []node.Config
	var peers []node.Peer
	for i := range 4 {
		d := policy.Device{Name: fmt.Sprintf("县中心%d", i+1), Role: policy.Hub, Holds: []policy.Pattern{"*"}}
		if i == 3 {
			all := []policy.Pattern{"140581*/open", "140581*/personal"}
			d = policy.Device{Name: "山里站", Role: policy.Box, Ring: "140581105", Holds: all, Writes: all}
		}
		keys := filepath.Join(dir, fmt.Sprint("keys", i))
		if d, err = county.Enrol(d, keys, time.Now()); err != nil {
			return nil, err
		}
		end, err := w.wire.Listen(fmt.Sprintf("10.0.0.%d:7400", i+1))
		if err != nil {
			return nil, err
		}
		w.end = end // the last is the box's
		peers = append(peers, node.Peer{Device: d.Index, Name: d.Name, Role: d.Role, Address: end.At().String()})
		configs = append(configs, node.Config{
			Keys: keys, Data: filepath.Join(dir, fmt.Sprint("data", i)), Link: "0.0.0.0:7400", Web: "127.0.0.1:0", Socket: end,
		})
	}
	for _, p := range peers[:3] {
		for _, way := range w.wire.Between(w.end.At(), netip.MustParseAddrPort(p.Address)) {
			way.Set(weaklink.Village())
			w.weak = append(w.weak, way)
		}
	}
	for _, c := range configs {
		c.Peers = peers
		if err := w.run(ctx, c); err != nil {
			return nil, err
		}
	}
	return w, w.until(ctx, func(ctx context.Context) bool { // the county can commit
		var s web.Status
		return w.hubs[0].getJSON(ctx, "/api/status", &s) == nil && s.Hub != nil && s.Hub.Leader != 0
	})
}

// sent returns the bytes that the weak ways have taken.
func (w *backlog) sent() (bytes int64) {
	for _, way := range w.weak {
		bytes += way.Traffic().OnWire().Bytes
	}
	return bytes
}

// run starts a node and waits until it is up.
func (w *backlog) run(ctx context.Context, c node.Config) error {
	up := make(chan web.Status, 1)
	failed := make(chan error, 1)
	w.nodes.Go(func() error {
		err := node.Run(ctx, c, slog.New(slog.NewTextHandler(io.Discard, nil)), func(s web.Status) { up <- s })
		failed <- err
		return err
	})
	select {
	case s := <-up:
		cl, err := newClient(s.Web)
		if s.Role == string(policy.Box) {
			w.box = cl
		} else {
			w.hubs = append(w.hubs, cl)
		}
		return err
	case err := <-failed:
		return fmt.Errorf("a node did not come up: %w", err)
	}
}

// visit saves a visit at the box, with a photo or not.
func (w *backlog) visit(ctx context.Context, number int, photo bool) error {
	f := map[string]any{
		"grid": "140581105211003", "household": fmt.Sprintf("14058110521103%05d", number), "visited_at": time.Now().UnixMilli(),
		"person": "张桂兰", "author": "韩雪", "topic": "独居老人", "status": "正常", "tags": []string{"独居"}, "followups": number % 4,
	}
	if photo {
		original, err := w.upload(ctx, backlogPhoto)
		if err != nil {
			return err
		}
		if original["preview"], err = w.upload(ctx, backlogPreview); err != nil {
			return err
		}
		f["photos"] = []any{original}
	}
	b, err := json.Marshal(f)
	if err == nil {
		_, err = w.box.do(ctx, http.MethodPost, "/api/records?kind=grid_visit", "application/json", b)
	}
	return err
}

// upload gives the box a picture that no coder can make smaller.
func (w *backlog) upload(ctx context.Context, size int) (map[string]any, error) {
	picture := make([]byte, size)
	w.chaff.Read(picture)
	copy(picture, "\xff\xd8\xff\xe0\x00\x10JFIF\x00")
	b, err := w.box.do(ctx, http.MethodPost, "/api/files", "application/octet-stream", picture)
	var file map[string]any
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	return file, err
}

// allSafe reports whether the box knows all of its work to be at the county.
func (w *backlog) allSafe(ctx context.Context) bool {
	var s web.Status
	return w.box.getJSON(ctx, "/api/status", &s) == nil && s.Waiting == 0
}

// atHub reports whether some replica's files are as wanted.
func (w *backlog) atHub(holds func(web.Stock) bool) func(context.Context) bool {
	return func(ctx context.Context) bool {
		return slices.ContainsFunc(w.hubs, func(c *client) bool {
			var s web.Status
			return c.getJSON(ctx, "/api/status", &s) == nil && holds(s.Files)
		})
	}
}

// backlogPatience is how long each step may take before the row is given up.
const backlogPatience = 15 * time.Minute

func (w *backlog) until(ctx context.Context, holds func(context.Context) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, backlogPatience, fmt.Errorf("not within %v", backlogPatience))
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// meanwhile writes a record now and then until something has come true, and
// returns how long each took to the county, in seconds.
func (w *backlog) meanwhile(ctx context.Context, holds func(context.Context) bool) (delays []float64, err error) {
	next := time.Now()
	for number := 1000; !holds(ctx); number++ {
		if err := w.until(ctx, func(ctx context.Context) bool { return time.Now().After(next) || holds(ctx) }); err != nil {
			return nil, err
		}
		next = time.Now().Add(backlogEvery)
		began := time.Now()
		if err := w.visit(ctx, number, false); err != nil {
			return nil, err
		}
		if err := w.until(ctx, w.allSafe); err != nil {
			return nil, err
		}
		delays = append(delays, time.Since(began).Seconds())
	}
	return delays, nil
}

// calm writes as many records with nothing else on the line.
func (w *backlog) calm(ctx context.Context, records int) ([]float64, error) {
	end := time.Now().Add(time.Duration(records) * backlogEvery)
	return w.meanwhile(ctx, func(context.Context) bool { return time.Now().After(end) })
}
