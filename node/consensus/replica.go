package consensus

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// tuning is what tests make smaller.
type tuning struct {
	snapshotEvery    time.Duration // how often the log's length is looked at
	snapshotAfter    uint64        // entries since the last snapshot that call for another
	trailing         uint64        // entries that are kept behind a snapshot, for replicas that were away
	segmentSizeBytes int           // of one file of the log
}

func defaultTuning() tuning {
	return tuning{2 * time.Minute, 8192, 10240, segmentSize}
}

// segmentSize is what a file of the log takes from its first entry on. A replica that
// has to take entries back, as one that led and was cut off, begins another file and keeps
// the old one for ten thousand entries: with the library's 64 MB, a few bad weeks filled a disk.
const segmentSize = 8 << 20

// replica is an open one: raft, its files, and its part of the network.
type replica struct {
	raft      *raft.Raft
	fsm       *fsm
	stores    *stores
	streams   *streams
	transport *raft.NetworkTransport
}

func (c *Consensus) open() (*replica, error) {
	logger := newLogger(c.options.Log)
	stores, err := openStores(c.options.Dir, c.tuning.segmentSizeBytes, logger)
	if err != nil {
		return nil, err
	}
	r := &replica{fsm: newFSM(c.options.Machine), stores: stores}
	if err := c.start(r, logger); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (c *Consensus) start(r *replica, logger hclog.Logger) error {
	conf := c.config(logger)
	if err := r.stores.found(conf, c.options.Members, r.fsm); err != nil {
		return err
	}
	if err := r.stores.catchUp(r.fsm); err != nil {
		return err
	}
	r.streams = newStreams(c.options)
	r.transport = raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Stream:  r.streams,
		MaxPool: 3,
		// No pipelining. A follower's refusal can leave raft's sender waiting
		// for its reader for ever, and the follower without entries while
		// heartbeats go on (hashicorp/raft issue 612). Batches make up for it.
		MaxRPCsInFlight: 1,
		Timeout:         10 * time.Second * time.Duration(c.options.Timeouts),
		Logger:          logger,
	})
	var err error
	r.raft, err = raft.NewRaft(conf, r.fsm, r.stores.log, r.stores.log, r.stores.snapshots, r.transport)
	if err != nil {
		return fmt.Errorf("cannot start raft on %s: %v", c.options.Dir, err)
	}
	return r.checkMembers(c.options.Members)
}

func (c *Consensus) config(logger hclog.Logger) *raft.Config {
	conf := raft.DefaultConfig()
	conf.LocalID = serverID(c.options.Device)
	conf.Logger = logger
	conf.NoLegacyTelemetry = true
	conf.NoSnapshotRestoreOnStart = true // the machine is durable
	conf.SnapshotInterval = c.tuning.snapshotEvery
	conf.SnapshotThreshold = c.tuning.snapshotAfter
	conf.TrailingLogs = c.tuning.trailing
	for _, d := range []*time.Duration{
		&conf.HeartbeatTimeout, &conf.ElectionTimeout, &conf.CommitTimeout, &conf.LeaderLeaseTimeout,
	} {
		*d *= time.Duration(c.options.Timeouts)
	}
	return conf
}

// checkMembers refuses to run beside a log that was founded by other members: a
// replica that believes in another group would count another quorum.
func (r *replica) checkMembers(members []uint32) error {
	f := r.raft.GetConfiguration()
	if err := f.Error(); err != nil {
		return err
	}
	founded := f.Configuration().Servers
	if len(founded) == 0 { // the founding was cut short; the others will tell
		return nil
	}
	for i, server := range configuration(members).Servers {
		if len(founded) != len(members) || founded[i] != server {
			return fmt.Errorf("the group was founded by other members than %v: start it with the list that its log holds, %v", members, founded)
		}
	}
	return nil
}

// close stops raft before the network and the files, and waits for all of them.
func (r *replica) close() error {
	if r.raft != nil {
		stopped := r.raft.Shutdown()
		r.closeNetwork()
		if err := stopped.Error(); err != nil {
			return err
		}
	} else if r.transport != nil {
		r.closeNetwork()
	}
	if r.streams != nil {
		r.streams.wait()
	}
	return r.stores.close()
}

// closeNetwork also ends the requests under way, each of which would hold raft
// up until it times out.
func (r *replica) closeNetwork() {
	r.transport.Close()
	r.transport.CloseStreams()
}

// leader returns the device of the group's leader, or 0 when none is known.
func (r *replica) leader() uint32 {
	_, id := r.raft.LeaderWithID()
	return device(string(id))
}

func configuration(members []uint32) raft.Configuration {
	var c raft.Configuration
	for _, m := range members {
		c.Servers = append(c.Servers, raft.Server{ID: serverID(m), Address: raft.ServerAddress(serverID(m))})
	}
	return c
}

func serverID(device uint32) raft.ServerID {
	return raft.ServerID(strconv.FormatUint(uint64(device), 10))
}

// device returns the device that an id or address of raft's names, or 0.
func device(id string) uint32 {
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
