package odata

import (
	"net/http"
	"strconv"
	"strings"
)

// takes reports whether a client takes JSON. One that asks for Atom alone speaks an older
// OData.
func takes(accept string) bool {
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, rest, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "*/*", "application/*":
			return true
		case "application/json":
			if !strings.HasPrefix(strings.TrimSpace(rest), "odata=") { // as version 3 wrote it
				return true
			}
		}
	}
	return false
}

// preferredSize returns how many rows of a page a client prefers (OData protocol 4.0,
// section 8.2.8.5), if that is fewer than there would be.
func preferredSize(h http.Header) (rows int, ok bool) {
	for _, line := range h.Values("Prefer") {
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if name = strings.TrimPrefix(strings.ToLower(name), "odata."); name != "maxpagesize" {
				continue
			}
			if n, err := strconv.Atoi(strings.Trim(value, `" `)); err == nil && n > 0 && n < pageMax {
				return n, true
			}
		}
	}
	return 0, false
}
