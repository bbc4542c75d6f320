package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"
)

// The most that is read of a request: a form may fill a batch of 64 KiB and is
// longer as JSON; an import is meant to be sent in pages.
const (
	formMax   = 256 << 10
	importMax = 1 << 20
)

// The media types of what is sent here.
const (
	mediaJSON  = "application/json"
	mediaLines = "application/x-ndjson"
)

// body reads a request's body of the given type, at most limit bytes. When it
// returns false it has refused the request. Requiring the type keeps out the
// forms of other sites, which browsers send without asking.
func body(w http.ResponseWriter, r *http.Request, media string, limit int64) ([]byte, bool) {
	if given, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); given != media {
		refuse(w, http.StatusUnsupportedMediaType, "Content-Type 应为 "+media, "the Content-Type must be "+media)
		return nil, false
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		refuse(w, http.StatusRequestEntityTooLarge, "内容太大，请分开提交", "this is too large: send it in parts")
	case err != nil:
		refuse(w, http.StatusBadRequest, "内容没有收全，请再提交一次", "this did not arrive whole: send it again")
	case !utf8.Valid(data):
		// The decoder would put other letters in place of broken ones.
		refuse(w, http.StatusBadRequest, "内容不是 UTF-8 文字", "this is not UTF-8")
	default:
		return data, true
	}
	return nil, false
}

// decode reads one JSON value. Numbers keep their digits; names that v does not
// have are refused.
func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more than one JSON value")
	}
	return nil
}

// input reads a request's JSON into v. When it returns false it has refused the
// request.
func input(w http.ResponseWriter, r *http.Request, v any) bool {
	data, ok := body(w, r, mediaJSON, formMax)
	if !ok {
		return false
	}
	if err := decode(data, v); err != nil {
		refuse(w, http.StatusBadRequest, "内容不是所要求的 JSON："+err.Error(), "this is not the JSON that is wanted here: "+err.Error())
		return false
	}
	return true
}
