package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
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

// What row P15 is about.
const (
	townshipBoxes    = 30
	townshipHubs     = 3
	townshipRumours  = 40
	townshipBetween  = 10 * time.Second // records, as in a quiet office
	townshipSettles  = 3 * time.Minute  // in which a ring that is just whole comes to rest
	townshipPatience = 20 * time.Minute
)

// township is thirty whole boxes of one township and the county's three replicas, in
// this process, on emulated wires between all of them.
type township struct {
	wire  *weaklink.Wire
	peers []node.Peer
	boxes []*client
	ways  []*weaklink.Way // by which boxes send
	nodes *errgroup.Group
	stop  context.CancelFunc
}

// benchTownship measures what a township costs while nothing happens, and how long a
// new head takes to all of its boxes, over good wires and over weak ones.
func benchTownship(ctx context.Context, b *bench) error {
	for _, wire := range []struct {
		name string
		weaklink.Profile
		idle, p99 float64
	}{{"LAN", weaklink.LAN(), 200, 2}, {"weak links", weaklink.Village(), 50, 10}} {
		if err := b.township(ctx, wire.name, wire.Profile, wire.idle, wire.p99); err != nil {
			return fmt.Errorf("on %s: %w", wire.name, err)
		}
	}
	return nil
}

func (b *bench) township(ctx context.Context, name string, p weaklink.Profile, idle, p99 float64) (err error) {
	t, err := newTownship(ctx, b, name, p)
	if err != nil {
		return err
	}
	defer func() { t.stop(); t.nodes.Wait() }()
	b.say("%s: waiting until %d boxes know each other", name, townshipBoxes)
	if err := t.until(ctx, time.Second, func(ctx context.Context) bool { return t.apart(ctx) == 0 }); err != nil {
		return err
	}
	whole := time.Now()
	b.say("%s: at rest for %v", name, b.rest)
	if err := pause(ctx, townshipSettles); err != nil {
		return err
	}
	before := t.sent()
	if err := pause(ctx, b.rest); err != nil {
		return err
	}
	b.sheet.print(benchFigure{What: name + ": a whole box at rest sends, a second", Value: float64(t.sent()-before) / townshipBoxes / b.rest.Seconds(), Unit: "B",
		Note: fmt.Sprintf("ring, visits and uplink in %v, headers of UDP and IP counted; as much is received", b.rest)}.atMost(idle))
	b.say("%s: %d records, one after the other", name, townshipRumours)
	took, err := t.rumours(ctx)
	if err != nil {
		return err
	}
	slices.Sort(took)
	b.sheet.print(benchFigure{What: name + ": a record at all 30 boxes, p99", Value: took[len(took)*99/100-1], Unit: "s",
		Note: fmt.Sprintf("median %.2f s, longest %.2f s, since the form was sent to one of them", took[len(took)/2], took[len(took)-1])}.atMost(p99))
	b.sheet.print(benchFigure{What: name + ": boxes taken for gone that were not", Value: float64(t.apart(ctx) + t.returned(ctx, whole)),
		Note: fmt.Sprintf("of %d neighbours, in %.0f minutes", townshipBoxes*(townshipBoxes-1), time.Since(whole).Minutes())}.atMost(0))
	return nil
}

func newTownship(ctx context.Context, b *bench, name string, p weaklink.Profile) (*township, error) {
	ctx, stop := context.WithCancel(ctx)
	t := &township{wire: weaklink.New(b.seed, p), stop: stop, nodes: new(errgroup.Group)}
	dir := filepath.Join(b.dir, "township "+name)
	county, err := policy.NewCounty(filepath.Join(dir, "county"), "评测县 140581", time.Now())
	if err != nil {
		return nil, err
	}
	var configs []node.Config
	for i := range townshipHubs + townshipBoxes {
		c, err := t.enrol(county, dir, i)
		if err != nil {
			return nil, err
		}
		configs = append(configs, c)
	}
	t.lay()
	for i, c := range configs {
		c.Peers = t.peers[:townshipHubs+min(3, i)] // all know the county and a few boxes, and find the others
		if err := t.run(ctx, c); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// enrol makes the i-th machine: the hub's replicas come first.
func (t *township) enrol(county *policy.County, dir string, i int) (c node.Config, err error) {
	d := policy.Device{Name: fmt.Sprintf("县中心%d", i+1), Role: policy.Hub, Holds: []policy.Pattern{"*"}}
	if i >= townshipHubs {
		all := []policy.Pattern{"140581105*/open", "140581105*/personal"}
		d = policy.Device{Name: fmt.Sprintf("第%d站", i-townshipHubs+1), Role: policy.Box, Ring: "140581105", Holds: all, Writes: all}
	}
	keys := filepath.Join(dir, fmt.Sprint("keys", i))
	if d, err = county.Enrol(d, keys, time.Now()); err != nil {
		return c, err
	}
	end, err := t.wire.Listen(fmt.Sprintf("10.0.0.%d:7400", i+1))
	if err != nil {
		return c, err
	}
	t.peers = append(t.peers, node.Peer{Device: d.Index, Name: d.Name, Role: d.Role, Address: end.At().String()})
	return node.Config{
		Keys: keys, Data: filepath.Join(dir, fmt.Sprint("data", i)), Link: "0.0.0.0:7400", Web: "127.0.0.1:0", Socket: end,
	}, nil
}

// lay gives the county's replicas good wires among each other, as they stand in one room.
func (t *township) lay() {
	for i, from := range t.peers {
		for j, to := range t.peers {
			way := t.wire.Way(netip.MustParseAddrPort(from.Address), netip.MustParseAddrPort(to.Address))
			switch {
			case i >= townshipHubs:
				t.ways = append(t.ways, way)
			case j < townshipHubs:
				way.Set(weaklink.LAN())
			}
		}
	}
}

// run starts a machine and waits until it is up.
func (t *township) run(ctx context.Context, c node.Config) error {
	up, failed := make(chan web.Status, 1), make(chan error, 1)
	t.nodes.Go(func() error {
		err := node.Run(ctx, c, slog.New(slog.NewTextHandler(io.Discard, nil)), func(s web.Status) { up <- s })
		failed <- err
		return err
	})
	select {
	case s := <-up:
		cl, err := newClient(s.Web)
		if s.Role == string(policy.Box) {
			t.boxes = append(t.boxes, cl)
		}
		return err
	case err := <-failed:
		return fmt.Errorf("a node did not come up: %w", err)
	}
}

// sent returns the bytes that boxes have sent.
func (t *township) sent() (bytes int64) {
	for _, way := range t.ways {
		bytes += way.Traffic().OnWire().Bytes
	}
	return bytes
}

// apart counts the neighbours that some box does not see in the ring, over all boxes.
func (t *township) apart(ctx context.Context) int {
	return t.neighbours(ctx, func(p web.Peer) bool { return p.Ring == nil || !*p.Ring })
}

// returned counts those that a box had counted as gone since the ring was whole.
func (t *township) returned(ctx context.Context, whole time.Time) int {
	return t.neighbours(ctx, func(p web.Peer) bool { return p.Ring != nil && *p.Ring && p.RingSince.After(whole) })
}

// neighbours counts, over all boxes, those of their neighbours of which something holds;
// a box that is not known yet is what it is not.
func (t *township) neighbours(ctx context.Context, holds func(web.Peer) bool) (n int) {
	for _, box := range t.boxes {
		var s web.Status
		if box.getJSON(ctx, "/api/status", &s) != nil {
			n += townshipBoxes - 1
			continue
		}
		known := 0
		for _, p := range s.Peers {
			if p.Role != string(policy.Box) {
				continue
			}
			known++
			if holds(p) {
				n++
			}
		}
		if holds(web.Peer{}) {
			n += townshipBoxes - 1 - known
		}
	}
	return n
}

// rumours saves records at one box after the other, and returns how long each took until
// all boxes had it, in seconds.
func (t *township) rumours(ctx context.Context) (took []float64, err error) {
	for i := range townshipRumours {
		began := time.Now()
		name, err := t.visit(ctx, t.boxes[i%len(t.boxes)], i)
		if err != nil {
			return nil, err
		}
		lack := slices.Clone(t.boxes)
		err = t.until(ctx, 20*time.Millisecond, func(ctx context.Context) bool {
			lack = slices.DeleteFunc(lack, func(box *client) bool {
				_, err := box.get(ctx, "/api/records/"+name)
				return err == nil
			})
			return len(lack) == 0
		})
		if err != nil {
			return nil, fmt.Errorf("record %d is not at %d boxes: %w", i, len(lack), err)
		}
		took = append(took, time.Since(began).Seconds())
		if err := pause(ctx, townshipBetween); err != nil {
			return nil, err
		}
	}
	return took, nil
}

// visit saves a visit at a box and returns the record's name.
func (t *township) visit(ctx context.Context, box *client, number int) (string, error) {
	f, err := json.Marshal(map[string]any{
		"grid": "140581105211003", "household": fmt.Sprintf("14058110521103%05d", number), "visited_at": time.Now().UnixMilli(),
		"person": "张桂兰", "author": "韩雪", "topic": "独居老人", "status": "正常",
	})
	if err != nil {
		return "", err
	}
	b, err := box.do(ctx, http.MethodPost, "/api/records?kind=grid_visit", "application/json", f)
	if err != nil {
		return "", err
	}
	var saved struct {
		Records []struct{ Kind, Space, ID string }
	}
	if err := json.Unmarshal(b, &saved); err != nil || len(saved.Records) != 1 {
		return "", fmt.Errorf("a box answered %q: %w", b, err)
	}
	r := saved.Records[0]
	return r.Kind + "/" + r.Space + "/" + r.ID, nil
}

// until waits for what must come true.
func (t *township) until(ctx context.Context, every time.Duration, holds func(context.Context) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, townshipPatience, fmt.Errorf("not within %v", townshipPatience))
	defer cancel()
	for !holds(ctx) {
		if err := pause(ctx, every); err != nil {
			return err
		}
	}
	return nil
}

// pause waits so long, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
