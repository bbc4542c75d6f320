package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/node/web"
)

// asProgram makes the test binary run as wangge itself, so that the processes of
// a tested county are this very code, race detector included.
const asProgram = "WANGGE_AS_PROGRAM"

func TestMain(m *testing.M) {
	fuzzing := slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.fuzzworker") })
	if os.Getenv(asProgram) != "" && !fuzzing {
		main()
	}
	os.Setenv(asProgram, "1")
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0") // of a process of the county: it would linger for a second each time it ends
	}
	os.Exit(m.Run())
}

// county is a running county of processes, and what tests ask of it.
type county struct {
	*stage
	t   *testing.T
	dir string
}

// newCounty starts one that shares nothing with any other: they live side by side, because
// most of what such a test takes is waiting.
func newCounty(t *testing.T) *county {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	s, err := setStage(dir, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	c := &county{s, t, dir}
	t.Cleanup(func() {
		s.end()
		if t.Failed() {
			c.dumpLogs()
		}
	})
	if err := s.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// dumpLogs shows the last lines of every process's log.
func (c *county) dumpLogs() {
	for _, a := range c.actors {
		b, _ := os.ReadFile(filepath.Join(a.dir, "log.txt"))
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		c.t.Logf("%s:\n%s", a.device.Name, strings.Join(lines[max(0, len(lines)-25):], "\n"))
	}
}

// The county's devices, in the order of demoDevices.
const (
	eastBox  = 4 // 城东站, 140581105211
	westBox  = 5 // 城西站, of the same township
	riverBox = 6 // 河口站, of another one
)

func (c *county) ask(device uint32) *client {
	c.t.Helper()
	a, err := c.actor(device)
	if err != nil {
		c.t.Fatal(err)
	}
	cl, err := a.client()
	if err != nil {
		c.t.Fatal(err)
	}
	return cl
}

func (c *county) status(device uint32) web.Status {
	c.t.Helper()
	s, err := c.Status(c.t.Context(), device)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// waitMax is how long a test waits for what takes seconds: on the busiest machine no longer.
const waitMax = 4 * time.Minute

// until waits for what must come true. It rests thrice as long as it looked: who asks all
// the time takes the processor from those who are asked, and who looks seldom sees no half of anything.
func (c *county) until(what string, holds func() bool) {
	c.t.Helper()
	for late := time.After(waitMax); ; {
		began := time.Now()
		if holds() {
			return
		}
		select {
		case <-time.After(min(max(50*time.Millisecond, 3*time.Since(began)), 250*time.Millisecond)):
		case <-late:
			for _, a := range c.actors {
				s, err := c.Status(context.Background(), a.device.Index)
				b, _ := json.Marshal(s)
				c.t.Logf("%s: %s %v", a.device.Name, b, err)
			}
			c.t.Fatalf("not within %s: %s", waitMax, what)
		}
	}
}

// save saves a form at a box and returns the name of its record.
func (c *county) save(device uint32, kind string, form map[string]any) web.Name {
	c.t.Helper()
	var answer struct{ Records []web.Name }
	c.send("POST", c.ask(device), "/api/records?kind="+kind, form, &answer)
	return answer.Records[len(answer.Records)-1]
}

func (c *county) edit(device uint32, name web.Name, edits ...web.Edit) {
	c.t.Helper()
	c.send("PATCH", c.ask(device), recordPath(name), map[string]any{"edits": edits}, nil)
}

func (c *county) send(method string, cl *client, path string, body, into any) {
	c.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := cl.do(c.t.Context(), method, path, "application/json", b)
	if err == nil && into != nil {
		err = json.Unmarshal(answer, into)
	}
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func recordPath(n web.Name) string {
	return fmt.Sprintf("/api/records/%s/%s/%s", n.Kind, n.Space, n.ID)
}

// look returns a record as a box shows it, and whether the box has it.
func (c *county) look(device uint32, name web.Name) (fields map[string]web.Field, level string, ok bool) {
	c.t.Helper()
	var r web.Record
	if err := c.ask(device).getJSON(c.t.Context(), recordPath(name), &r); err != nil {
		return nil, "", false
	}
	fields = map[string]web.Field{}
	for _, f := range r.Fields {
		fields[f.Name] = f
	}
	return fields, r.Reached, true
}

// total asks a replica for a report's total, current as of now.
func (c *county) total(device uint32, report string) int64 {
	c.t.Helper()
	var answer web.Answer
	err := c.ask(device).getJSON(c.t.Context(), "/api/report?current=true&report="+url.QueryEscape(report), &answer)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.Total
}

// counts reports whether the county counts so many. For a moment there may be no leader
// to be asked.
func (c *county) counts(report string, want int64) bool {
	leader := c.leader()
	return leader != 0 && c.total(leader, report) == want
}

// agreed reports whether every node is up, nothing is on its way, and all nodes
// that hold a space have the same digest of it.
func (c *county) agreed() bool {
	digests := map[string]string{}
	for _, a := range c.actors {
		s, err := c.Status(c.t.Context(), a.device.Index)
		if err != nil || s.Waiting > 0 {
			return false
		}
		for _, sp := range s.Spaces {
			if !sp.Held {
				continue
			}
			if d, ok := digests[sp.Space]; ok && d != sp.Digest {
				return false
			}
			digests[sp.Space] = sp.Digest
		}
	}
	return len(digests) > 0
}

func (c *county) leader() uint32 {
	for _, a := range c.actors[:3] {
		if s, err := c.Status(c.t.Context(), a.device.Index); err == nil && s.Hub != nil && s.Hub.Role == "leader" {
			return a.device.Index
		}
	}
	return 0
}

// visit returns a form of a visit in a community.
func visit(community string, n int) map[string]any {
	return map[string]any{
		"grid": community + "003", "household": fmt.Sprintf("%s003%04d", community, n%9999),
		"visited_at": 1730448085841 + n*60000, "person": "张桂兰", "author": "韩雪",
		"topic": "独居老人", "status": "正常", "note": fmt.Sprintf("第 %d 次敲门查看，一切正常。", n),
	}
}

// visitLines returns n visits of a county's work as NDJSON.
func visitLines(seed uint64, n int) []byte {
	g := newGenerator(seed)
	var out bytes.Buffer
	for range n {
		json.NewEncoder(&out).Encode(g.visit(g.author(authors)))
	}
	return out.Bytes()
}

// wangge runs the program to its end and returns its output.
func wangge(t *testing.T, stdin io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, bad bytes.Buffer
	code = run(t.Context(), args, stdin, &out, &bad)
	return code, out.String(), bad.String()
}
