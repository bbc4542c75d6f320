package wire

import (
	"cmp"
	"encoding/binary"
	"slices"

	"wangge/crdt"
)

// In a conversation the runs of a chunk that stand in one tree lean on each
// other: each tells its place only, and the chunk tells once a tree its
// signature and those branches that none of its runs gives. The receiver knows
// where the chains go on, so it finds all heads and makes for each run the proof
// that stands by itself.

// trunk is what a chunk tells of a tree.
type trunk struct {
	leaves    int
	branches  []Hash // as Prove gives them for the leaves that are told
	signature []byte
}

// footing says where a run leans.
type footing struct {
	trunk int // from 1; 0 of a run that leans on nothing
	leaf  int
}

const (
	trunksMax = runsMax / 2 // a tree of one run leans on nothing
	trunkMin  = 4           // bytes of one
)

// lean returns the chunk with those runs leaning on each other that may.
func (m Chunk) lean(may func(crdt.Space, crdt.Writer) bool) Chunk {
	places := make([]Place, len(m.Runs))
	groups := map[string][]int{} // runs by writer and tree
	var order []string
	told := map[streamName]bool{}
	for i, run := range m.Runs {
		p, ok := ReadPlace(run.Signature)
		st := streamName{run.Space, run.Writer}
		if !ok || told[st] || !may(run.Space, run.Writer) {
			continue
		}
		told[st], places[i] = true, p
		key := string(append(appendWriter(binary.AppendUvarint(nil, uint64(p.Leaves)), run.Writer), p.Signature...))
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	m.Runs = slices.Clone(m.Runs)
	for _, key := range order {
		if len(groups[key]) > 1 && len(m.trunks) < trunksMax {
			m.group(groups[key], places)
		}
	}
	return m
}

// streamName names a stream.
type streamName struct {
	space  crdt.Space
	writer crdt.Writer
}

// group lets some runs lean on one trunk, unless two of them claim one place.
func (m *Chunk) group(runs []int, places []Place) {
	slices.SortFunc(runs, func(a, b int) int { return cmp.Compare(places[a].Leaf, places[b].Leaf) })
	var leaves []int
	var branches [][]Hash
	for _, i := range runs {
		leaves, branches = append(leaves, places[i].Leaf), append(branches, places[i].Branches)
	}
	first := places[runs[0]]
	if !ascend(leaves, first.Leaves) {
		return
	}
	m.trunks = append(m.trunks, trunk{first.Leaves, union(first.Leaves, leaves, branches), first.Signature})
	for _, i := range runs {
		m.Runs[i].footing, m.Runs[i].Signature = footing{len(m.trunks), places[i].Leaf}, nil
	}
}

// stand makes every leaning run's proof. Runs of a tree for which the chunk does
// not fit what the receiver holds are left without one.
func (m *Chunk) stand(shared Shared) {
	groups := make([][]int, len(m.trunks))
	for i, run := range m.Runs {
		if run.trunk > 0 {
			groups[run.trunk-1] = append(groups[run.trunk-1], i)
		}
	}
	for n, t := range m.trunks {
		runs := groups[n]
		slices.SortStableFunc(runs, func(a, b int) int { return cmp.Compare(m.Runs[a].leaf, m.Runs[b].leaf) })
		var places []int
		var leaves []Hash
		for _, i := range runs {
			if h, ok := shared.leafOf(m.Runs[i]); ok {
				places, leaves = append(places, m.Runs[i].leaf), append(leaves, h)
			}
		}
		proofs, err := Part(t.leaves, places, leaves, t.branches)
		for k, i := range runs {
			if err == nil && len(places) == len(runs) {
				m.Runs[i].Signature = Place{t.leaves, places[k], proofs[k], t.signature}.Append(nil)
			}
			m.Runs[i].footing = footing{}
		}
	}
	m.trunks = nil
}

// leafOf returns the leaf of a run's head if the run goes on where the receiver
// holds its stream.
func (s Shared) leafOf(run Run) (Hash, bool) {
	seq, h := s.Head(run.Space, run.Writer)
	if run.First > seq+1 || run.Last() < seq {
		return Hash{}, false
	}
	for _, b := range run.Batches[seq+1-run.First:] {
		h = h.Next(b)
	}
	return Leaf(s.County, run.Space, run.Writer, run.Last(), h), true
}

func (m Chunk) appendTrunks(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(m.trunks)))
	for _, t := range m.trunks {
		b = binary.AppendUvarint(b, uint64(t.leaves))
		b = binary.AppendUvarint(b, uint64(len(t.branches)))
		for _, h := range t.branches {
			b = append(b, h[:]...)
		}
		b = appendBytes(b, t.signature)
	}
	return b
}

func (r *reader) trunks() (all []trunk) {
	for range r.count("a number of trees", trunksMax, trunkMin) {
		t := trunk{leaves: int(r.uint("a number of leaves", leavesMax))}
		t.branches = make([]Hash, r.count("a number of branches", leavesMax, len(Hash{})))
		for i := range t.branches {
			copy(t.branches[i][:], r.bytes("a branch", len(Hash{})))
		}
		t.signature = r.sized("a signature", signatureMax)
		all = append(all, t)
	}
	return all
}

// appendFooting appends what vouches for a run: bytes of its own behind a 0, or
// the number of the tree that it leans on and its place there.
func appendFooting(b []byte, run Run) []byte {
	b = binary.AppendUvarint(b, uint64(run.trunk))
	if run.trunk == 0 {
		return appendBytes(b, run.Signature)
	}
	return binary.AppendUvarint(b, uint64(run.leaf))
}

func (r *reader) footing(run *Run, trunks int) {
	run.trunk = int(r.uint("the number of a tree", uint64(trunks)))
	if run.trunk == 0 {
		run.Signature = r.sized("a signature", SignatureMax)
		return
	}
	run.leaf = int(r.uint("a leaf's place", leavesMax-1))
}
