package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"wangge/schema"
)

// line is one form of an import, or what is wrong with it.
type line struct {
	number int    // in the file, from 1
	form   []byte // JSON
	fault  string
}

// lineMax is the longest line that can be a form, in bytes.
const lineMax = 64 << 10

// lineReader reads one line after the other: NDJSON, or CSV turned into forms.
type lineReader struct {
	in     *bufio.Reader
	number int
	table  *boundedTable
	fields []column
	forms  *submissions // of another system, in place of these
}

// readLines looks at the beginning of a file and returns its lines.
func readLines(in io.Reader, name, format string, k *schema.Kind, kinds *schema.Registry, set map[string]any, parts exportParts) (*lineReader, error) {
	packed := &input{ReadCloser: io.NopCloser(in)}
	b := bufio.NewReaderSize(packed, 2*lineMax)
	if head, _ := b.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("%s looks gzipped but is not: %v", name, err)
		}
		b, name = bufio.NewReaderSize(&swelling{in: z, packed: packed}, 2*lineMax), strings.TrimSuffix(name, ".gz")
	}
	b = bufio.NewReaderSize(decoded(b), 2*lineMax)
	if format == "" {
		format = "ndjson"
		if strings.HasSuffix(strings.ToLower(name), ".csv") {
			format = "csv"
		}
	}
	switch format {
	case "ndjson":
		return &lineReader{in: b}, nil
	case "csv":
		return readTable(b, k, kinds)
	case "odk":
		return readSubmissions(b, k, kinds, set, parts)
	}
	return nil, misused("--format %s: want ndjson, csv or odk", format)
}

// swelling refuses what unpacks to more than texts do.
type swelling struct {
	in     io.Reader
	packed *input
	taken  int64
}

func (s *swelling) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	if s.taken += int64(n); s.taken > swellFrom && s.taken/max(s.packed.read(), 1) > swellMax {
		return n, fmt.Errorf("the file unpacks to more than %d times its size, and no list does: unpack it yourself if you trust it", swellMax)
	}
	return n, err
}

// decoded returns the text in UTF-8 without a byte order mark. What is neither that nor
// UTF-16 with its mark is taken for GB18030, which Chinese offices save by default.
func decoded(b *bufio.Reader) io.Reader {
	head, err := b.Peek(lineMax)
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(b)
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		b.Discard(3)
		return b
	}
	if err == nil { // the file goes on: the last character may be cut
		for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
			head = head[:len(head)-1]
		}
	}
	if utf8.Valid(head) {
		return b
	}
	return simplifiedchinese.GB18030.NewDecoder().Reader(b)
}

func (r *lineReader) next() (line, error) {
	if r.forms != nil {
		return r.forms.line()
	}
	if r.table != nil {
		return r.nextRow()
	}
	for {
		text, err := r.in.ReadSlice('\n')
		r.number++
		l := line{number: r.number}
		if errors.Is(err, bufio.ErrBufferFull) || len(text) > lineMax {
			l.fault = fmt.Sprintf("longer than %d bytes", lineMax)
			return l, r.skip(err)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return l, fmt.Errorf("reading line %d: %w", r.number, err)
		}
		text = bytes.TrimSpace(text)
		if len(text) == 0 {
			if err != nil {
				return l, io.EOF
			}
			continue
		}
		var form map[string]json.RawMessage
		if bad := json.Unmarshal(text, &form); bad != nil {
			l.fault = "no JSON form: " + bad.Error()
		} else if !legible(string(text)) {
			l.fault = "characters that cannot be read: save the file as UTF-8"
		}
		l.form = bytes.Clone(text)
		return l, nil
	}
}

// skip passes over the rest of a line that is too long.
func (r *lineReader) skip(err error) error {
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.in.ReadSlice('\n')
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
