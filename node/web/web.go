package web

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"wangge/node/odata"
	"wangge/schema"
)

// Options is what a node's pages stand on. A part that is nil is left out, with
// its pages: a box has a Desk, a hub replica an Office, a demonstration a Stage.
type Options struct {
	Registry   *schema.Registry
	Machine    Machine
	Desk       Desk
	Files      Files // of a box
	Office     Office
	Officials  Officials  // of a hub replica
	Months     Months     // of a hub replica
	Publisher  Publisher  // of a hub replica
	Inspector  Inspector  // of a hub replica
	Chronicler Chronicler // of a hub replica
	Planner    Planner
	Archive    Archive // of a box or a hub replica
	Stage      Stage
	Gazetteer  Gazetteer
	// NoMetrics leaves /metrics out.
	NoMetrics bool
	Hosts     []string // hosts, without a port, by which browsers may call this node beside its own addresses
	Log       *slog.Logger
}

// server holds what every handler needs.
type server struct {
	Options
	uploads chan struct{} // one for each that is under way
	exports chan struct{} // likewise
}

// New returns the handler of a node's pages and of its HTTP interface, which
// FORMAT.md describes.
func New(o Options) http.Handler {
	s := &server{Options: o, uploads: make(chan struct{}, uploadsMax), exports: make(chan struct{}, exportsMax)}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", nowhere)
	if s.Registry != nil {
		mux.Handle("/api/kinds", methods{"GET": s.kinds})
	}
	if s.Machine != nil {
		mux.Handle("/api/status", methods{"GET": s.status})
		mux.Handle("/api/link", methods{"POST": s.link})
		mux.Handle("/api/troubles/{id}", methods{"POST": s.putAside})
		if !s.NoMetrics {
			mux.Handle("/metrics", methods{"GET": s.metrics})
		}
	}
	if s.Gazetteer != nil {
		mux.Handle("/api/areas", methods{"GET": s.areas})
	}
	if s.Desk != nil || s.Officials != nil {
		mux.Handle("/api/records", methods{"GET": s.list, "POST": s.save})
		mux.Handle("/api/records/{kind}/{area}/{class}/{id}", methods{"GET": s.record, "PATCH": s.edit})
		if s.Chronicler != nil {
			mux.Handle("/api/records/{kind}/{area}/{class}/{id}/history", methods{"GET": s.history})
		}
		mux.Handle("/api/import", methods{"POST": s.imports})
	}
	if s.Files != nil {
		mux.Handle("/api/files", methods{"POST": s.upload})
		mux.Handle("/api/files/{root}", methods{"GET": s.download})
	}
	if s.Planner != nil {
		mux.Handle("/api/tasks", methods{"GET": s.due})
	}
	if s.Archive != nil {
		mux.Handle("/api/export", methods{"GET": s.export})
	}
	if s.Office != nil {
		mux.Handle("/api/report", methods{"GET": s.report})
		mux.Handle("/api/report/totals", methods{"POST": s.totals})
		mux.Handle("/api/report/records", methods{"GET": s.behind})
		mux.Handle("/api/report/check", methods{"POST": s.checkFigures})
	}
	if s.Office != nil && s.Registry != nil {
		mux.Handle(odata.Root, s.feeds())
	}
	if s.Officials != nil {
		mux.Handle("/api/decisions", methods{"GET": s.decidable, "POST": s.decide})
		mux.Handle("/api/decisions/{kind}/{field}", methods{"GET": s.undecided})
	}
	if s.Inspector != nil {
		mux.Handle("/api/quality", methods{"GET": s.doubtful})
	}
	if s.Months != nil {
		mux.Handle("/api/months", methods{"GET": s.months})
		mux.Handle("/api/months/{month}", methods{"GET": s.month, "POST": s.closeMonth})
	}
	if s.Publisher != nil {
		mux.Handle("/api/months/{month}/publication", methods{"GET": s.publication, "POST": s.restate})
	}
	if s.Stage != nil {
		mux.Handle("/api/stage", methods{"GET": s.actors})
		mux.Handle("/api/stage/{device}/{act}", methods{"POST": s.act})
	}
	s.pages(mux)
	return guard(s.Hosts, mux)
}

// methods is a path's handlers by method. It answers other methods in the
// interface's own words, which the mux would not.
type methods map[string]http.HandlerFunc

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if handle, ok := m[method]; ok {
		handle(w, r)
		return
	}
	allowed := strings.Join(slices.Sorted(maps.Keys(m)), ", ")
	w.Header().Set("Allow", allowed)
	refuse(w, http.StatusMethodNotAllowed, "此地址只接受："+allowed, "this address takes only "+allowed)
}

func nowhere(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, "本机没有这个地址", "this node has no such address")
}
