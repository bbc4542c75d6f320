package node

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"wangge/crdt"
	"wangge/node/consensus"
	"wangge/node/doubt"
	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/registrar"
	"wangge/node/report"
	"wangge/node/store"
	"wangge/node/township"
	"wangge/node/wake"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/link"
	"wangge/sync/wire"
)

// node is one running machine. Which rooms it has follows from its role: a box
// gossips, a hub replica takes part in consensus and counts.
type node struct {
	config Config
	log    *slog.Logger
	id     *policy.Identity
	kinds  *schema.Registry
	// unusable are the kinds that the county published and this program cannot use.
	unusable map[string]error
	counting time.Duration // that counting the records took
	link     *link.Link
	cut      *link.Switch // nil outside demonstrations
	store    *store.Store
	grown    wake.Signal
	meter    meter
	talks    talks

	freight *freight.Freight // how files travel; nil before all rooms are open

	agenda agenda // what is to be done
	areas  areas  // what areas are called
	linked linked // which records name which

	ring *township.Ring // of a box

	hub       *consensus.Consensus // of a hub replica
	figures   *report.Figures      // of a hub replica
	checking  sync.Mutex           // held while the figures are held against a recount
	registrar *registrar.Registrar // of a hub replica
	doubts    *doubt.Doubts        // of a hub replica
	sinking   sinking              // of a hub replica
	// propose, of a hub replica, has the county commit an entry.
	propose func(ctx context.Context, entry []byte) (answer []byte, err error)

	started   time.Time
	webURL    string
	exchanges exchanges
	undropped error // why spaces that had drained could not be dropped before this run; nil if they were

	mu      sync.Mutex // guards what follows
	devices map[uint32]policy.Device
	noted   map[uint32]time.Time // when a box's completeness was last noted here
}

// Run runs a node until ctx ends or something it cannot live without fails.
// ready is told once everything is up, with the addresses that the system chose.
func Run(ctx context.Context, c Config, log *slog.Logger, ready func(web.Status)) error {
	var undropped error
	for {
		n, err := open(c, log)
		if err != nil {
			return err
		}
		n.undropped = undropped
		err = n.run(ctx, ready)
		if !errors.Is(err, errDeparts) && !errors.Is(err, errPublished) {
			return errors.Join(err, n.close())
		}
		c = n.sameAddresses()
		if closed := n.close(); closed != nil {
			return closed
		}
		if !errors.Is(err, errDeparts) {
			continue
		}
		if undropped = n.drop(n.storeOptions()); undropped != nil { // the file is as it was: work goes on, and it is tried again
			n.log.Error("spaces that this box may hold no more could not be dropped", "error", undropped)
		}
	}
}

// sameAddresses returns the configuration with the ports that the system chose, so that a
// node which begins anew is where it was.
func (n *node) sameAddresses() Config {
	c := n.config
	if host, _, err := net.SplitHostPort(c.Link); err == nil {
		c.Link = net.JoinHostPort(host, strconv.Itoa(n.link.Addr().Port))
	}
	if url, ok := strings.CutPrefix(n.webURL, "http://"); ok && c.Web != "" {
		c.Web = url
	}
	return c
}

func open(c Config, log *slog.Logger) (*node, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	id, err := policy.LoadIdentity(c.Keys)
	if err != nil {
		return nil, fmt.Errorf("reading the device's keys: %w", err)
	}
	n := &node{
		config: c, log: log.With("node", id.Device.Name),
		id: id, devices: map[uint32]policy.Device{}, noted: map[uint32]time.Time{}, started: time.Now(),
	}
	for _, p := range c.Peers {
		n.devices[p.Device] = policy.Device{Index: p.Device, Name: p.Name, Role: p.Role}
	}
	if err := n.openStore(); err != nil {
		return nil, err
	}
	if err := n.openLink(); err != nil {
		return nil, errors.Join(err, n.store.Close())
	}
	n.freight = freight.New(freight.Host{
		Self: id.Device, Store: n.store, Link: n.link, Log: n.log, Replicas: c.members(), Originals: c.originals(n.isHub()), Peers: company{n},
	})
	n.recall()
	if err := n.openRole(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *node) isHub() bool { return n.id.Device.Role == policy.Hub }

func (n *node) storeOptions() store.Options {
	authority := policy.NewAuthority(n.id.Root)
	o := store.Options{
		Path: filepath.Join(n.config.Data, "store.db"), County: n.id.County,
		Author: n.author, Now: time.Now,
		Signatory: func(credential []byte) (store.Signatory, error) {
			s, err := authority.Signatory(credential)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		Committed: n.committed, Reloaded: n.reloaded, Damaged: n.lookAtFiles, Sealed: authority.Sealed,
	}
	if n.isHub() {
		o.Author, o.Seal, o.Sealed = nil, n.id.Seal, nil
	}
	return o
}

func (n *node) openStore() error {
	s, err := n.openRoomy(roomMin)
	if err != nil {
		return err
	}
	n.store = s
	if err := n.loadKinds(); err != nil {
		return errors.Join(err, s.Close())
	}
	if err := n.loadCalendar(); err != nil {
		return errors.Join(err, s.Close())
	}
	if n.isHub() {
		n.figures, n.registrar, n.doubts = report.New(n.kinds), registrar.New(n.kinds), doubt.New(n.kinds, n.store.Held)
	}
	n.recount()
	return nil
}

// author returns the writer of this device whose key the store keeps, and mints
// one for a store that begins.
func (n *node) author(kept []byte) (store.Author, error) {
	return n.id.WriterOf(kept)
}

// reloaded follows a snapshot that has replaced everything.
func (n *node) reloaded() {
	n.recount()
	n.lookAtFiles()
}

// lookAtFiles has it looked anew which files are not here.
func (n *node) lookAtFiles() { n.freight.Reload() }

// account has everything that follows from the records know of one that changed.
func (n *node) account(space crdt.Space, id crdt.RecordID, before, after crdt.Record) {
	n.agenda.change(space, id, before, after)
	n.areas.change(id, after)
	n.linked.change(space, id, before, after)
	if n.figures != nil {
		n.figures.Change(id, before, after)
		n.registrar.Change(space, id, after)
	}
	if n.doubts != nil {
		n.doubts.Change(space, id, before, after)
	}
}

// freeAbove is how many records leave so much garbage when they are counted that it is worth
// a tenth of a start to give it back at once.
const freeAbove = 10_000

// recount builds from the records what follows from them: at start, and when a
// snapshot has replaced them.
func (n *node) recount() {
	n.agenda.reset(n.kinds)
	n.areas.reset(n.kinds)
	n.linked.reset(n.kinds, n.isHub())
	if n.figures != nil {
		n.figures.Reset()
		n.registrar.Reset(n.kinds)
		n.doubts.Reset()
	}
	began := time.Now()
	defer func() { n.counting = time.Since(began) }()
	counted := 0
	err := n.store.Walk(func(l store.Listed) bool {
		n.account(l.Space, l.ID, crdt.Record{}, l.Record)
		counted++
		return true
	})
	if n.figures != nil {
		n.figures.Ready()
	}
	if n.figures != nil && counted > freeAbove {
		debug.FreeOSMemory() // each record was unpacked once
	}
	if err != nil {
		n.log.Error("counting the records failed: figures and what is to be done are incomplete until the store is repaired", "error", err)
	}
}

func (n *node) openLink() error {
	roots := x509.NewCertPool()
	roots.AddCert(n.id.Root)
	if n.config.Demonstration {
		n.cut = new(link.Switch)
	}
	l, err := link.Listen(n.config.Link, link.Options{
		Certificate: n.id.Certificate, Roots: roots, Device: n.meet,
		ServerName: policy.ServerName, Secret: n.id.LinkKey, Socket: n.config.Socket, Switch: n.cut, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.link = l
	for _, p := range n.config.Peers {
		l.Learn(p.Device, p.Address)
	}
	return nil
}

// meet reads the device out of a certificate that the county signed, and
// remembers what it may do.
func (n *node) meet(c *x509.Certificate) (uint32, error) {
	d, err := policy.ReadDevice(c)
	if err != nil {
		return 0, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.devices[d.Index] = d
	return d.Index, nil
}

// device returns what is known of a device: all of it once it was met, else
// what the configuration says.
func (n *node) device(index uint32) policy.Device {
	if index == n.id.Device.Index {
		return n.id.Device
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.devices[index]
	if d.Index == 0 {
		return policy.Device{Index: index, Name: fmt.Sprintf("#%d", index)}
	}
	return d
}

func (n *node) known() map[uint32]policy.Device {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.devices)
}

func (n *node) openRole() (err error) {
	if n.isHub() {
		if n.hub, err = n.openHub(); err == nil {
			n.propose = n.hub.Propose
		}
		return err
	}
	n.ring, err = n.openRing()
	return err
}

// openRing returns this box's part in the ring of its township.
func (n *node) openRing() (*township.Ring, error) {
	return township.New(township.Host{
		Self: n.id.Device, Link: n.link, Log: n.log, Data: n.config.Data, Known: n.config.neighbours(), Ways: n.config.ways(),
		Lacks:    func(m wire.Mark) bool { return n.id.Device.MayHold(m.Space) && n.store.Held(m.Space, m.Writer) < m.Seq },
		Visit:    func(ctx context.Context, s *link.Stream) error { return n.converse(ctx, s, true, nil) },
		Rumoured: n.exchanges.rumoured, NoContact: n.noContact,
	})
}

func (n *node) run(asked context.Context, ready func(web.Status)) error {
	g, ctx := errgroup.WithContext(asked)
	pages, err := n.listenWeb()
	if err != nil {
		return err
	}
	control := n.listenControl()
	g.Go(func() error { return n.serveWeb(ctx, pages) })
	g.Go(func() error { return n.serveControl(ctx, control) })
	g.Go(func() error { return n.answer(ctx) })
	g.Go(func() error { return n.sweep(ctx) })
	g.Go(func() error { return n.freight.Run(ctx) })
	g.Go(func() error { return n.refresh(ctx) })
	if n.isHub() {
		g.Go(func() error { return n.hub.Run(ctx) })
		if n.config.SinkURLFile != "" {
			g.Go(func() error { return n.sink(ctx) })
		}
		g.Go(func() error { return n.decide(ctx) })
		g.Go(func() error { return n.hear(ctx) })
		g.Go(func() error { return n.rollUp(ctx) })
	} else {
		g.Go(func() error { return n.ring.Run(ctx) })
		g.Go(func() error { return n.uplink(ctx) })
		if n.discovers() {
			g.Go(func() error { return n.discover(ctx, pages) })
		}
		g.Go(func() error { return n.trim(ctx) })
		g.Go(func() error { return n.depart(ctx) })
	}
	n.log.Info("the node is up", "role", n.id.Device.Role, "link", n.link.Addr().String(), "web", n.webURL)
	ready(n.Status())
	if err := g.Wait(); asked.Err() == nil {
		return err
	}
	return nil // asked to stop
}

func (n *node) close() error {
	return errors.Join(n.link.Close(), n.store.Close())
}

// committed is told of every commit of the store.
func (n *node) committed(e store.Event) {
	for _, c := range e.Changes {
		n.account(c.Space, c.ID, c.Before, c.After)
	}
	if e.Files {
		n.freight.Noted(e.Changes)
	}
	if n.ring != nil {
		n.ring.News(e.Heads)
	}
	n.grown.Raise()
}
