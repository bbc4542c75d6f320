package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	berrors "go.etcd.io/bbolt/errors"

	"wangge/crdt"
)

// Verify reads the whole file of a stopped node and changes nothing: every page,
// every stream's chain from its origin with all its signatures, and whether
// records, index and sums are what the log gives; then the files beside it. Its memory is that of the
// largest space. progress, which may be nil, is told bytes read and bytes to
// read. An error means that the file could not be judged at all.
func Verify(o Options, progress func(done, of int64)) (found Findings, err error) {
	return found, reserved(o.Path, func(file *os.File) error {
		x := newExamination(o, &found, nothing{})
		if err := x.run(file, progress); err != nil {
			return err
		}
		_, err := x.files()
		return err
	})
}

// keeper takes what an examination has proven, in key order.
type keeper interface {
	batch(logged) error
	space(*fold) error
	end(*examination) error
}

// nothing keeps nothing.
type nothing struct{}

func (nothing) batch(logged) error { return nil }
func (nothing) space(*fold) error  { return nil }

func (nothing) end(*examination) error { return nil }

// reserved runs do on a file that no node can open meanwhile.
func reserved(path string, do func(*os.File) error) (err error) {
	db, err := realDisk{}.database(path, true)
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%s is in use by another process: stop that node first", path)
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no store at %s", path)
	case err != nil:
		return fmt.Errorf("%s is no store: %v", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return do(file)
}

// run examines the whole file.
func (x *examination) run(file *os.File, progress func(done, of int64)) error {
	err := x.open(file, progress)
	if err == nil {
		err = x.pages.eachLayered(logLayer, nil, nil, x.entry)
	}
	if err == nil {
		err = x.end()
	}
	if err == nil {
		err = x.keeper.end(x)
	}
	return err
}

func (x *examination) open(file *os.File, progress func(done, of int64)) (err error) {
	var done int64
	x.pages, err = openPages(file, x.unreadable, func(n int64) {
		if done += n; progress != nil && x.pages != nil {
			progress(done, x.pages.size*int64(x.pages.meta.end))
		}
	})
	if err != nil {
		return fmt.Errorf("%s: %w", x.options.Path, err)
	}
	if x.pages.whole < 2 {
		x.fault(partWhole, Refetch, "one of the file's two meta pages cannot be read: a cut in the middle of a commit leaves this "+
			"and does no harm; if it is damage, the last save before it is gone")
		x.doubtful = true
	}
	return x.preface()
}

// preface reads what the log is judged by.
func (x *examination) preface() error {
	get := func(key []byte) []byte { return x.pages.get(metaBucket, key) }
	if len(x.pages.trees) == 0 && len(x.found.Faults) == 0 {
		return fmt.Errorf("%s is no store of this program", x.options.Path)
	}
	if get(formatKey) == nil {
		x.fault(string(metaBucket), Refetch, "the file no longer says what it is")
		x.doubtful = true
	} else if err := x.options.ours(get); err != nil {
		return err
	}
	for _, key := range metaNumbers() {
		if _, ok := numberOf(get, key); !ok { // the latest stamp may be among them, and no writer's stamps go back
			x.fault(string(metaBucket), Refetch, "the file's %s is damaged", key)
			x.doubtful = true
		}
	}
	if x.options.Author != nil {
		x.meetAuthor(get(authorKey))
	}
	pass := func(_, _ []byte) error { return nil }
	for _, bucket := range x.untouched() {
		if err := x.pages.each(bucket, nil, nil, pass); err != nil {
			return err
		}
	}
	err := errors.Join(
		x.pages.each(forkBucket, nil, nil, x.forkEntry),
		x.pages.each(freezeBucket, nil, nil, x.forkEntry),
		x.pages.each(receiptBucket, nil, nil, x.receiptEntry),
		x.pages.each(writersBucket, nil, nil, x.writer),
		x.pages.each(spaceBucket, nil, nil, x.spaceEntry),
		x.pages.each(streamBucket, nil, nil, x.headEntry),
	)
	x.vouchForOwn()
	return errors.Join(err, x.pages.each(treeBucket, nil, nil, x.treeEntry))
}

// untouched returns the buckets in which only the pages can be judged.
func (x *examination) untouched() (names [][]byte) {
	judged := [][]byte{logBucket, logPackBucket, recordPackBucket, streamBucket, spaceBucket, recordBucket, recentBucket, writersBucket, treeBucket, attachedBucket, receiptBucket}
	for _, name := range slices.Sorted(maps.Keys(x.pages.trees)) {
		if isBucket([]byte(name)) && !slices.ContainsFunc(judged, func(b []byte) bool { return string(b) == name }) {
			names = append(names, []byte(name))
		}
	}
	return names
}

// meetAuthor learns which streams are this node's own. Where the file does not say
// who wrote last, a writer that is minted and forgotten says for which device.
func (x *examination) meetAuthor(kept []byte) {
	author, err := x.options.Author(kept)
	if err == nil && kept != nil {
		x.author = author
	}
	if err != nil && kept != nil { // a backup keeps no author, and who looks at one may mint none
		x.fault(string(metaBucket), Refetch, "the key of this node's writer cannot be used: %v", err)
		x.doubtful = true
		author, err = x.options.Author(nil)
	}
	if err == nil {
		x.device = author.Name().Device()
	}
}

func (x *examination) writer(k, v []byte) error {
	s, err := x.options.signatory(v)
	if err != nil || string(writerKey(s.Writer())) != string(k) {
		x.fault(string(writersBucket), Refetch, "the credential of writer %x proves nothing", k)
		return nil
	}
	x.vouchers[s.Writer()] = voucher{s, v}
	return nil
}

// vouchForOwn lets the credential that the author keeps stand in for a lost one.
func (x *examination) vouchForOwn() {
	if x.author == nil || x.vouchers[x.author.Name()].Signatory != nil {
		return
	}
	w := x.author.Name()
	wrote := slices.ContainsFunc(slices.Collect(maps.Keys(x.heads)), func(st stream) bool { return st.writer == w })
	s, err := x.options.Signatory(x.author.Credential())
	if err != nil || !wrote {
		return
	}
	x.fault(string(writersBucket), Rebuild, "the credential of this node's writer %s is missing", w)
	x.vouchers[w] = voucher{s, x.author.Credential()}
}

// forkEntry notes where streams were signed twice.
func (x *examination) forkEntry(k, _ []byte) error {
	if name, err := crdt.ParseSpace(string(k[min(8, len(k)):])); err == nil {
		x.forked[name] = true
	}
	return nil
}

func (x *examination) spaceEntry(k, v []byte) error {
	name, err := crdt.ParseSpace(string(k))
	sp, err2 := decodeSpace(v)
	if err != nil || err2 != nil || x.names[sp.number] != (crdt.Space{}) {
		x.fault(string(spaceBucket), Refetch, "the entry of space %q cannot be read", k)
		return nil
	}
	x.names[sp.number], x.spaces[sp.number] = name, sp
	return nil
}

func (x *examination) headEntry(k, v []byte) error {
	number, w, ok := splitStreamKey(k)
	h, err := decodeHead(k, v)
	name := x.names[number]
	switch {
	case !ok || err != nil:
		x.fault(string(streamBucket), Rebuild, "the entry of stream %x cannot be read", k)
		x.headless = true
		return nil
	case name == (crdt.Space{}):
		x.lostName(number, w, h)
		return nil
	}
	x.heads[stream{name, w}] = h
	return nil
}

// lostName notes the head of a stream of which only the number of its space is left.
func (x *examination) lostName(number uint32, w crdt.Writer, h head) {
	x.cut = true
	away := max(h.box, h.hub)
	if w.Device() != x.device || away >= h.seq {
		x.fault(string(spaceBucket), Refetch, "the name of the space with number %d is lost, and with it the stream of %s there", number, w)
		x.doubtful = x.doubtful || w.Device() == x.device
		return
	}
	x.doubtful = true
	x.fault(string(spaceBucket), Lost, "the name of the space with number %d is lost. Batches %d to %d of %s there are this node's own, and no other machine is known to have them",
		number, away+1, h.seq, w)
}

// treeEntry believes what a writer signed last if its signature is good. The
// leaves then vouch for the ends of its streams.
func (x *examination) treeEntry(k, v []byte) error {
	w := crdt.Writer(number(k))
	t, err := decodeTree(v)
	signer := x.vouchers[w].Signatory
	if err != nil || signer == nil || len(t.leaves) == 0 || !signer.Signed(t.message(x.options.County, w), t.signature) {
		x.fault(string(treeBucket), Refetch, "what writer %x signed last proves nothing", k)
		return nil
	}
	x.trees[w] = t
	return nil
}

// leafOf returns where a stream stands in its writer's last tree; the zero leaf
// is no batch's.
func (x *examination) leafOf(space uint32, w crdt.Writer) leaf {
	t := x.trees[w]
	if i, ok := t.find(space); ok {
		return t.leaves[i]
	}
	return leaf{}
}

func splitLogKey(k []byte) (space uint32, w crdt.Writer, seq uint64, ok bool) {
	if len(k) != 20 {
		return 0, 0, 0, false
	}
	space, w, _ = splitStreamKey(k[:12])
	return space, w, binary.BigEndian.Uint64(k[12:]), true
}
