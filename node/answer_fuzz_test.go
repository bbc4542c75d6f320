package node

import (
	"testing"

	"wangge/sync/wire"
)

// FuzzReadAnswer reads whatever a replica may answer to a push.
func FuzzReadAnswer(f *testing.F) {
	ack := appendMessage(nil, wire.Ack{})
	f.Add(ack)
	f.Add(appendMessage(ack, wire.Refusal{Reason: "no credential"}))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, refusals, err := readAnswer(b); err == nil && len(refusals) > len(b) {
			t.Error("more refusals than bytes")
		}
	})
}
