package crdt_test

import (
	"encoding/hex"
	"strings"
	"testing"

	. "wangge/crdt"
)

// photo returns an attachment with a preview, of which n makes the content.
func photo(n byte) Attachment {
	return Attachment{
		File{Root: [32]byte{n, 31: 1}, Size: 200_000, Media: "image/jpeg"},
		File{Root: [32]byte{n, 31: 2}, Size: 9_000, Media: "image/webp"},
	}
}

func TestAnAttachmentReadsBackAsItWasWritten(t *testing.T) {
	bare := Attachment{File: File{Root: [32]byte{5}, Size: FileMax, Media: "application/vnd.ms-excel"}}
	for _, a := range []Attachment{photo(1), bare} {
		got, ok := a.Value().Attachment()
		if !ok || got != a || !a.Value().Valid() {
			t.Errorf("%+v reads back as %+v, %v", a, got, ok)
		}
	}
}

func TestAnAttachmentKeepsItsBytes(t *testing.T) {
	const want = "61" + "07000000000000000000000000000000" + "00000000000000000000000000000001" + "c09a0c" + "0a" + "696d6167652f6a706567" +
		"07000000000000000000000000000000" + "00000000000000000000000000000002" + "a846" + "0a" + "696d6167652f77656270"
	if got := hex.EncodeToString([]byte(photo(7).Value())); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatNoReplicaWouldTakeIsNoAttachment(t *testing.T) {
	for what, change := range map[string]func(*Attachment){
		"an empty file":           func(a *Attachment) { a.Size = 0 },
		"less than nothing":       func(a *Attachment) { a.Size = -1 },
		"a file beyond bounds":    func(a *Attachment) { a.Size = FileMax + 1 },
		"a preview beyond bounds": func(a *Attachment) { a.Preview.Size = PreviewMax + 1 },
		"no media type":           func(a *Attachment) { a.Media = "" },
		"half a media type":       func(a *Attachment) { a.Media = "image/" },
		"one in capitals":         func(a *Attachment) { a.Media = "image/JPEG" },
		"one with parameters":     func(a *Attachment) { a.Media = "text/html; charset=utf-8" },
		"a long one":              func(a *Attachment) { a.Media = "image/" + strings.Repeat("x", 95) },
		"a preview of no type":    func(a *Attachment) { a.Preview.Media = "" },
	} {
		a := photo(1)
		if change(&a); a.Value() != "" {
			t.Errorf("%s makes the value %x", what, a.Value())
		}
	}
	good := string(photo(1).Value())
	for what, v := range map[string]string{
		"a cut one":       good[:len(good)-1],
		"nothing in it":   "a",
		"a root alone":    good[:33],
		"no media length": good[:36],
		"bytes behind it": good + "\x00",
		"three files":     good + good[47:],
		"a longer varint": good[:33] + "\x81\x00" + good[36:],
		"an endless one":  good[:33] + strings.Repeat("\xff", 10) + "\x01" + good[36:],
		"media cut short": good[:36] + "\x64image/jpeg",
	} {
		if a, ok := Value(v).Attachment(); ok || Value(v).Valid() || a != (Attachment{}) {
			t.Errorf("%s reads as %+v", what, a)
		}
	}
}

func TestAPhotoAddedApartIsKeptAndOneTakenAwayIsGone(t *testing.T) {
	const id, kind, field = 0, "visit", FieldID(9)
	anna, boris := NewWriter(1, 0), NewWriter(2, 0)
	var here Record
	one := here.Attach(RecordID{id}, kind, field, photo(1).Value())
	here.Apply(Dot{anna, 1, 0}, 1, one, Frontier{})
	there := here.Clone()
	gone := here.Detach(RecordID{id}, kind, field, photo(1).Value())
	again := there.Attach(RecordID{id}, kind, field, photo(1).Value()) // did not see that it went
	other := there.Attach(RecordID{id}, kind, field, photo(2).Value())
	held := Frontier{anna: 1}
	here.Apply(Dot{anna, 2, 0}, 2, gone, held)
	if _, files := here.Files(); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
	here.Apply(Dot{boris, 1, 0}, 2, again, held)
	here.Apply(Dot{boris, 1, 1}, 2, other, held)
	previews, files := here.Files()
	if len(files) != 2 || len(previews) != 2 || files[0] != photo(1).File || previews[1] != photo(2).Preview {
		t.Errorf("got %+v and %+v, want both photos", previews, files)
	}
	if here.Cells[field].Conflict() || here.Cells[field].Type != Attachments {
		t.Errorf("two photos are a conflict")
	}
}

func FuzzAttachmentsSpellEverythingOnce(f *testing.F) {
	f.Add(string(photo(1).Value()))
	f.Add(string(Attachment{File: photo(2).File}.Value()))
	f.Add("a")
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := Value(s).Attachment()
		if ok && string(a.Value()) != s {
			t.Errorf("%x is written again as %x", s, a.Value())
		}
		if v := Value(s); v.Valid() != ok && strings.HasPrefix(s, "a") {
			t.Errorf("%x is valid: %v, an attachment: %v", s, v.Valid(), ok)
		}
	})
}
