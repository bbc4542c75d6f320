package export

import (
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// pageWindow is how far back a page's compression looks: no page is longer, and the library's
// own codec keeps twice eight megabytes for it in each of its encoders.
const pageWindow = 1 << 20

// pageCodec is zstd with one encoder for a whole file.
type pageCodec struct {
	compress.Codec // reads, and says what it is called
	encoder        *zstd.Encoder
}

func newPageCodec() (*pageCodec, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(pageWindow), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	return &pageCodec{&parquet.Zstd, encoder}, err
}

// Encode packs one page.
func (c *pageCodec) Encode(dst, src []byte) ([]byte, error) {
	return c.encoder.EncodeAll(src, dst[:0]), nil
}
