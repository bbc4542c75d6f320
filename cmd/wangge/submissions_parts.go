package main

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"

	"wangge/schema/xlsform"
)

// exportParts are the files of an export: the submissions, what was asked several times over,
// and pictures.
type exportParts struct {
	files   fs.FS
	book    *xlsform.Workbook // in place of files: a part is a sheet
	main    string
	repeats []string
	media   *pictures
	closer  io.Closer
}

// Limits of an archive, before it costs anything.
const (
	partsMax    = 200       // tables of one export
	unpackedMax = 1 << 30   // bytes of one of its tables
	swellMax    = 300       // times that a table may be larger than it is packed
	swellFrom   = 100 << 20 // bytes, from which that is looked at
)

// openExport finds the parts of an export: of a folder, or of an archive as ODK Central gives,
// the table that is no repeat, and those that are; of a single file the file alone, and the
// repeats that are named beside it.
func openExport(file string, repeats []string, media string) (p exportParts, err error) {
	info, err := os.Stat(file)
	switch {
	case file == "-":
		p = exportParts{main: file}
	case err != nil:
		return p, err
	case info.IsDir():
		p.files = os.DirFS(file)
		err = p.sort()
	case strings.HasSuffix(strings.ToLower(file), ".zip"):
		z, bad := zip.OpenReader(file)
		if bad != nil {
			return p, fmt.Errorf("%s is no archive: %w", file, bad)
		}
		p.files, p.closer = z, z
		if err = boundedArchive(z); err == nil {
			err = p.sort()
		}
	case isBook(file):
		if p.book, err = xlsform.OpenWorkbook(file); err == nil {
			p.closer, err = p.book, p.sort()
		}
	default:
		p = exportParts{main: file}
	}
	if err == nil && len(repeats) > 0 {
		err = p.name(repeats)
	}
	if err == nil && media != "" {
		p.media, err = findPictures(os.DirFS(media))
	} else if err == nil && p.files != nil && len(repeats) == 0 {
		p.media, err = findPictures(p.files)
	}
	if err != nil {
		return p, errors.Join(err, p.close())
	}
	return p, nil
}

// openParts opens an import's file: of another system's submissions with all that belongs to
// them.
func openParts(format, file string, repeats []string, media string) (exportParts, error) {
	switch {
	case format != "odk" && isBook(file):
		return exportParts{}, misused("%s: of Excel's files only what ODK and Kobo export is read, by --format odk; save others as CSV", file)
	case format != "odk":
		return exportParts{main: file}, nil
	}
	return openExport(file, repeats, media)
}

func (p exportParts) close() error {
	if p.closer == nil {
		return nil
	}
	return p.closer.Close()
}

// name takes repeats whose files were named one by one.
func (p *exportParts) name(files []string) error {
	if p.files != nil || p.book != nil {
		return misused("--repeat goes with one file; a folder, an archive and a workbook have their repeats in them")
	}
	p.files = paths{}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			return err
		}
	}
	p.repeats = files
	return nil
}

// paths opens files by their paths, as a person gives them.
type paths struct{}

func (paths) Open(name string) (fs.File, error) { return os.Open(name) }

// sort finds out which tables are repeats.
func (p *exportParts) sort() error {
	tables, err := p.tables()
	if err != nil || len(tables) > partsMax {
		return errors.Join(err, tooMany(len(tables)))
	}
	var mains []string
	for _, name := range tables {
		table, end, err := p.table(name)
		switch {
		case p.book != nil && errors.Is(err, errNoHead):
			continue // nothing stands on that sheet
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		if end(); isRepeat(table.names) {
			p.repeats = append(p.repeats, name)
		} else {
			mains = append(mains, name)
		}
	}
	switch {
	case len(mains) == 1:
		p.main = mains[0]
		return nil
	case p.book != nil:
		return fmt.Errorf("the workbook has %d sheets of submissions (%s), want one: take the others out", len(mains), strings.Join(mains, ", "))
	}
	return fmt.Errorf("the export has %d tables of submissions (%s), want one: name the file, and its repeats by --repeat", len(mains), strings.Join(mains, ", "))
}

// tables returns the names of all tables of an export.
func (p *exportParts) tables() (all []string, err error) {
	if p.book != nil {
		return p.book.Sheets(), nil
	}
	return all, fs.WalkDir(p.files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && isTable(name) {
			all = append(all, name)
		}
		return err
	})
}

// table opens one of them.
func (p exportParts) table(name string) (t *boundedTable, end func() error, err error) {
	if p.book != nil {
		rows, err := p.book.Rows(name)
		if err != nil {
			return nil, nil, err
		}
		t = &boundedTable{rowReader: rows, in: &budget{}}
		if err := t.head(); err != nil {
			rows.Close()
			return nil, nil, err
		}
		return t, rows.Close, nil
	}
	in, err := p.files.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if t, err = openTable(bufio.NewReaderSize(decoded(bufio.NewReaderSize(in, 2*lineMax)), 2*lineMax)); err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return t, in.Close, nil
}

// called returns what a table is called.
func (p exportParts) called(table string) string {
	if p.book != nil {
		return table
	}
	return strings.TrimSuffix(path.Base(table), path.Ext(table))
}

func isBook(file string) bool {
	return slices.Contains([]string{".xlsx", ".xlsm", ".xls"}, strings.ToLower(path.Ext(file)))
}

// isTable tells tables of submissions from what else lies beside them: pictures, the account
// that ODK keeps of how forms were filled in, and what systems hide.
func isTable(name string) bool {
	hidden := strings.HasPrefix(path.Base(name), ".") || strings.HasPrefix(name, "__MACOSX/")
	return strings.EqualFold(path.Ext(name), ".csv") && !hidden && !strings.HasSuffix(name, "audit.csv") && !strings.Contains("/"+name, "/media/")
}

func tooMany(n int) error {
	if n <= partsMax {
		return nil
	}
	return fmt.Errorf("the export has %d tables; at most %d are taken", n, partsMax)
}

// boundedArchive refuses an archive that would unpack to more than a form's submissions
// ever are.
func boundedArchive(z *zip.ReadCloser) error {
	for _, f := range z.File {
		if !strings.EqualFold(path.Ext(f.Name), ".csv") {
			continue // pictures are bounded one by one
		}
		if f.UncompressedSize64 > unpackedMax || f.UncompressedSize64 > swellFrom && f.UncompressedSize64/max(f.CompressedSize64, 1) > swellMax {
			return fmt.Errorf("%s unpacks to %d MB, and no submissions do: unpack it yourself if you trust it", f.Name, f.UncompressedSize64>>20)
		}
	}
	return nil
}

// open opens the submissions.
func (p exportParts) open(stdin io.Reader) (*input, int64, error) {
	if p.book != nil {
		return &input{ReadCloser: http.NoBody}, 0, nil
	}
	if p.files == nil {
		return openInput(p.main, stdin)
	}
	if _, named := p.files.(paths); named {
		return openInput(p.main, stdin)
	}
	f, err := p.files.Open(p.main)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return &input{ReadCloser: f}, info.Size(), nil
}

// base returns a file's name without its folders, whatever system wrote it.
func base(name string) string { return path.Base(strings.ReplaceAll(name, "\\", "/")) }
