package node

import (
	"context"
	"errors"
	"io"
	"time"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/node/web"
	"wangge/schema"
	"wangge/sync/wire"
)

// cabinet is where a box's pages put photos and files, and get them from.
type cabinet struct {
	files *store.Files
	fetch func(root wire.Hash) // has an original fetched that is not here
}

var _ web.Files = cabinet{}

// Keep keeps an upload.
func (c cabinet) Keep(content io.Reader) (root [32]byte, size int64, err error) {
	root, size, err = c.files.Write(content)
	if errors.Is(err, store.ErrReadOnly) {
		err = web.Refusal{Text: schema.Text{
			Zh: "本机磁盘放不下这个文件（已满或有故障），没有保存。请清理磁盘后再传；表单仍可以不带文件先保存",
			En: "the file was not kept: " + err.Error() + "; the form can be saved without it",
		}}
	}
	return root, size, err
}

// Content opens a file. One that is elsewhere is fetched for whoever asks again.
func (c cabinet) Content(root [32]byte) (web.Content, error) {
	content, err := c.files.Open(root)
	if errors.Is(err, store.ErrNoFile) {
		if c.fetch != nil {
			c.fetch(root)
		}
		return nil, web.ErrMissing
	}
	if err != nil {
		return nil, err
	}
	return content, nil
}

// filed complains of an attachment that is not on this box's disk, or is there as
// something else. It is asked while the form is being saved: what is there stays.
func filed(draft *store.Draft, v crdt.Value) schema.Text {
	if a, ok := v.Attachment(); ok && !draft.Filed(a, web.Sniff) {
		return schema.Text{Zh: "有文件不在本站，请重新添加", En: "a file is not at this box: add it again"}
	}
	return schema.Text{}
}

// unfiled returns what is to be said of the attachments of a form's records.
func unfiled(draft *store.Draft, records []schema.Filled) (problems schema.Problems) {
	for _, r := range records {
		for _, f := range r.Kind.Fields {
			for _, v := range r.Values[f.ID] {
				if complaint := filed(draft, v); !complaint.Empty() {
					problems = append(problems, schema.Problem{Field: f.Name, Text: complaint})
				}
			}
		}
	}
	return problems
}

const (
	// sweepEvery is how often files that nobody refers to are looked for.
	sweepEvery   = time.Hour
	sweepLeaving = 15 * time.Second
	// sweepGrace is how long a file may wait for the form that it was sent for.
	sweepGrace = 7 * 24 * time.Hour
)

// sweepPause is short while spaces leave: their files are what they wait for.
func (n *node) sweepPause() time.Duration {
	if len(n.leavers()) > 0 {
		return sweepLeaving
	}
	return sweepEvery
}

// sweep removes what nobody refers to, from time to time.
func (n *node) sweep(ctx context.Context) error {
	for told := false; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(n.sweepPause()):
		}
		files, bytes, err := 0, int64(0), error(nil)
		if told { // else records may be on their way here that name what nothing names yet
			files, bytes, err = n.store.SweepFiles(sweepGrace)
		}
		told = n.isHub() || n.store.Heard() != 0
		if err != nil {
			n.log.Error("files that nobody refers to could not be removed", "error", err)
		} else if files > 0 {
			n.log.Info("files that nobody refers to were removed", "files", files, "bytes", bytes)
		}
		files, bytes, err = n.evict(ctx)
		if err != nil {
			n.log.Error("originals that the county holds could not be removed", "error", err)
		} else if files > 0 {
			n.log.Info("originals that the county holds were removed here", "files", files, "bytes", bytes)
		}
	}
}
