package web

import (
	"bytes"
	"fmt"
	"net/http"

	"wangge/schema"
)

// linesMax bounds one import: a page of a few batches.
const linesMax = 1000

func (s *server) imports(w http.ResponseWriter, r *http.Request) {
	data, ok := body(w, r, mediaLines, importMax)
	if !ok {
		return
	}
	desk, ok := s.writes(w, r)
	if !ok {
		return
	}
	lines := split(data)
	if len(lines) > linesMax {
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("一次最多 %d 行，请分开导入", linesMax),
			fmt.Sprintf("at most %d lines at a time: import in parts", linesMax))
		return
	}
	outcomes, err := take(desk, r.URL.Query().Get("kind"), lines)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, map[string]any{"outcomes": outcomes})
}

// split returns the lines that are not blank.
func split(data []byte) [][]byte {
	var lines [][]byte
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// take hands the lines that are forms to the desk and answers for each line, in
// order: one bad line does not keep the others out.
func take(desk Desk, kind string, lines [][]byte) ([]Outcome, error) {
	outcomes := make([]Outcome, len(lines))
	var forms []map[string]any
	var places []int
	for i, line := range lines {
		var form map[string]any
		if err := decode(line, &form); err != nil || form == nil {
			outcomes[i] = Outcome{"refused", schema.Problems{{Text: schema.Text{
				Zh: "这一行不是 JSON 表单", En: "this line is not a form in JSON"}}}}
			continue
		}
		forms, places = append(forms, form), append(places, i)
	}
	answers, err := desk.Import(kind, forms)
	if err != nil {
		return nil, err
	}
	for i, answer := range answers {
		outcomes[places[i]] = answer
	}
	return outcomes, nil
}
