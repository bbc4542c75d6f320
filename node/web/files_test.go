package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wangge/node/web"
	"wangge/schema"
)

// file is what an upload is answered with.
type file struct {
	Root  string
	Size  int64
	Media string
}

var raw = []string{"Content-Type", "application/octet-stream"}

// snapshot returns a small picture as a JPEG or a PNG.
func snapshot(t testing.TB, encode func(io.Writer, image.Image) error) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range 40 * 30 {
		m.Set(i%40, i/40, color.RGBA{uint8(6 * i), uint8(i), 90, 255})
	}
	var b bytes.Buffer
	if err := encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func asJPEG(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }

func newFiles(t testing.TB) (*site, *drawer) {
	t.Helper()
	d := newDrawer()
	return newSite(t, web.Options{Files: d}), d
}

func TestAPhotoIsSentAndComesBackAsItWas(t *testing.T) {
	s, _ := newFiles(t)
	for media, photo := range map[string]string{"image/jpeg": snapshot(t, asJPEG), "image/png": snapshot(t, png.Encode)} {
		var f file
		s.expect(http.StatusCreated, &f, "POST", "/api/files", photo, raw...)
		if f.Media != media || f.Size != int64(len(photo)) {
			t.Errorf("%s is taken for %+v", media, f)
		}
		w := s.ask("GET", "/api/files/"+f.Root, "")
		h := w.Header()
		if w.Code != http.StatusOK || w.Body.String() != photo || h.Get("Content-Type") != media || h.Get("Content-Length") != fmt.Sprint(len(photo)) {
			t.Errorf("got %d, %d bytes, %v", w.Code, w.Body.Len(), h)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
			"Content-Disposition": `inline; filename="` + f.Root[:8], "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if !strings.HasPrefix(h.Get(name), want) {
				t.Errorf("%s is %q, want %q", name, h.Get(name), want)
			}
		}
		if w := s.ask("HEAD", "/api/files/"+f.Root, ""); w.Code != http.StatusOK || w.Body.Len() > 0 || w.Header().Get("Content-Length") != fmt.Sprint(len(photo)) {
			t.Errorf("HEAD: got %d, %d bytes", w.Code, w.Body.Len())
		}
	}
}

func TestNothingThatCanRunIsShownInPlace(t *testing.T) {
	s, d := newFiles(t)
	for _, content := range []string{
		`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, `<?xml version="1.0"?><svg onload="alert(1)"/>`,
		`<!doctype html><script>alert(1)</script>`, "%PDF-1.7 /JavaScript", "just a text", "MZ\x90\x00 a program", "GIF89a a picture that no form takes",
	} {
		root, _, _ := d.Keep(strings.NewReader(content)) // as another machine's form may have brought it
		w := s.ask("GET", fmt.Sprintf("/api/files/%x", root), "")
		if h := w.Header(); w.Code != http.StatusOK || h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
			t.Errorf("%q: %d, %v", content, w.Code, w.Header())
		}
	}
}

func TestAnUploadIsRefusedBeforeItCostsAnything(t *testing.T) {
	s, d := newFiles(t)
	photo := snapshot(t, asJPEG)
	for what, test := range map[string]struct {
		body, media string
		code        int
	}{
		"another site's form": {photo, "multipart/form-data; boundary=x", http.StatusUnsupportedMediaType},
		"a claim":             {photo, "image/jpeg", http.StatusUnsupportedMediaType},
		"nothing":             {"", raw[1], http.StatusBadRequest},
		"a page":              {"<!doctype html><script>alert(1)</script>", raw[1], http.StatusUnprocessableEntity},
		"a program":           {"MZ\x90\x00\x03\x00", raw[1], http.StatusUnprocessableEntity},
		"a huge one":          {photo + strings.Repeat("x", schema.FileSizeMax), raw[1], http.StatusRequestEntityTooLarge},
	} {
		if w := s.ask("POST", "/api/files", test.body, "Content-Type", test.media); w.Code != test.code {
			t.Errorf("%s: got %d %s, want %d", what, w.Code, w.Body, test.code)
		}
	}
	if d.count() > 0 {
		t.Errorf("%d files were kept", d.count())
	}
}

// sent sends an upload whose length nobody knows beforehand.
func (s *site) sent(body io.Reader, length int64) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/api/files", body)
	r.Host, r.ContentLength = "127.0.0.1:8080", length
	r.Header.Set(raw[0], raw[1])
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// endless is a photo without an end.
type endless struct {
	head io.Reader
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.head.Read(p)
	if err == io.EOF {
		n, err = len(p), nil
	}
	e.read += n
	return n, err
}

func TestAnUploadWithoutALengthIsCutAtTheBound(t *testing.T) {
	s, d := newFiles(t)
	in := &endless{head: strings.NewReader(snapshot(t, asJPEG))}
	if w := s.sent(in, -1); w.Code != http.StatusRequestEntityTooLarge || d.count() > 0 || in.read > schema.FileSizeMax+1<<20 {
		t.Errorf("got %d after %d bytes, %d kept", w.Code, in.read, d.count())
	}
	in.read = 0
	if w := s.sent(in, schema.FileSizeMax+1); w.Code != http.StatusRequestEntityTooLarge || in.read > 0 {
		t.Errorf("a length that says too much: got %d after %d bytes", w.Code, in.read)
	}
	cut := io.MultiReader(strings.NewReader(snapshot(t, asJPEG)), broken{io.ErrUnexpectedEOF}) // as of a length that lies
	if w := s.sent(cut, 5000); w.Code != http.StatusBadRequest || d.count() > 0 || !strings.Contains(w.Body.String(), "没有收全") {
		t.Errorf("a cut one: got %d %s", w.Code, w.Body)
	}
}

func TestALengthThatLiesOnTheWireKeepsNothing(t *testing.T) {
	d := newDrawer()
	served := httptest.NewServer(newSite(t, web.Options{Files: d}).handler)
	defer served.Close()
	conn, err := net.Dial("tcp", served.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/files HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: 9000\r\n\r\n%s", raw[1], snapshot(t, asJPEG))
	conn.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400") || d.count() > 0 {
		t.Errorf("got %.60s; %d files were kept", answer, d.count())
	}
}

func TestSlowUploadsAreFewAndNobodyElseWaitsForThem(t *testing.T) {
	s, d := newFiles(t)
	type slow struct {
		in   *io.PipeWriter
		done chan int
	}
	var all []slow
	for range 8 {
		out, in := io.Pipe()
		one := slow{in, make(chan int, 1)}
		go func() { one.done <- s.sent(out, -1).Code }()
		io.WriteString(in, snapshot(t, asJPEG)[:100]) // returns once it is read: the upload is under way
		all = append(all, one)
	}
	if w := s.ask("POST", "/api/files", snapshot(t, asJPEG), raw...); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("the ninth: got %d", w.Code)
	}
	s.expect(http.StatusOK, nil, "GET", "/api/kinds", "")
	for _, one := range all {
		one.in.CloseWithError(io.ErrUnexpectedEOF)
		if code := <-one.done; code != http.StatusBadRequest {
			t.Errorf("one that broke off: got %d", code)
		}
	}
	s.expect(http.StatusCreated, nil, "POST", "/api/files", snapshot(t, asJPEG), raw...)
	if d.count() != 1 {
		t.Errorf("%d files were kept, want the last", d.count())
	}
}

func TestADiskThatTakesNoFileSaysSoToThePerson(t *testing.T) {
	s, d := newFiles(t)
	d.refuse = web.Refusal{Text: schema.Text{Zh: "磁盘已满", En: "the disk is full"}}
	var told told
	s.expect(http.StatusConflict, &told, "POST", "/api/files", snapshot(t, asJPEG), raw...)
	if told.Error.Zh != "磁盘已满" {
		t.Errorf("got %+v", told)
	}
}

func TestAFileThatIsNotHereIsMissing(t *testing.T) {
	s, _ := newFiles(t)
	for _, name := range []string{strings.Repeat("ab", 32), "ab", strings.Repeat("zz", 32), strings.Repeat("ab", 33), "..%2f..%2fstore.db", "%00"} {
		s.expect(http.StatusNotFound, nil, "GET", "/api/files/"+name, "")
	}
}

func TestAFileThatIsDamagedBreaksOffAndIsNotPassedForWhole(t *testing.T) {
	d := newDrawer()
	site := newSite(t, web.Options{Files: d})
	served := httptest.NewServer(site.handler)
	defer served.Close()
	root, _, _ := d.Keep(strings.NewReader(snapshot(t, asJPEG) + strings.Repeat("x", 100_000)))
	d.torn = errors.New("piece 3 changed on the disk")
	answer, err := http.Get(served.URL + fmt.Sprintf("/api/files/%x", root))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("%d bytes passed for the whole file", len(got))
	}
	small, _, _ := d.Keep(strings.NewReader("\xff\xd8\xff")) // damaged from the beginning
	site.expect(http.StatusInternalServerError, nil, "GET", fmt.Sprintf("/api/files/%x", small), "")
}
