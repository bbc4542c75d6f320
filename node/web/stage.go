package web

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Stage is a demonstration: a county of processes on one machine.
type Stage interface {
	Nodes() []Actor
	// Status is what the process itself tells; an error while it is not running.
	Status(ctx context.Context, device uint32) (Status, error)
	// Cut cuts a node's link or restores it; Stop ends a node's process at once,
	// as a power cut would; Start starts it again.
	Cut(device uint32, cut bool) error
	Stop(device uint32) error
	Start(device uint32) error
}

// Actor is one process of a demonstration.
type Actor struct {
	Device  uint32 `json:"device"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	Web     string `json:"web"` // URL
	Running bool   `json:"running"`
	Cut     bool   `json:"cut"`
	Process int    `json:"process"`
}

// answerMax is how long a process of a demonstration may take to tell how it
// does, before the page shows it without.
const answerMax = time.Second

// performance is an actor and what it tells of itself.
type performance struct {
	Actor
	Status *Status `json:"status,omitempty"`
}

func (s *server) actors(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answerMax)
	defer cancel()
	actors := s.Stage.Nodes()
	performances := make([]performance, len(actors))
	var asked sync.WaitGroup
	for i, actor := range actors {
		performances[i].Actor = actor
		if !actor.Running {
			continue
		}
		asked.Go(func() {
			// One that does not answer is shown so; that is no error of this page.
			if status, err := s.Stage.Status(ctx, actor.Device); err == nil {
				performances[i].Status = &status
			}
		})
	}
	asked.Wait()
	send(w, http.StatusOK, map[string]any{"nodes": performances})
}

func (s *server) act(w http.ResponseWriter, r *http.Request) {
	var nothing struct{}
	device, err := strconv.ParseUint(r.PathValue("device"), 10, 32)
	if err != nil {
		s.fail(w, r, ErrMissing)
		return
	}
	if !input(w, r, &nothing) {
		return
	}
	if err := s.perform(uint32(device), r.PathValue("act")); err != nil {
		s.fail(w, r, err)
		return
	}
	done(w)
}

func (s *server) perform(device uint32, act string) error {
	switch act {
	case "cut":
		return s.Stage.Cut(device, true)
	case "restore":
		return s.Stage.Cut(device, false)
	case "stop":
		return s.Stage.Stop(device)
	case "start":
		return s.Stage.Start(device)
	}
	return ErrMissing
}
