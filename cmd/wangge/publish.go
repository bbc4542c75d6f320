package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"wangge/node/publication"
	"wangge/node/report"
)

var publishVerb = verb{
	name: "publish",
	does: "write a closed month's figures for the level above: totals, never persons",
	help: `Usage: wangge publish --month MONTH [-o FILE] [flags]
       wangge publish --data CITY --month MONTH --by NAME [flags]

Writes the sealed publication of a closed month, at any replica of a county's hub: the
figures of which kinds say that they go up, by county, township or option. What
stands for too few persons is withheld, and no person, text or record is in it.
Bring the file to the city, by whatever road; wangge receive takes it there.
Number 1 is what the month was closed with. What came late since goes up when
somebody has restated the month (wangge month restate); that has the next number.

With --data it adds up what the areas of a city or province published of a month, seals
it with the folder's own root, and says where the file is that the level above receives.
It is made of publications alone, and names what it lacks. Persons that each area counted
once go side by side and are not added up. Done again it writes a restatement, under the
next number, if anything has changed.

  --month MONTH   such as 2026-11
  --number N      of a county: which publication of the month (default: the latest)
  -o FILE         of a county: the file (default AREA-MONTH-NUMBER.publication); - for
                  standard output
` + nodeHelp + `  --data DIR      instead of a node: a city's folder, which wangge init --area made
  --by NAME       of a city: who publishes it
  --incomplete    of a city: even though some areas have published nothing of the month
  --lang LANG     zh or en (default zh)
  --json          print what was written as JSON

Exit codes: 0 written, 1 failed (the month is open, or the node is away), 2 called wrongly.

Example:
  wangge month close --node http://127.0.0.1:8080 --by 王秀英 2026-11
  wangge publish --node http://127.0.0.1:8080 --month 2026-11 -o 140581-2026-11-1.publication
  wangge publish --data city --month 2026-11 --by 李建国
  wangge receive --data province city/published/1405-2026-11-1.publication
`,
	run: runPublish,
}

// publishing is what is asked of a county's hub.
type publishing struct {
	month, file string
	number      int
	json        bool
	pick        func(zh, en string) string
}

func runPublish(ctx context.Context, a *arguments) error {
	f := a.flags()
	nodeURL, data, by, lang := f.String("node", "", ""), f.String("data", "", ""), f.String("by", "", ""), f.String("lang", "zh", "")
	incomplete := f.Bool("incomplete", false, "")
	var p publishing
	f.StringVar(&p.month, "month", "", "")
	f.StringVar(&p.file, "o", "", "")
	f.IntVar(&p.number, "number", 0, "")
	f.BoolVar(&p.json, "json", false, "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if *data != "" {
		if err := errors.Join(only(f, "data", "month", "by", "incomplete", "lang", "json"), missing("--month MONTH", p.month), missing("--by NAME", *by)); err != nil {
			return misused("%w", err)
		}
		return a.publishCity(*data, p.month, *by, *incomplete, p.json)
	}
	if _, _, ok := report.MonthDays(p.month); !ok || p.number < 0 {
		return misused("give --month, such as 2026-11, and no --number for the latest")
	}
	if *by != "" || *incomplete {
		return misused("--by and --incomplete are of a city: give its --data; a county's month is published as who closed or restated it left it")
	}
	c, err := newClient(*nodeURL)
	if err != nil {
		return err
	}
	p.pick = picked(*lang == "en")
	return p.write(ctx, a, c)
}

// published is what a publication that was written says of itself.
type published struct {
	File     string `json:"file"`
	Area     string `json:"area"`
	Month    string `json:"month"`
	Number   int    `json:"number"`
	By       string `json:"by"`
	At       string `json:"at"`
	Tables   int    `json:"tables"`
	Withheld int    `json:"withheld"` // tables that stand for too few persons as a whole
}

// write has a replica make the publication, and writes it into the file.
func (p publishing) write(ctx context.Context, a *arguments, c *client) error {
	path := "/api/months/" + url.PathEscape(p.month) + "/publication"
	if p.number > 0 {
		path += "?number=" + strconv.Itoa(p.number)
	}
	b, err := c.get(ctx, path)
	if err != nil {
		return fmt.Errorf("%w (wangge month list says which months are closed)", err)
	}
	_, said, err := publication.ReadSealed(b)
	if err != nil {
		return err
	}
	if p.file == "-" {
		_, err := a.stdout.Write(b)
		return err
	}
	done := published{
		File: cmp.Or(p.file, fmt.Sprintf("%s-%s-%d.publication", said.Area, said.Month, said.Number)),
		Area: said.Area, Month: said.Month, Number: said.Number, By: said.By, At: said.At, Tables: len(said.Tables),
	}
	for _, t := range said.Tables {
		if t.Table.Withheld {
			done.Withheld++
		}
	}
	if err := writeWhole(done.File, b); err != nil {
		return err
	}
	if p.json {
		return json.NewEncoder(a.stdout).Encode(done)
	}
	_, err = fmt.Fprintf(a.stdout, p.pick("%s：%s %s 第 %d 号，%d 张表，其中 %d 张因人数过少整张不公布\n", "%s: %s, %s, number %d, %d tables, of which %d stand for too few and are withheld\n"),
		done.File, done.Area, done.Month, done.Number, done.Tables, done.Withheld)
	return err
}

// writeWhole writes a file that stands under its name when it is whole and on the disk.
func writeWhole(path string, b []byte) error {
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // gone by then if it has its name
	_, err = part.Write(b)
	for _, step := range []func() error{part.Sync, part.Close, func() error { return os.Rename(part.Name(), path) }} {
		if err == nil {
			err = step()
		}
	}
	part.Close()
	return err
}
