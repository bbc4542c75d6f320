package web

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"wangge/crdt"
	"wangge/schema"
)

// Files is where a box keeps what forms attach.
type Files interface {
	// Keep reads content to its end; on return the file is on disk. An error of
	// content's is returned as it is, or wrapped. A Refusal has words for the person.
	Keep(content io.Reader) (root [32]byte, size int64, err error)
	// Content opens a file. ErrMissing means that it is not here.
	Content(root [32]byte) (Content, error)
}

// Content is a file's content. What it hands out was checked.
type Content interface {
	io.ReadCloser
	Size() int64
}

const (
	// mediaBytes is what a file is sent as: no form of another site can send it
	// without being asked about first, and what the file is, the node finds out.
	mediaBytes = "application/octet-stream"
	// uploadsMax bounds what uploads under way may take of the disk and of files
	// that are open. People have two hands.
	uploadsMax = 8
	// sniffed is how much of a file tells what it is.
	sniffed = 512
)

// Sniff returns the media type that a file's beginning shows, whatever anybody
// says of it.
func Sniff(head []byte) string {
	media, _, err := mime.ParseMediaType(http.DetectContentType(head[:min(len(head), sniffed)]))
	if err != nil {
		return mediaBytes
	}
	return media
}

// shown are the pictures that a browser may show in place, and what a download
// of them is called. All else is handed over as bytes: some files are programs.
var shown = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}

// handed is what else keeps a name that programs know.
var handed = map[string]string{"application/pdf": ".pdf", "application/zip": ".zip", "text/plain": ".txt"}

func (s *server) upload(w http.ResponseWriter, r *http.Request) {
	if given, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); given != mediaBytes {
		refuse(w, http.StatusUnsupportedMediaType, "Content-Type 应为 "+mediaBytes, "the Content-Type must be "+mediaBytes)
		return
	}
	if r.ContentLength > schema.FileSizeMax {
		tooLarge(w)
		return
	}
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	default:
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, "正在接收别的文件，请稍后再传", "other files are being taken: send it again in a moment")
		return
	}
	s.receive(w, r)
}

// receive reads an upload: its beginning, which tells what it is, and then the rest
// straight to the disk.
func (s *server) receive(w http.ResponseWriter, r *http.Request) {
	body := &heard{Reader: http.MaxBytesReader(w, r.Body, schema.FileSizeMax)}
	head := make([]byte, sniffed)
	n, _ := io.ReadFull(body, head)
	if n == 0 && body.err == nil {
		refuse(w, http.StatusBadRequest, "文件是空的，请另选一个", "the file is empty: choose another")
		return
	}
	media := Sniff(head[:n])
	if body.err == nil && !s.takes(media) {
		refuse(w, http.StatusUnprocessableEntity, "没有表单接受这种文件", "no form takes files of this sort")
		return
	}
	root, size, err := s.Files.Keep(io.MultiReader(bytes.NewReader(head[:n]), body))
	var long *http.MaxBytesError
	switch {
	case errors.As(body.err, &long):
		tooLarge(w)
	case body.err != nil:
		refuse(w, http.StatusBadRequest, "文件没有收全，请再传一次", "the file did not arrive whole: send it again")
	case err != nil:
		s.fail(w, r, err)
	default:
		send(w, http.StatusCreated, schema.Show(crdt.Attachment{File: crdt.File{Root: root, Size: size, Media: media}}.Value()))
	}
}

func tooLarge(w http.ResponseWriter) {
	refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("文件太大，最多 %d MB", schema.FileSizeMax>>20),
		fmt.Sprintf("the file is too large: at most %d MB", schema.FileSizeMax>>20))
}

// heard remembers why reading a request ended, if it was not its end: that is
// the sender's fault and not the disk's.
type heard struct {
	io.Reader
	err error
}

func (h *heard) Read(p []byte) (int, error) {
	if h.err != nil {
		return 0, h.err
	}
	n, err := h.Reader.Read(p)
	if err != nil && err != io.EOF {
		h.err = err
	}
	return n, err
}

// takes reports whether some form takes files of a media type, or pictures as
// previews of them.
func (s *server) takes(media string) bool {
	if shown[media] != "" || s.Registry == nil {
		return true
	}
	return slices.ContainsFunc(s.Registry.Kinds(), func(k schema.Kind) bool {
		return slices.ContainsFunc(k.Fields, func(f schema.Field) bool { return slices.Contains(f.Files.Media, media) })
	})
}

func (s *server) download(w http.ResponseWriter, r *http.Request) {
	root, ok := fileRoot(r.PathValue("root"))
	if !ok {
		refuse(w, http.StatusNotFound, "文件的名称应为 64 位十六进制", "a file's name is 64 hex digits")
		return
	}
	content, err := s.Files.Content(root)
	if errors.Is(err, ErrMissing) {
		w.Header().Set("Retry-After", "10")
		refuse(w, http.StatusNotFound, "原件不在本站。如果县里或邻站有，现在就去取，请过一会儿再打开", "the original is not at this box: if the county or a neighbour has it, it is being fetched; open it again in a moment")
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer content.Close()
	in := bufio.NewReaderSize(content, sniffed)
	head, err := in.Peek(sniffed)
	if err != nil && err != io.EOF { // damaged: nothing of it was sent yet
		s.fail(w, r, err)
		return
	}
	media, name := Sniff(head), hex.EncodeToString(root[:4])
	h := w.Header()
	if ending := shown[media]; ending != "" {
		h.Set("Content-Disposition", `inline; filename="`+name+ending+`"`)
	} else {
		h.Set("Content-Disposition", `attachment; filename="`+name+handed[media]+`"`)
		media = mediaBytes
	}
	h.Set("Content-Type", media)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'") // also when it is opened by itself
	h.Set("Content-Length", strconv.FormatInt(content.Size(), 10))
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(w, in); err != nil && r.Context().Err() == nil {
		s.Log.Error("a file broke off", "file", name, "error", err) // and by its length the browser knows that
	}
}

func fileRoot(name string) (root [32]byte, ok bool) {
	b, err := hex.DecodeString(name)
	if err != nil || len(b) != len(root) {
		return root, false
	}
	return [32]byte(b), true
}
