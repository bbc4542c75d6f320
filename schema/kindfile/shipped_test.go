package kindfile

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"testing"

	"wangge/schema/kinds"
)

var rewrite = flag.Bool("rewrite", false, "compile the kinds that ship anew")

// What a program starts with is what stands in the YAML files, to the byte.
func TestShippedKindsAreWhatTheirFilesComeTo(t *testing.T) {
	read, err := Load(kinds.Files)
	if err != nil {
		t.Fatal(err)
	}
	want, err := encode(read.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile("../kinds/compiled.jsonl", want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(kinds.Compiled, want) {
		t.Error("the YAML files in schema/kinds come to other kinds than its compiled.jsonl: run go test ./schema/kindfile -run Shipped -rewrite")
	}
	shipped, err := decode(want)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(shipped, read.Kinds()) {
		t.Error("compiled kinds do not read back as the YAML files have them")
	}
}
