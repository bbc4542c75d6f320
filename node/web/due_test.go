package web_test

import (
	"net/http"
	"testing"

	"wangge/node/web"
)

func TestQuestionsForWorkAreChecked(t *testing.T) {
	s := newSite(t, web.Options{Planner: newHub()})
	for path, want := range map[string]int{
		"/api/tasks":                                   http.StatusOK,
		"/api/tasks?state=escalated&to=county":         http.StatusOK,
		"/api/tasks?state=late":                        http.StatusUnprocessableEntity,
		"/api/tasks?to=province":                       http.StatusUnprocessableEntity,
		"/api/tasks?area=140581x":                      http.StatusUnprocessableEntity,
		"/api/tasks?limit=0":                           http.StatusUnprocessableEntity,
		"/api/tasks?limit=501":                         http.StatusUnprocessableEntity,
		"/api/tasks?skip=500&limit=500":                http.StatusOK,
		"/api/tasks?skip=-1":                           http.StatusUnprocessableEntity,
		"/api/tasks?arae=140581":                       http.StatusUnprocessableEntity,
		"/api/tasks?area=140581&area=140582":           http.StatusUnprocessableEntity,
		"/api/tasks?state=open,overdue&limit=3&area=1": http.StatusOK,
	} {
		if got := s.ask("GET", path, ""); got.Code != want {
			t.Errorf("%s: code %d, want %d: %s", path, got.Code, want, got.Body)
		}
	}
}
