package web

import "net/http"

// Beside serves pages that are no node's, a city's, behind the same guard and with the same
// files: app/base.css is theirs too. Hosts are the names by which they may be called beside
// the machine's addresses.
func Beside(pages http.Handler, hosts ...string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /app/{file}", fresh(http.FileServerFS(app)))
	mux.Handle("GET /", pages)
	return guard(hosts, mux)
}
