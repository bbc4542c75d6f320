package node

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
	"wangge/node/wake"
	"wangge/node/web"
	"wangge/schema"
	"wangge/schema/kindfile"
)

// A county's own kinds are records too: each holds a compiled kind, stands in the space
// that every machine of the county holds, and is written by the hub alone. So they come
// to a box as any work does, without network by courier.

const (
	// publishedKind is the kind of such records. No registry has it: nobody fills it in.
	publishedKind = crdt.CountyKinds + "published_kind"
	definition    = crdt.FieldID(1)
	// definitionMax bounds a compiled kind, in bytes: it travels in one batch.
	definitionMax = 60_000
	// replicaPause is the least time between the moments at which the hub's replicas begin
	// anew with new kinds, beside twice what counting their records took: so a majority is
	// there all the time.
	replicaPause = 2 * time.Second
)

// errPublished ends a run after which the node goes on with the county's new kinds.
var errPublished = errors.New("the county has published kinds")

// loadKinds works out by which kinds this node goes: those that came with the program, or
// that it was given, and above them those that the county published. One that this program
// cannot use is left out, and the others go on.
func (n *node) loadKinds() error {
	own := n.config.Kinds
	if own == nil {
		shipped, err := kindfile.Shipped()
		if err != nil {
			return err
		}
		own = shipped
	}
	var err error
	if n.kinds, n.unusable, err = KindsOf(own, n.store); err != nil {
		return err
	}
	for name, err := range n.unusable {
		n.log.Error("a kind that the county published cannot be used here: update this node", "kind", name, "error", err)
	}
	return nil
}

// KindsOf returns the kinds by which a node with such a store goes: its own, and above them
// what the county published. What of that cannot be used here is named.
func KindsOf(own *schema.Registry, s *store.Store) (kinds *schema.Registry, unusable map[string]error, err error) {
	definitions, err := published(s)
	if err != nil {
		return nil, nil, err
	}
	kinds, unusable = overlay(own, definitions)
	return kinds, unusable, nil
}

// KindsIn is KindsOf of a stopped node's file, which it leaves as it is.
func KindsIn(own *schema.Registry, o store.Options) (kinds *schema.Registry, unusable map[string]error, err error) {
	all := definitions{}
	if err := store.RecordsIn(o, policy.Everywhere(), all.add); err != nil {
		return nil, nil, err
	}
	kinds, unusable = overlay(own, all)
	return kinds, unusable, nil
}

// definitions are what the county has published, by name.
type definitions map[string]string

// add takes what a record says of a kind, if it is of such.
func (d definitions) add(l store.Listed) bool {
	if values := l.Record.Cells[definition].Values(); l.Record.Kind == publishedKind && len(values) > 0 && l.Space == policy.Everywhere() {
		text, _ := values[0].Text()
		var k struct{ Name string }
		if json.Unmarshal([]byte(text), &k) == nil {
			d[k.Name] = text
		}
	}
	return true
}

// published returns the definitions that the county has published, by name.
func published(s *store.Store) (map[string]string, error) {
	all := definitions{}
	err := s.Recent(publishedKind, nil, func(l store.Listed, _ []byte) bool { return all.add(l) })
	return all, err
}

// announced is all that the county has published: kinds and holidays.
func (n *node) announced() (map[string]string, error) {
	kinds, err := published(n.store)
	holidays, wrong := n.publishedHolidays()
	maps.Copy(kinds, holidays)
	return kinds, errors.Join(err, wrong)
}

// overlay puts definitions in the place of kinds of their names, or beside them. What does
// not hold together with the others is left as it was, and named.
func overlay(own *schema.Registry, published map[string]string) (*schema.Registry, map[string]error) {
	unusable, read := map[string]error{}, map[string]schema.Kind{}
	for name, text := range published {
		var k schema.Kind
		if err := json.Unmarshal([]byte(text), &k); err != nil {
			unusable[name] = err
			continue
		}
		read[name] = k
	}
	for {
		if len(read) == 0 {
			return own, unusable // its kinds hold together already
		}
		registry, err := schema.New(merged(own, read))
		if err == nil {
			return registry, unusable
		}
		var fault *schema.Fault
		name := slices.Sorted(maps.Keys(read))[0] // where no kind is to blame: all go, one by one
		if errors.As(err, &fault) {
			if _, ours := read[fault.Kind]; ours {
				name = fault.Kind
			}
		}
		unusable[name] = err
		delete(read, name)
	}
}

func merged(own *schema.Registry, read map[string]schema.Kind) []schema.Kind {
	var all []schema.Kind
	for _, k := range own.Kinds() {
		if other, ok := read[k.Name]; ok {
			k = other
		}
		all = append(all, k)
	}
	for _, name := range slices.Sorted(maps.Keys(read)) {
		if _, known := own.Kind(name); !known {
			all = append(all, read[name])
		}
	}
	return all
}

// refresh ends the run once the county has published other kinds than this node goes by.
func (n *node) refresh(ctx context.Context) error {
	grown := n.grown.Subscribe()
	defer n.grown.Unsubscribe(grown)
	before, err := n.announced()
	if err != nil {
		return err
	}
	for {
		select {
		case <-grown:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		now, err := n.announced()
		if err != nil || maps.Equal(before, now) {
			continue
		}
		place := 1 + max(0, slices.Index(n.config.members(), n.id.Device.Index)) // who published hears the answer first
		if wake.Rest(ctx, time.Duration(place)*(replicaPause+2*n.counting)); ctx.Err() != nil {
			continue
		}
		n.log.Info("the county has published kinds or holidays: this node goes on with them")
		return errPublished
	}
}

// unusableKinds returns what the county published and this program cannot use.
func (n *node) unusableKinds() []web.Trouble {
	if len(n.unusable) == 0 {
		return nil
	}
	names := strings.Join(slices.Sorted(maps.Keys(n.unusable)), ", ")
	return []web.Trouble{{
		Sort: "kinds", Detail: names,
		What: schema.Text{Zh: "县里发布的表单有一些这里还用不了：" + names, En: "the county has published forms that cannot be used here: " + names},
		Do:   schema.Text{Zh: "请更新这台设备的程序；其他表单照常使用", En: "update this machine's program; all other forms work as ever"},
	}}
}

// Publication is what a county publishes at once.
type Publication struct {
	Kinds    []schema.Kind     `json:"kinds,omitempty"`
	Holidays []schema.Holidays `json:"holidays,omitempty"`
}

// publish has the county take kinds for its own, in all or none, and years of holidays,
// and returns what they change. A change by which earlier records would be read wrongly
// is refused.
func (n *node) publish(ctx context.Context, p Publication) ([]schema.Change, error) {
	years, holidays, err := n.holidayChanges(p.Holidays)
	if err != nil {
		return nil, err
	}
	definitions := map[string]string{}
	for _, k := range p.Kinds {
		text, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		if len(text) > definitionMax {
			return nil, fmt.Errorf("kind %s takes %d bytes, %d at most: part it into two", k.Name, len(text), definitionMax)
		}
		definitions[k.Name] = string(text)
	}
	next, unusable := overlay(n.kinds, definitions)
	for name, err := range unusable {
		return nil, fmt.Errorf("kind %s: %w", name, err)
	}
	changes := schema.Diff(n.kinds, next)
	for _, c := range changes {
		if c.Breaks {
			return changes, fmt.Errorf("%s.%s: %s", c.Kind, c.Path, c.Text)
		}
	}
	return append(changes, years...), errors.Join(n.writePublished(ctx, publishedKind, definitions), n.writePublished(ctx, holidaysKind, holidays))
}

// writePublished writes definitions in the county's name, by a writer that lives for
// this alone.
func (n *node) writePublished(ctx context.Context, kind string, definitions map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(definitions)) {
		w, err := n.id.NewWriter()
		if err != nil {
			return err
		}
		id := publishedID(name)
		rec, err := n.store.Record(policy.Everywhere(), id)
		if err != nil {
			return err
		}
		op := rec.Assign(id, kind, definition, crdt.Text(definitions[name]))
		chunk, err := n.store.Draw(w, map[crdt.Space][]crdt.Op{policy.Everywhere(): {op}})
		if err != nil {
			return err
		}
		if _, err := n.hub.Propose(ctx, entryOf(chunk)); err != nil {
			return err
		}
	}
	return nil
}

// publishedID names the record of a kind's definition.
func publishedID(name string) crdt.RecordID {
	sum := sha256.Sum256([]byte("wangge published kind 1\x00" + name))
	return crdt.RecordID(sum[:len(crdt.RecordID{})]).Of(publishedKind)
}

// takeKinds answers the command on this machine that publishes kinds.
func (n *node) takeKinds(w http.ResponseWriter, r *http.Request) {
	if !n.isHub() {
		http.Error(w, "kinds are published at a replica of the hub: run the command there", http.StatusConflict)
		return
	}
	var p Publication
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, publishMax)).Decode(&p); err != nil {
		http.Error(w, "the kinds cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), commitTimeout)
	defer cancel()
	changes, err := n.publish(ctx, p)
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(append([]schema.Change{}, changes...))
}

// publishMax bounds what is published at once, in bytes.
const publishMax = 8 << 20

// Publish has the replica of the hub that runs in a data folder publish for the county, and returns what they change.
func Publish(ctx context.Context, data string, p Publication) ([]schema.Change, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	answer, err := askWith(ctx, data, http.MethodPost, "/kinds", strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, publishMax))
	if err != nil {
		return nil, err
	}
	var changes []schema.Change
	return changes, json.Unmarshal(said, &changes)
}
