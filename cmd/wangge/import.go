package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"wangge/node/web"
	"wangge/schema"
)

var importVerb = verb{
	name: "import",
	does: "bring records from a file into a box, or lists of the county's own into the hub",
	help: `Usage: wangge import --kind KIND [flags] FILE

Reads NDJSON (a form a line) or CSV (fields or their Chinese titles in the first
line; sets separated by ; or 、; fields of a linked form as person.name), in UTF-8
or GB18030, plain or gzipped; - reads standard input. Each line is checked like
a form typed by hand. A bad line is named and left out; the others go on.

--format odk reads what ODK and Kobo export of a form, CSV, JSON or XLSX with repeats on
sheets of their own; FILE may be a folder or an archive of a form's tables and pictures,
as ODK Central gives. Questions are found
by their names or by what people call them, whatever groups they stand in; places in four
columns are joined, and options in columns of their own gathered. Repeats become records
of their own where the kind has inline links of that name. What cannot be carried over is
listed by column and lines, and left out. What no submission says, such as the grid, --set
gives to all. A submission keeps its id: an export may be imported again and again.

Kinds that the county decides (decide: true), such as county_area_population, are brought in at
a replica of the hub, and --by says who does it. There a line whose record is there
already changes it to what the line says.

At a box a line that is there already is passed over: after a stop or a kill run the same
command again, and importing a file twice changes nothing. A line without an id
gets one from its content.

  --kind KIND     kind of all lines, such as grid_visit
  --format F      ndjson, csv or odk (default: by the file's name)
  --by NAME       at the hub: who brings them in
  --set F=VALUE   with odk: a field of every record that has none; may be repeated
  --repeat FILE   with odk: a table of what was asked several times over, such as
                  wells-homes.csv beside wells.csv; may be repeated
  --media DIR     with odk: the folder of the pictures that submissions name
` + nodeHelp + `  --json          print the outcome as JSON
  --quiet         show no progress

Exit code 3: some lines were refused or columns left out, the rest is saved.

Example:
  wangge import --kind grid_visit --node http://127.0.0.1:8080 visits.ndjson.gz
  wangge import --kind newjob_checkin riders.csv
  wangge import --kind county_area_population --node http://10.0.0.1:8080 --by 王秀英 inhabitants.csv
  wangge import --kind well_check --format odk --set grid=140581105211003 wells.json
  wangge import --kind well_check --format odk --set grid=140581105211003 --media pictures wells.xlsx
  wangge import --kind well_check --format odk --repeat wells-homes.csv --media media wells.csv
`,
	run: runImport,
}

// Limits of one request, within those of the node.
const (
	pageLines = 1000
	pageBytes = 512 << 10
)

// patience is how long an import waits for a node that does not answer, which
// may just be restarting.
const patience = 2 * time.Minute

// tally is the outcome of an import.
type tally struct {
	Lines   int `json:"lines"`
	New     int `json:"new"`
	Changed int `json:"changed,omitempty"` // at the hub
	Known   int `json:"known"`
	Refused int `json:"refused"`
}

func runImport(ctx context.Context, a *arguments) error {
	f := a.flags()
	kind, format, nodeURL := f.String("kind", "", ""), f.String("format", "", ""), f.String("node", "", "")
	asJSON, quiet := f.Bool("json", false, ""), f.Bool("quiet", false, "")
	by := f.String("by", "", "")
	var given []string
	f.Func("set", "", func(text string) error { given = append(given, text); return nil })
	media := f.String("media", "", "")
	var repeatFiles []string
	f.Func("repeat", "", func(file string) error { repeatFiles = append(repeatFiles, file); return nil })
	rest, err := a.parse(f, 1)
	if err != nil {
		return err
	}
	if *kind == "" || len(rest) != 1 || *format != "odk" && len(given)+len(repeatFiles)+len(*media) > 0 {
		return misused("want --kind KIND and one FILE; --set, --repeat and --media go with --format odk")
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	k, kinds, err := c.kind(ctx, *kind)
	if err != nil {
		return err
	}
	set, err := setFields(k, given)
	if err != nil {
		return err
	}
	parts, err := openParts(*format, rest[0], repeatFiles, *media)
	if err != nil {
		return err
	}
	defer parts.close()
	in, size, err := parts.open(a.stdin)
	if err != nil {
		return err
	}
	defer in.Close()
	if parts.media != nil {
		parts.media.send = c.uploads(ctx)
	}
	lines, err := readLines(in, parts.main, *format, k, kinds, set, parts)
	if err != nil {
		return err
	}
	i := &importing{client: c, kind: *kind, by: *by, progress: newProgress(a.stderr, *quiet, size, in.read), stderr: a.stderr}
	if err := i.all(ctx, lines); err != nil {
		return fmt.Errorf("%w (so far: %d new, %d known, %d refused; run the command again to go on)", err, i.New, i.Known, i.Refused)
	}
	i.progress.end()
	left := lines.leftOut(a.stderr)
	if *asJSON {
		json.NewEncoder(a.stdout).Encode(i.tally)
	} else {
		changed := ""
		if i.Changed > 0 {
			changed = fmt.Sprintf("%d changed, ", i.Changed)
		}
		fmt.Fprintf(a.stdout, "%d lines: %d new, %s%d there already, %d refused\n", i.Lines, i.New, changed, i.Known, i.Refused)
	}
	if i.Refused > 0 {
		return fmt.Errorf("%w: %d of %d lines", errPartial, i.Refused, i.Lines)
	}
	if left > 0 {
		return fmt.Errorf("%w: %d columns are left out, in whole or in part", errPartial, left)
	}
	return nil
}

// kind fetches the kind that is imported, and all kinds, as the node has them.
func (c *client) kind(ctx context.Context, name string) (*schema.Kind, *schema.Registry, error) {
	var answer struct {
		Kinds []schema.Kind `json:"kinds"`
	}
	if err := c.getJSON(ctx, "/api/kinds", &answer); err != nil {
		return nil, nil, err
	}
	kinds, err := schema.New(answer.Kinds)
	if err != nil {
		return nil, nil, err
	}
	k, ok := kinds.Kind(name)
	if !ok {
		return nil, nil, fmt.Errorf("%s knows no kind %q", c.base, name)
	}
	return k, kinds, nil
}

// importing is an import under way.
type importing struct {
	tally
	client   *client
	kind, by string
	progress *progress
	stderr   io.Writer
	page     []line
	bytes    int
}

func (i *importing) all(ctx context.Context, lines *lineReader) error {
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			return i.send(ctx)
		}
		if err != nil {
			return err
		}
		i.Lines++
		if l.fault != "" {
			i.refuse(l.number, l.fault)
			continue
		}
		i.page, i.bytes = append(i.page, l), i.bytes+len(l.form)+1
		if len(i.page) < pageLines && i.bytes < pageBytes {
			continue
		}
		if err := i.send(ctx); err != nil {
			return err
		}
	}
}

func (i *importing) refuse(number int, why string) {
	i.Refused++
	i.progress.pause()
	fmt.Fprintf(i.stderr, "line %d: %s\n", number, why)
}

// send has the node save a page, asking again while the node is away: what it
// saved without having said so, it will know the next time.
func (i *importing) send(ctx context.Context) error {
	if len(i.page) == 0 {
		return nil
	}
	var body bytes.Buffer
	for _, l := range i.page {
		body.Write(l.form)
		body.WriteByte('\n')
	}
	var answer struct {
		Outcomes []web.Outcome `json:"outcomes"`
	}
	q := url.Values{"kind": {i.kind}}
	if i.by != "" {
		q.Set("by", i.by)
	}
	path := "/api/import?" + q.Encode()
	b, err := i.client.insist(ctx, path, "application/x-ndjson", body.Bytes())
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &answer); err != nil || len(answer.Outcomes) != len(i.page) {
		return errors.New("the node's answer cannot be read: bring it and this program to one version")
	}
	for j, o := range answer.Outcomes {
		switch o.State {
		case "new":
			i.New++
		case "known":
			i.Known++
		case "changed":
			i.Changed++
		default:
			i.refuse(i.page[j].number, o.Problems.Error())
		}
	}
	i.page, i.bytes = i.page[:0], 0
	i.progress.show(i.tally)
	return nil
}

// insist posts until the node answers or patience ends.
func (c *client) insist(ctx context.Context, path, media string, body []byte) ([]byte, error) {
	until := time.Now().Add(patience)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		b, err := c.do(ctx, "POST", path, media, body)
		if err == nil || !errors.Is(err, errAway) || time.Now().After(until) {
			return b, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// input is an open file that counts how much of it was read.
type input struct {
	io.ReadCloser
	taken int64
}

func (in *input) Read(b []byte) (int, error) {
	n, err := in.ReadCloser.Read(b)
	in.taken += int64(n)
	return n, err
}

func (in *input) read() int64 { return in.taken }

func openInput(path string, stdin io.Reader) (*input, int64, error) {
	if path == "-" {
		return &input{ReadCloser: io.NopCloser(stdin)}, 0, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return &input{ReadCloser: f}, info.Size(), nil
}
