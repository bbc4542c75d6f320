package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"wangge/node/consensus"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/sync/link"
	"wangge/sync/wire"
)

func (n *node) openHub() (*consensus.Consensus, error) {
	members := n.config.members()
	return consensus.New(consensus.Options{
		Device: n.id.Device.Index, Members: members, Dir: filepath.Join(n.config.Data, "raft"),
		Network: replicaNetwork{n.link}, Machine: machine{n.store}, Timeouts: n.config.RaftTimeouts, Log: n.log,
		May: func(device uint32, _ consensus.Purpose) bool { return n.device(device).Role == policy.Hub },
	})
}

// replicaNetwork carries consensus over the link.
type replicaNetwork struct{ link *link.Link }

func (r replicaNetwork) protocol(p consensus.Purpose) link.Protocol {
	if p == consensus.Raft {
		return link.Raft
	}
	return link.Propose
}

// Open starts a conversation with a replica.
func (r replicaNetwork) Open(ctx context.Context, device uint32, p consensus.Purpose) (net.Conn, error) {
	s, err := r.link.Open(ctx, device, r.protocol(p))
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Accept returns the next conversation that a replica has started.
func (r replicaNetwork) Accept(ctx context.Context, p consensus.Purpose) (net.Conn, uint32, error) {
	s, err := r.link.Accept(ctx, r.protocol(p))
	if err != nil {
		return nil, 0, err
	}
	return s, s.Peer(), nil
}

// machine makes the county's commits of the store: an entry (entryOf) is a chunk, its
// answer the Ack and the Refusals, or it says how complete a box's work is.
type machine struct{ store *store.Store }

var _ consensus.BatchMachine = machine{}

// Apply applies one entry.
func (m machine) Apply(index uint64, entry []byte) []byte {
	return m.ApplyBatch([]uint64{index}, [][]byte{entry})[0]
}

// ApplyBatch applies entries in one transaction. A replica that cannot write
// must not go on: it would vouch for what it does not hold.
func (m machine) ApplyBatch(indexes []uint64, entries [][]byte) [][]byte {
	messages := make([]wire.Message, len(entries))
	for i, e := range entries {
		messages[i] = readEntry(e)
	}
	acks, refusals, err := m.store.Apply(indexes, messages)
	if err != nil {
		panic(fmt.Sprintf("the county's commit %d cannot be written: %v", indexes[0], err))
	}
	answers := make([][]byte, len(entries))
	for i := range answers {
		answers[i] = appendMessage(nil, acks[i])
		for _, r := range refusals[i] {
			answers[i] = appendMessage(answers[i], r)
		}
	}
	return answers
}

// Applied returns the index of the last entry held.
func (m machine) Applied() uint64 { return m.store.Applied() }

// Snapshot writes the store's own file.
func (m machine) Snapshot(w io.Writer) error { return m.store.Snapshot(w) }

// Restore replaces the store's file.
func (m machine) Restore(r io.Reader) error { return m.store.Restore(r) }

func appendMessage(b []byte, m wire.Message) []byte {
	e := wire.Encode(m)
	return append(binary.AppendUvarint(b, uint64(len(e))), e...)
}

// readAnswer reads what ApplyBatch answered for one entry.
func readAnswer(b []byte) (ack wire.Ack, refusals []wire.Refusal, err error) {
	for len(b) > 0 {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return ack, nil, errors.New("the hub's answer is damaged: update the replicas to one version")
		}
		m, err := wire.Decode(b[n : n+int(size)])
		if err != nil {
			return ack, nil, err
		}
		switch m := m.(type) {
		case wire.Ack:
			ack = m
		case wire.Refusal:
			refusals = append(refusals, m)
		}
		b = b[n+int(size):]
	}
	return ack, refusals, nil
}
