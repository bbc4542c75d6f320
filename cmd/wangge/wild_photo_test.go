package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
)

// photo is a photo that a box has taken, with its preview.
type photo struct {
	Area    string   `json:"area"`
	Box     uint32   `json:"box"`
	Root    string   `json:"root"`
	Size    int64    `json:"size"`
	Preview string   `json:"preview"` // root
	Content [32]byte `json:"-"`       // hash of the preview
}

// savePhoto saves a visit with a photo and its small preview.
func (c *clerk) savePhoto(ctx context.Context) {
	preview, content, ok := c.upload(ctx, 1000+c.rng.IntN(3000))
	if !ok {
		return
	}
	original, _, ok := c.upload(ctx, 8_000+c.rng.IntN(40_000))
	if !ok {
		return
	}
	root, _ := original["root"].(string)
	size, _ := original["size"].(float64)
	small, _ := preview["root"].(string)
	original["preview"] = preview
	f := c.newVisit(c.community)
	f.fields["photos"] = []any{original}
	if !c.save(ctx, f) {
		return
	}
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	c.journal.photos = append(c.journal.photos, photo{c.community, c.box, root, int64(size), small, content})
}

// upload hands the box a made-up picture and returns how a form refers to it.
func (c *clerk) upload(ctx context.Context, size int) (file map[string]any, content [32]byte, ok bool) {
	picture := append(make([]byte, 0, size), "\xff\xd8\xff\xe0\x00\x10JFIF\x00"...)
	for len(picture) < size {
		picture = append(picture, byte(c.rng.Uint32()))
	}
	ok = c.persist(ctx, func() error {
		b, err := c.client.do(ctx, "POST", "/api/files", "application/octet-stream", picture)
		if err != nil {
			return err
		}
		return json.Unmarshal(b, &file)
	})
	return file, sha256.Sum256(picture), ok
}

// photoBytes returns what all photos take.
func (j *journal) photoBytes() (sum int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, p := range j.photos {
		sum += p.Size + 4000
	}
	return sum
}
