package main

import (
	"fmt"
	"io"

	"wangge/node"
)

func megabytes(bytes uint64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

// sayFreight says which photos and files went into a bundle, and what did not.
func sayFreight(out io.Writer, x node.Export) {
	if x.Load.Files == 0 {
		return
	}
	fmt.Fprintf(out, "photos and files: %d of %d, %s of %s\n", x.Files.Files, x.Load.Files, megabytes(x.Files.Bytes), megabytes(x.Load.Bytes))
	switch left := x.Left(); {
	case left.Bytes == 0:
	case !x.More:
		fmt.Fprintf(out, "%s of them could not be read from this machine's disk: its page names them\n", megabytes(left.Bytes))
	default:
		fmt.Fprintf(out, "%s of them did not fit. They go with the next bundle, once what the other side answers to this one was imported here\n", megabytes(left.Bytes))
	}
}

// sayFiles says which photos and files a bundle brought, and what it says of this machine's.
func sayFiles(out io.Writer, m node.Import) {
	f := m.Files
	if f.New+f.Known+f.Left > 0 {
		fmt.Fprintf(out, "photos and files: %d came whole; of their pieces %d are new here, %d were held already\n", f.Whole, f.New, f.Known)
	}
	if f.Left > 0 {
		fmt.Fprintf(out, "%d pieces were left out: they are of files that no record here names, or whose list did not come. They come again with a later bundle\n", f.Left)
	}
	if f.Told && f.New+f.Known > 0 && m.More {
		fmt.Fprintf(out, "The sender had photos and files of %s for this machine: the rest comes with another bundle\n", megabytes(f.Load.Bytes))
	}
	if f.Receipts > 0 {
		fmt.Fprintf(out, "The county has %d photos and files about which this machine asked: most of its replicas have read their copy.\n", f.Receipts)
	}
}
