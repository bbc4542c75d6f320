package kindfile_test

import (
	"reflect"
	"testing"
	"testing/fstest"

	"wangge/schema/kindfile"
)

func TestWrittenKindReadsBackAsItWas(t *testing.T) {
	registry, err := kindfile.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, k := range registry.Kinds() {
		text, err := kindfile.Write(k)
		if err != nil {
			t.Fatal(err)
		}
		files[k.Name+".yaml"] = &fstest.MapFile{Data: text}
	}
	again, err := kindfile.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, registry) {
		t.Error("other kinds are read than were written")
	}
	t.Logf("%s", files["hazard_report.yaml"].Data)
}
