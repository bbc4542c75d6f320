package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"wangge/schema"
)

// pictures are the photos and files of an export, by their names.
type pictures struct {
	files fs.FS
	at    map[string][]string
	send  func(content []byte) (map[string]any, error) // to the node
	sent  map[string]map[string]any                    // by path
}

// picturesMax is how many files are looked through.
const picturesMax = 500_000

// findPictures looks a folder through once.
func findPictures(files fs.FS) (*pictures, error) {
	p := &pictures{files: files, at: map[string][]string{}, sent: map[string]map[string]any{}}
	n := 0
	return p, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if n++; n > picturesMax {
			return fmt.Errorf("the folder has more than %d files: give the one of this form's pictures", picturesMax)
		}
		if err == nil && d.Type().IsRegular() {
			p.at[d.Name()] = append(p.at[d.Name()], name)
		}
		return err
	})
}

// attach brings the files that a submission names to the node, and puts them into its form.
func (s *submissions) attach(form map[string]any, f *schema.Field, column string, one submission) {
	all, _ := form[f.Name].([]any)
	for name := range strings.FieldsFuncSeq(fmt.Sprint(one.said[column]), func(r rune) bool { return strings.ContainsRune(";\n", r) }) {
		name = trimmed(name)
		found, why := s.picture(name, one)
		media, _ := found["media"].(string)
		switch {
		case why != "":
		case !slices.Contains(f.Files.Media, media):
			why = "files of the sort " + media + " are not taken there"
		case len(all) == f.Files.Count:
			why = fmt.Sprintf("a form gives at most %d files there", f.Files.Count)
		}
		if why != "" {
			s.left.add(one.at, column, "%s", why)
			continue
		}
		all = append(all, found)
	}
	if len(all) > 0 {
		form[f.Name] = all
	}
}

func (s *submissions) picture(name string, one submission) (found map[string]any, why string) {
	if s.media == nil || s.media.send == nil {
		return nil, "an export names files and does not hold them: give their folder by --media, or add them to the records"
	}
	at := s.media.find(base(name), one)
	switch {
	case len(at) == 0:
		return nil, "the file is not in the folder of pictures"
	case len(at) > 1:
		return nil, "several files in the folder of pictures have this name"
	}
	if found, ok := s.media.sent[at[0]]; ok {
		return found, ""
	}
	content, err := s.media.read(at[0])
	if err == nil {
		found, err = s.media.send(content)
	}
	if err != nil {
		return nil, err.Error()
	}
	s.media.sent[at[0]] = found
	return found, ""
}

// find returns the files of a name; of several the one in a folder that is called as the
// submission, as Kobo gives them.
func (p *pictures) find(name string, one submission) []string {
	all := p.at[name]
	if len(all) < 2 {
		return all
	}
	for _, key := range []string{"_uuid", "KEY", "meta/instanceID"} {
		id, _ := one.said[key].(string)
		id = strings.TrimPrefix(id, "uuid:")
		for _, at := range all {
			if id != "" && path.Base(path.Dir(at)) == id {
				return []string{at}
			}
		}
	}
	return all
}

func (p *pictures) read(name string) ([]byte, error) {
	f, err := p.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, schema.FileSizeMax+1))
	if len(content) > schema.FileSizeMax {
		err = fmt.Errorf("the file is larger than %d MB", schema.FileSizeMax>>20)
	}
	return content, err
}

// uploads returns what brings a file to a node, asking again while it is busy or away.
func (c *client) uploads(ctx context.Context) func([]byte) (map[string]any, error) {
	return func(content []byte) (found map[string]any, err error) {
		b, err := c.insist(ctx, "/api/files", "application/octet-stream", content)
		if err == nil {
			err = json.Unmarshal(b, &found)
		}
		if errors.Is(err, errAway) {
			err = fmt.Errorf("the node did not take the file within %v", patience.Round(time.Second))
		}
		return found, err
	}
}
