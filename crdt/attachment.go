package crdt

import (
	"encoding/binary"
	"slices"
	"strings"
)

// File names a file by what is in it: whoever has the bytes can check them
// against the root, piece by piece. The bytes themselves travel apart.
type File struct {
	Root  [32]byte // a hash over the file's pieces and its size: sync/wire, FileRoot
	Size  int64    // in bytes, 1 to FileMax
	Media string   // media type such as image/jpeg, in small letters and without parameters (RFC 6838)
}

// Attachment is a file that belongs to a record and, if there is one, a small
// picture of it, which travels first.
type Attachment struct {
	File
	Preview File // the zero File when there is none
}

const (
	// FileMax is the most bytes that a file may have: as many pieces as a tree
	// takes leaves. What a form takes is far less, and its kind's to say.
	FileMax = 1 << 30
	// PreviewMax is the most bytes of a preview: one must be on its way while an
	// original would hold up the link.
	PreviewMax = 64 << 10

	mediaMax = 100 // bytes
)

// Value returns the attachment as a field holds it, or "" when it is none that
// another replica would take.
func (a Attachment) Value() Value {
	if !a.valid(FileMax) || a.Preview != (File{}) && !a.Preview.valid(PreviewMax) {
		return ""
	}
	b := a.File.append([]byte{tagFile})
	if a.Preview != (File{}) {
		b = a.Preview.append(b)
	}
	return Value(b)
}

func (f File) append(b []byte) []byte {
	b = append(b, f.Root[:]...)
	b = binary.AppendUvarint(b, uint64(f.Size))
	return append(append(b, byte(len(f.Media))), f.Media...)
}

func (f File) valid(most int64) bool {
	top, sub, _ := strings.Cut(f.Media, "/")
	return f.Size >= 1 && f.Size <= most && len(f.Media) <= mediaMax && isMediaName(top) && isMediaName(sub)
}

// isMediaName reports whether s is one half of a media type.
func isMediaName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-") == ""
}

// Attachment returns the attachment, and whether the value is one in its
// canonical bytes.
func (v Value) Attachment() (a Attachment, ok bool) {
	rest, ok := v.payload(tagFile)
	if !ok {
		return a, false
	}
	if a.File, rest, ok = cutFile(rest, FileMax); ok && rest != "" {
		a.Preview, rest, ok = cutFile(rest, PreviewMax)
	}
	if !ok || rest != "" {
		return Attachment{}, false
	}
	return a, true
}

// cutFile reads the file at the beginning of s, and returns what is left.
func cutFile(s string, most int64) (f File, rest string, ok bool) {
	if len(s) < len(f.Root) {
		return f, "", false
	}
	f.Root = [32]byte([]byte(s[:len(f.Root)]))
	s = s[len(f.Root):]
	size, n := binary.Uvarint([]byte(s))
	if n <= 0 || n > 1 && s[n-1] == 0 || size > uint64(most) || n == len(s) || len(s)-n-1 < int(s[n]) {
		return f, "", false
	}
	f.Size = int64(size)
	f.Media, rest = s[n+1:n+1+int(s[n])], s[n+1+int(s[n]):]
	return f, rest, f.valid(most)
}

// Attach returns the op that puts an attachment beside those that a field has.
func (r Record) Attach(id RecordID, kind string, field FieldID, v Value) Op {
	return Op{id, kind, field, Attachments, v, r.Cells[field].holding(v)}
}

// Detach returns the op that takes an attachment away.
func (r Record) Detach(id RecordID, kind string, field FieldID, v Value) Op {
	return Op{id, kind, field, Attachments, "", r.Cells[field].holding(v)}
}

// Files returns the files that the record shows, previews first, whatever the
// types of its fields: a field of a newer form holds files as well.
func (r Record) Files() (previews, originals []File) {
	var fields []FieldID // most records have none
	for id, c := range r.Cells {
		for i := range c.Entries {
			if v := c.Entries[i].Value; v != "" && v[0] == tagFile {
				fields = append(fields, id)
				break
			}
		}
	}
	slices.Sort(fields)
	for _, id := range fields {
		for _, e := range r.Cells[id].Entries {
			a, ok := e.Value.Attachment()
			if !ok {
				continue
			}
			originals = append(originals, a.File)
			if a.Preview != (File{}) {
				previews = append(previews, a.Preview)
			}
		}
	}
	return previews, originals
}
