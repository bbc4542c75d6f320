package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
)

// app holds the pages as plain files: what the browser is given is what stands
// in the folder.
//
//go:embed app
var app embed.FS

// pages adds the node's pages: its own at the root, and the files of all.
func (s *server) pages(mux *http.ServeMux) {
	files := http.FileServerFS(app)
	mux.Handle("GET /app/{file}", fresh(files))
	page := ""
	switch {
	case s.Stage != nil:
		page = "app/stage.html"
	case s.Office != nil:
		page = "app/office.html"
	case s.Desk != nil:
		page = "app/desk.html"
	default:
		return
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, app, page)
	})
}

// fresh has browsers ask each time whether a file has changed, and answers by
// the file's hash, so that a page never meets the script of another version.
func fresh(files http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if data, err := app.ReadFile("app/" + r.PathValue("file")); err == nil {
			hash := sha256.Sum256(data)
			w.Header().Set("ETag", `"`+hex.EncodeToString(hash[:8])+`"`)
		}
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
