package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"wangge/node"
	"wangge/node/policy"
)

// take imports a bundle and writes the answer.
func (b *bundling) take(ctx context.Context) error {
	f, err := openBundleFile(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	size := int64(1)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	return b.atPost(func() error {
		told := reading(b.a.stderr)
		m, err := node.ReadBundle(ctx, b.id, b.post, f, func(uint64) {
			at, _ := f.Seek(0, 1)
			told(at, size)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		answer, x, failed := b.reply(ctx, m, f)
		return errors.Join(b.sayImport(m, f.Name(), answer, x), failed, missingOf(m))
	})
}

// reply writes the answer to a bundle that is none itself, and returns its name.
func (b *bundling) reply(ctx context.Context, m node.Import, f *os.File) (path string, x node.Export, err error) {
	path = b.answer
	if path == "" {
		path = strings.TrimSuffix(f.Name(), partSuffix) + ".answer"
	}
	if b.silent || m.Answer && b.answer == "" {
		return "", x, nil
	}
	to, err := node.Addressee(b.id, b.data, m.Receipt.Device, m.Card)
	if err != nil {
		return "", x, err
	}
	id := m.Header.ID
	x = node.Export{To: to, Order: node.Order{First: m.First, Wait: true}, Answers: &id, Progress: growing(b.a.stderr)}
	if x.Limit, err = parseSize(b.limit); err != nil {
		return "", x, err
	}
	if b.id.Device.Role == policy.Hub && m.Files.New > 0 {
		fmt.Fprintln(b.a.stderr, "The other replicas fetch the photos that came, so that the answer can say which of them most have.")
	}
	if err = b.make(ctx, &x, path); err != nil && !x.More {
		return "", x, err
	}
	return path, x, err
}

// missingOf says what of a bundle did not come or was not taken.
func missingOf(m node.Import) error {
	switch {
	case m.Torn:
		return inPart("the bundle is torn behind frame %d. All before is taken. Let the sender export to the same file again, and import it again", m.Frames)
	case len(m.Damaged) > 0:
		return inPart("%d parts of the bundle's %d frames are damaged. Bring the answer back, and the sender's next bundle has what is missing", len(m.Damaged), m.Frames)
	case len(m.Refused) > 0:
		return inPart("%d parts were not taken: they are named above", len(m.Refused))
	}
	return nil
}

// imported is what import prints as JSON.
type imported struct {
	node.Receipt
	Bundle  string    `json:"bundle"`
	Begun   time.Time `json:"begun"`
	Frames  uint64    `json:"frames"`
	Damaged []string  `json:"damaged"`
	Torn    bool      `json:"torn"`
	More    bool      `json:"more"` // the sender had more than room
	Answer  string    `json:"answer,omitempty"`
}

func (b *bundling) sayImport(m node.Import, name, answer string, x node.Export) error {
	if b.asJSON {
		return json.NewEncoder(b.a.stdout).Encode(imported{
			m.Receipt, fmt.Sprintf("%x", m.Header.ID[:6]), time.UnixMilli(m.Header.At), m.Frames, m.Damaged, m.Torn, m.More, answer,
		})
	}
	out := b.a.stdout
	fmt.Fprintf(out, "%s: from device %d (%s), begun %s: %d batches are new here, %d were held already\n",
		name, m.Device, m.Receipt.Name, moment(time.UnixMilli(m.Header.At)), m.New, m.Known)
	if m.Old {
		fmt.Fprintln(out, "A later word of that machine's is known here: what this bundle says of levels is left as it is.")
	}
	if m.More {
		fmt.Fprintln(out, "The sender had more than fitted in: the rest is on another stick.")
	}
	for _, damaged := range m.Damaged {
		fmt.Fprintln(out, damaged)
	}
	for _, refused := range m.Refused {
		fmt.Fprintf(out, "not taken: %s\n", refused)
	}
	sayFiles(out, m)
	if answer != "" {
		fmt.Fprintf(out, "%s: the answer. Carry it back, and import it there.\n", answer)
		sayFreight(out, x)
	}
	return nil
}
