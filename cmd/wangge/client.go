package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"wangge/schema"
)

// client speaks to a node's HTTP interface.
type client struct {
	base string
	http http.Client
}

// nodeHelp describes the flag that every verb has which speaks to a node.
const nodeHelp = `  --node URL      the node to ask (default $WANGGE_NODE, else http://127.0.0.1:8080)
`

func newClient(node string) (*client, error) {
	node = cmp.Or(node, os.Getenv("WANGGE_NODE"), "http://127.0.0.1:8080")
	u, err := url.Parse(node)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, misused("--node %s: want an address such as http://127.0.0.1:8080", node)
	}
	return &client{strings.TrimSuffix(node, "/"), http.Client{Timeout: time.Minute}}, nil
}

// errAway says that a node could not be reached or could not answer now: asking
// again may help.
var errAway = errors.New("the node does not answer")

// answerMax bounds what a node's answer may cost.
const answerMax = 64 << 20

func (c *client) get(ctx context.Context, path string) ([]byte, error) {
	return c.do(ctx, http.MethodGet, path, "", nil)
}

func (c *client) getJSON(ctx context.Context, path string, into any) error {
	b, err := c.get(ctx, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func (c *client) do(ctx context.Context, method, path, media string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errAway, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %v", errAway, err)
	case resp.StatusCode >= 500:
		return nil, fmt.Errorf("%w: %s", errAway, said(b, resp.Status))
	case resp.StatusCode >= 400:
		return nil, fmt.Errorf("%s: %s", c.base, said(b, resp.Status))
	}
	return b, nil
}

// stream copies an answer to out as it comes, however long that takes.
func (c *client) stream(ctx context.Context, path string, out io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return err
	}
	patient := c.http
	patient.Timeout = 0
	resp, err := patient.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %v", errAway, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // what can be read of the reason
		return fmt.Errorf("%s: %s", c.base, said(b, resp.Status))
	}
	if _, err := io.Copy(out, resp.Body); err != nil {
		return fmt.Errorf("the file was cut off: ask again; the node's log says why: %w", err)
	}
	return nil
}

// said returns the sentence in which a node refused something.
func said(body []byte, status string) string {
	var answer struct {
		Error    schema.Text     `json:"error"`
		Problems schema.Problems `json:"problems"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return status
	}
	if len(answer.Problems) > 0 {
		return answer.Problems.Error()
	}
	return cmp.Or(answer.Error.En, status)
}
