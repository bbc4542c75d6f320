package publication

import (
	"bytes"
	"encoding/json"
	"errors"

	"wangge/sync/wire"
)

// Sealed is a publication as it travels from an area to the one above it: in a file, by
// whatever road. Whoever takes it knows the area's root certificate, and asks
// policy.Authority.Published whether the seal is of the Content.
type Sealed struct {
	Publication []byte    // what Append made
	Seal        wire.Seal // of a replica of the county's hub, or of a city's or province's root
}

// SealedMost is how many bytes a sealed publication has at the most, before it is read.
const SealedMost = Most + 16<<10

// Content returns what is signed: nobody who gets a signature for something else of the
// same key can pass it off as one of a publication.
func (s Sealed) Content() []byte {
	return append([]byte("wangge publication 1\x00"), s.Publication...)
}

// sealLine is the second line of a sealed publication.
type sealLine struct {
	Certificate []byte `json:"certificate"`
	Signature   []byte `json:"signature"`
}

// AppendSealed appends the bytes of a file: the publication on a line and its seal on another.
func AppendSealed(b []byte, s Sealed) ([]byte, error) {
	if _, err := Read(s.Publication); err != nil {
		return nil, err
	}
	return appendRead(b, s)
}

// appendRead is AppendSealed of a publication that Read read already.
func appendRead(b []byte, s Sealed) ([]byte, error) {
	if len(s.Seal.Credential) == 0 || len(s.Seal.Signature) == 0 {
		return nil, errors.New("a publication without a seal is nobody's: have a replica of the hub sign it")
	}
	line, err := json.Marshal(sealLine{s.Seal.Credential, s.Seal.Signature})
	if err != nil {
		return nil, err
	}
	b = append(append(b, s.Publication...), '\n')
	return append(append(b, line...), '\n'), nil
}

// ReadSealed reads what AppendSealed made, of SealedMost bytes at the most. Nothing vouches
// for the publication until its seal is found to be that of its area.
func ReadSealed(b []byte) (Sealed, *Publication, error) {
	if len(b) > SealedMost {
		return Sealed{}, nil, tooLarge(SealedMost, len(b))
	}
	text, rest, _ := bytes.Cut(b, []byte("\n"))
	p, err := Read(text)
	if err != nil {
		return Sealed{}, nil, err
	}
	var line sealLine
	if json.Unmarshal(rest, &line) != nil {
		return Sealed{}, nil, damaged("")
	}
	s := Sealed{text, wire.Seal{Credential: line.Certificate, Signature: line.Signature}}
	if again, err := appendRead(nil, s); err != nil || !bytes.Equal(again, b) {
		return Sealed{}, nil, damaged("")
	}
	return s, p, nil
}
