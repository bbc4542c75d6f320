package publication_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"wangge/node/publication"
	"wangge/sync/wire"
)

const goldenSeal = `{"certificate":"Y2VydGlmaWNhdGU=","signature":"AXNpZ25lZA=="}`

func sealed(t *testing.T) (publication.Sealed, []byte) {
	t.Helper()
	s := publication.Sealed{Publication: encoded(t, sample(t)), Seal: wire.Seal{Credential: []byte("certificate"), Signature: []byte("\x01signed")}}
	b, err := publication.AppendSealed(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func TestSealedBytesAreTheGoldenOnes(t *testing.T) {
	s, b := sealed(t)
	if string(b) != golden+"\n"+goldenSeal+"\n" {
		t.Errorf("%s\nis not\n%s\n%s", b, golden, goldenSeal)
	}
	if content := string(s.Content()); content != "wangge publication 1\x00"+golden {
		t.Errorf("signed is %q", content)
	}
	back, p, err := publication.ReadSealed(b)
	if err != nil || !bytes.Equal(back.Content(), s.Content()) || !bytes.Equal(back.Seal.Credential, s.Seal.Credential) || !bytes.Equal(back.Seal.Signature, s.Seal.Signature) {
		t.Errorf("read as %+v: %v", back, err)
	}
	if p.Area != "140581" || p.Tables[0].Table.Total.Value != 21 {
		t.Errorf("the publication was read as %+v", p)
	}
}

func TestWhatIsNoSealedPublicationIsRefused(t *testing.T) {
	_, b := sealed(t)
	text := string(b)
	for what, wrong := range map[string]string{
		"a publication alone":       golden,
		"one with an empty line":    golden + "\n\n",
		"one without a signature":   strings.Replace(text, `"AXNpZ25lZA=="`, `""`, 1),
		"one without a certificate": strings.Replace(text, `"Y2VydGlmaWNhdGU="`, `null`, 1),
		"a last line that is open":  text[:len(text)-1],
		"one with a line more":      text + "\n",
		"a field of another":        strings.Replace(text, `,"signature"`, `,"note":"x","signature"`, 1),
		"another spelling":          strings.Replace(text, `"certificate":`, `"certificate": `, 1),
		"a sum that is not so":      strings.Replace(text, `"value":21`, `"value":22`, 1),
		"nothing":                   "",
	} {
		if wrong == text {
			t.Errorf("%s: nothing was changed", what)
		}
		if _, _, err := publication.ReadSealed([]byte(wrong)); !errors.Is(err, publication.ErrDamaged) {
			t.Errorf("%s was read: %v", what, err)
		}
	}
	if _, _, err := publication.ReadSealed(make([]byte, publication.SealedMost+1)); !errors.Is(err, publication.ErrDamaged) {
		t.Error("what is too long was read")
	}
	if _, err := publication.AppendSealed(nil, publication.Sealed{Publication: []byte(golden)}); err == nil {
		t.Error("what nobody signed was written")
	}
	if _, err := publication.AppendSealed(nil, publication.Sealed{Publication: []byte("x"), Seal: wire.Seal{Credential: b, Signature: b}}); !errors.Is(err, publication.ErrDamaged) {
		t.Errorf("what is no publication was written: %v", err)
	}
}

func FuzzReadSealed(f *testing.F) {
	f.Add([]byte(golden + "\n" + goldenSeal + "\n"))
	f.Add([]byte(golden + "\n{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, p, err := publication.ReadSealed(b)
		if err != nil {
			return
		}
		if again, err := publication.AppendSealed(nil, s); err != nil || p == nil || !bytes.Equal(again, b) {
			t.Fatalf("%s was read and is written as %s: %v", b, again, err)
		}
	})
}
