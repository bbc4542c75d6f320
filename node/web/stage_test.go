package web_test

import (
	"net/http"
	"testing"

	"wangge/node/web"
)

type nodes struct {
	Nodes []struct {
		web.Actor
		Status *web.Status
	}
}

func TestTheStageShowsWhatEachProcessTells(t *testing.T) {
	st := newStage()
	s := newSite(t, web.Options{Stage: st})
	if err := st.Stop(3); err != nil {
		t.Fatal(err)
	}
	var got nodes
	s.expect(http.StatusOK, &got, "GET", "/api/stage", "")
	if len(got.Nodes) != 6 {
		t.Fatalf("got %d processes, want 6", len(got.Nodes))
	}
	for _, n := range got.Nodes {
		if told := n.Status != nil; told != (n.Device != 3) {
			t.Errorf("device %d: tells of itself: %t", n.Device, told)
		}
	}
}

func TestTheStageIsTold(t *testing.T) {
	st := newStage()
	s := newSite(t, web.Options{Stage: st})
	for _, step := range []struct {
		act          string
		cut, running bool
	}{{"cut", true, true}, {"restore", false, true}, {"stop", false, false}, {"start", false, true}} {
		s.expect(http.StatusNoContent, nil, "POST", "/api/stage/5/"+step.act, `{}`)
		if a, _ := st.find(west); a.Cut != step.cut || a.Running != step.running {
			t.Errorf("after %s: %+v", step.act, a)
		}
	}
	for _, path := range []string{"/api/stage/99/cut", "/api/stage/5/burn", "/api/stage/x/cut", "/api/stage/4294967300/cut"} {
		s.expect(http.StatusNotFound, nil, "POST", path, `{}`)
	}
}
