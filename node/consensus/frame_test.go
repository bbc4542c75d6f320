package consensus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestFramesComeBackAsTheyWent(t *testing.T) {
	for _, size := range []int{0, 1, 126, 127, 128, EntryMax, frameMax - 1} {
		var wire bytes.Buffer
		body := bytes.Repeat([]byte("x"), size)
		if err := writeFrame(&wire, askPropose, body); err != nil {
			t.Fatal(err)
		}
		tag, got, err := readFrame(&wire)
		if err != nil || tag != askPropose || !bytes.Equal(got, body) {
			t.Errorf("%d bytes came back as %d with tag %d, %v", size, len(got), tag, err)
		}
	}
}

func TestFramesAreBounded(t *testing.T) {
	if err := writeFrame(io.Discard, askPropose, make([]byte, frameMax)); err == nil {
		t.Error("a frame that is too large was written")
	}
	for name, wire := range map[string][]byte{
		"empty":     {0},
		"too large": binary.AppendUvarint(nil, frameMax+1),
		"endless":   bytes.Repeat([]byte{0xff}, 20),
	} {
		if _, _, err := readFrame(bytes.NewReader(wire)); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
	claim := io.MultiReader(bytes.NewReader(binary.AppendUvarint(nil, frameMax)), strings.NewReader("short"))
	if _, _, err := readFrame(claim); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a frame that was cut short gave %v", err)
	}
}

func FuzzReadFrame(f *testing.F) {
	var whole bytes.Buffer
	if err := writeFrame(&whole, saysDone, []byte("answer")); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte{0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x7f, 1})
	f.Fuzz(func(t *testing.T, wire []byte) {
		tag, body, err := readFrame(bytes.NewReader(wire))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := writeFrame(&again, tag, body); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if tag2, body2, err := readFrame(&again); err != nil || tag2 != tag || !bytes.Equal(body2, body) {
			t.Fatalf("%d %x came back as %d %x, %v", tag, body, tag2, body2, err)
		}
	})
}
