package crdt

// changes returns edits that make one text of another.
func changes(old, new string) []Edit {
	a, b := []rune(old), []rune(new)
	front := 0
	for front < min(len(a), len(b)) && a[front] == b[front] {
		front++
	}
	a, b = a[front:], b[front:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	return []Edit{{front, len(a), string(b)}}
}
