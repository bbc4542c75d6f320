package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"wangge/node/web"
)

// printStatus tells people what the pages tell, in the same order: the light,
// what somebody has to do, then whom the node deals with and what it holds.
func printStatus(out io.Writer, s web.Status) error {
	fmt.Fprintf(out, "%s: %s %d (%s), process %d, up since %s\n", s.County, s.Role, s.Device, s.Name, s.Process, moment(s.Started))
	fmt.Fprintf(out, "link %s, web %s\n", s.Link, s.Web)
	fmt.Fprintln(out, lightLine(s))
	fmt.Fprintf(out, "last contact with the county %s, with neighbours %s\n", moment(s.HeardHub), moment(s.HeardBox))
	if s.Hub != nil {
		fmt.Fprintf(out, "%s in term %d, leader device %d, commit %d, sure of the group at %s\n",
			s.Hub.Role, s.Hub.Term, s.Hub.Leader, s.Hub.Applied, moment(s.Hub.At))
	}
	fmt.Fprintf(out, "%d files with %d bytes; %d that records here refer to have not come yet\n", s.Files.Count, s.Files.Bytes, s.Files.Missing)
	fmt.Fprintf(out, "store of %d bytes, of which %d are free for what comes next\n", s.Store.Size, s.Store.Free)
	if s.Sink != nil {
		fmt.Fprintln(out, sinkLine(*s.Sink))
	}
	printTroubles(out, s.Troubles)
	printDealt(out, s.Dealt)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	printPeers(w, s)
	printSpaces(w, s.Spaces)
	return w.Flush()
}

// lightLine says how the node is, in words.
func lightLine(s web.Status) string {
	unsent := fmt.Sprintf("%d batches with %d bytes are not known to be at the county, the oldest of %s", s.Waiting, s.Unsent.Bytes, moment(s.Unsent.Since))
	if s.Waiting == 0 {
		unsent = ""
	}
	unsent = strings.Join(slices.DeleteFunc([]string{unsent, filesLine(s.Unsent)}, func(part string) bool { return part == "" }), "; ")
	if s.Unsent.Late {
		unsent += ": for more than a day"
	}
	switch s.Light {
	case web.LightSafe:
		return "safe: the county has confirmed every batch here, and every file of this node's"
	case web.LightWaiting:
		return "to send: " + unsent
	case web.LightSending:
		return "sending: " + unsent
	case web.LightAttention:
		if unsent == "" {
			return "needs attention: see below"
		}
		return "needs attention: see below; " + unsent
	}
	return s.Light
}

// filesLine says which files have not reached the county.
func filesLine(u web.Unsent) string {
	if u.Files+u.Previews == 0 {
		return ""
	}
	return fmt.Sprintf("%d photos or files and %d previews with %d bytes are not known to be at most of its replicas", u.Files, u.Previews, u.FileBytes)
}

// sinkLine says how the database stands that the replica keeps in step.
func sinkLine(s web.Sink) string {
	line := fmt.Sprintf("database %s: ", cmp.Or(s.Database, "of an address that cannot be read"))
	switch s.State {
	case web.SinkCurrent:
		return line + fmt.Sprintf("has all that is here; %d rows written since the start", s.Rows)
	case web.SinkStandby:
		return line + "another replica keeps it in step; this one takes over when that has gone"
	case web.SinkFailed:
		line += "could not be written at " + moment(s.FailedAt) + ", and is tried again: " + s.Error + "; "
	}
	if s.Known {
		line += fmt.Sprintf("%d records of %d batches are to be written, ", s.Records, s.Batches)
	}
	return line + "it last had all at " + moment(s.Current)
}

func printTroubles(out io.Writer, all []web.Trouble) {
	for _, t := range all {
		grave := "for information"
		if t.Grave {
			grave = "needs attention"
		}
		fmt.Fprintf(out, "\n%s (%s): %s\n", grave, t.Sort, t.What.En)
		if t.Stuck != nil {
			fmt.Fprintf(out, "  %s\n", stuckLine(*t.Stuck))
			for _, r := range t.Stuck.Records {
				fmt.Fprintf(out, "  record %s of %s: %s\n", r.ID, r.Space, r.Words.En)
			}
			if t.Stuck.More {
				fmt.Fprintln(out, "  and more records")
			}
		}
		for _, r := range t.Records {
			fmt.Fprintf(out, "  record %s of %s: %s\n", r.ID, r.Space, r.Words.En)
		}
		fmt.Fprintf(out, "  what to do: %s\n", t.Do.En)
		if t.Detail != "" {
			fmt.Fprintf(out, "  in the machine's words: %s\n", t.Detail)
		}
		if !t.At.IsZero() {
			fmt.Fprintf(out, "  first noted %s\n", moment(t.At))
		}
		if t.ID != "" {
			fmt.Fprintf(out, "  id %s\n", t.ID)
		}
	}
}

func stuckLine(s web.Stuck) string {
	if s.Offered {
		return fmt.Sprintf("%s did not take %s of writer %s (%s) from batch %d on: %d batches wait", s.By, s.Space, s.Writer, s.Author, s.From, s.Batches)
	}
	return fmt.Sprintf("%s of writer %s (%s), brought by %s, was not taken from batch %d on", s.Space, s.Writer, s.Author, s.By, s.From)
}

func printPeers(w io.Writer, s web.Status) {
	head := "\nPEER\tNAME\tROLE\tADDRESS\tCONNECTED\tHEARD\tIT LACKS\tWE LACK\tCLOCK"
	if s.Hub != nil {
		head += "\tCOMPLETE TO\tNOT TAKEN"
	}
	fmt.Fprintln(w, head+"\tLAST TROUBLE")
	for _, p := range s.Peers {
		line := []string{
			fmt.Sprint(p.Device), p.Name, p.Role, p.Address, fmt.Sprint(p.Connected), moment(p.Heard), "-", "-", "-",
		}
		if !p.Greeted.IsZero() {
			line[6] = fmt.Sprint(p.Lacks)
		}
		if !p.Told.IsZero() {
			line[7] = fmt.Sprint(p.Wants)
		}
		if p.Skew != nil {
			line[8] = fmt.Sprintf("%+d s", int(*p.Skew))
		}
		if s.Hub != nil {
			line = append(line, moment(p.Complete), fmt.Sprint(p.Refused))
		}
		fmt.Fprintln(w, strings.Join(slices.Concat(line, []string{p.Failed.En}), "\t"))
	}
}

func printSpaces(w io.Writer, all []web.Space) {
	fmt.Fprintln(w, "\nSPACE\tDIGEST\tRECORDS\tBATCHES\tAT COUNTY\t")
	for _, sp := range all {
		note := ""
		if !sp.Held {
			note = "own work for another area"
		}
		if l := sp.Leaving; l != nil {
			note = fmt.Sprintf("leaving: %d batches still to send", l.Batches)
			if l.Files > 0 {
				note += fmt.Sprintf(", %d files the county may not have", l.Files)
			}
		}
		if sp.Hollow {
			note = "records were damaged: the county has to bring them again"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\n", strings.TrimSpace(sp.Space+" "+sp.Place), sp.Digest, sp.Records, sp.Batches, sp.County, note)
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format(time.DateTime)
}
