package schema

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"wangge/crdt"
)

// Files bounds what a field of photos or files takes.
type Files struct {
	Media []string `json:"media"` // the media types that are taken, such as image/jpeg
	Size  int64    `json:"size"`  // the most bytes of one file
	Count int      `json:"count"` // the most files of one form; what is added apart is all shown
}

const (
	// FileSizeMax is the most bytes of a file that any kind may ask for, and so
	// the most that a node takes from a form.
	FileSizeMax = 20 << 20
	filesMax    = 50 // files that one form may give to one field
)

// holdsFiles reports whether fields of type t hold attachments.
func (t FieldType) holdsFiles() bool { return t == TypePhoto || t == TypeFile }

// DefaultFiles returns what a field of type t takes unless its kind says
// otherwise. Drawings that can carry scripts are not among it.
func (t FieldType) DefaultFiles() Files {
	photos := []string{"image/jpeg", "image/png", "image/webp"}
	switch t {
	case TypePhoto:
		return Files{photos, FileSizeMax, 9}
	case TypeFile:
		return Files{append(photos, "application/pdf", "application/zip", "text/plain"), FileSizeMax, 9}
	}
	return Files{}
}

// filesFault checks what a field says of its files.
func (k *Kind) filesFault(f *Field, at string) *Fault {
	if !f.Type.holdsFiles() {
		return k.broken(rule{len(f.Files.Media) == 0 && f.Files.Size == 0 && f.Files.Count == 0, at + ".files", "only photos and files are bounded so"})
	}
	return k.broken(
		rule{len(f.Files.Media) > 0 && !slices.ContainsFunc(f.Files.Media, func(m string) bool { return !f.takes(m) }), at + ".files.media",
			"name media types such as application/pdf, of photos only images, and neither image/svg+xml nor text/html, which can carry scripts"},
		rule{f.Files.Size > 0 && f.Files.Size <= FileSizeMax, at + ".files.size", fmt.Sprintf("a file has at most %d MB", FileSizeMax>>20)},
		rule{f.Files.Count > 0 && f.Files.Count <= filesMax, at + ".files.count", fmt.Sprintf("a form gives from 1 to %d files", filesMax)},
	)
}

// takes reports whether a kind may allow a media type in the field.
func (f *Field) takes(media string) bool {
	one := crdt.Attachment{File: crdt.File{Size: 1, Media: media}}
	scripts := strings.HasSuffix(media, "+xml") || media == "text/html" || media == "text/xml"
	return one.Value() != "" && !scripts && (f.Type == TypeFile || strings.HasPrefix(media, "image/"))
}

// attachments reads a list of files.
func (f *Field) attachments(value any) ([]crdt.Value, Text) {
	list, ok := value.([]any)
	if !ok {
		return nil, Text{"应为附件的列表", "want a list of files"}
	}
	if len(list) > f.Files.Count {
		return nil, Text{fmt.Sprintf("最多 %d 个", f.Files.Count), fmt.Sprintf("at most %d", f.Files.Count)}
	}
	var values []crdt.Value
	for _, item := range list {
		v, complaint := f.attachment(item)
		if !complaint.Empty() {
			return nil, complaint
		}
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values, Text{}
}

func (f *Field) attachment(value any) (crdt.Value, Text) {
	if _, name := value.(string); name {
		return "", Text{"有文件还没有传完，请重新添加", "a file is not here yet: add it again"}
	}
	var a crdt.Attachment
	whole, ok := value.(map[string]any)
	if ok {
		a.File, ok = readFile(whole)
	}
	if given, there := whole["preview"]; ok && there && given != nil {
		preview, is := given.(map[string]any)
		a.Preview, ok = readFile(preview)
		ok = ok && is && strings.HasPrefix(a.Preview.Media, "image/") && a.Preview.Media != "image/svg+xml"
	}
	v := a.Value()
	switch {
	case !ok || v == "":
		return "", Text{"附件信息有误，请重新添加", "this names no file: add it again"}
	case !slices.Contains(f.Files.Media, a.Media):
		return "", Text{"不接受这种文件，可以用：" + strings.Join(f.Files.Media, "、"), "this sort of file is not taken here: use " + strings.Join(f.Files.Media, ", ")}
	case a.Size > f.Files.Size:
		return "", Text{fmt.Sprintf("文件太大，最多 %d MB", f.Files.Size>>20), fmt.Sprintf("the file is too large: at most %d MB", f.Files.Size>>20)}
	}
	return v, Text{}
}

// readFile reads one file as showFile wrote it.
func readFile(given map[string]any) (f crdt.File, ok bool) {
	root, _ := given["root"].(string)
	size, isNumber := number(given["size"])
	media, isText := given["media"].(string)
	if !isNumber || size != math.Trunc(size) || size < 1 || size > crdt.FileMax || !isText || len(root) != 2*len(f.Root) {
		return f, false
	}
	n, err := hex.Decode(f.Root[:], []byte(root))
	f.Size, f.Media = int64(size), media
	return f, err == nil && n == len(f.Root)
}

// showAttachment returns an attachment as a form's JSON carries it.
func showAttachment(a crdt.Attachment) map[string]any {
	shown := showFile(a.File)
	if a.Preview != (crdt.File{}) {
		shown["preview"] = showFile(a.Preview)
	}
	return shown
}

func showFile(f crdt.File) map[string]any {
	return map[string]any{"root": hex.EncodeToString(f.Root[:]), "size": f.Size, "media": f.Media}
}

// attach returns the op that adds an attachment, and whether it changes
// anything: the same file is not added again for the sake of another preview.
func (f Filled) attach(rec crdt.Record, field crdt.FieldID, v crdt.Value) (op crdt.Op, changes bool) {
	given, _ := v.Attachment()
	for _, there := range rec.Cells[field].Values() {
		if a, ok := there.Attachment(); ok && a.Root == given.Root {
			return op, false
		}
	}
	return rec.Attach(f.ID, f.Kind.Name, field, v), true
}
