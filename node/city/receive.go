package city

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"wangge/crdt"
	"wangge/node/publication"
	"wangge/schema"
)

// Received is what a file that was taken is.
type Received struct {
	Area   string `json:"area"`
	Month  string `json:"month"`
	Number int    `json:"number"`
	Boxes  int    `json:"boxes"` // whose work was all there
	Of     int    `json:"of"`
	Tables int    `json:"tables"`
	Known  bool   `json:"known"`  // it was here already
	Latest int    `json:"latest"` // the number that is shown of the month: its own, or that of a later one
}

// Receive takes a sealed publication from a file: it finds out who sealed it and whether it
// follows what is here, and keeps it as it came. The file is on the disk once it returns.
// To receive one again is harmless. Every error says what to do.
func (f *Folder) Receive(path string, now time.Time) (Received, error) {
	b, err := readFile(path)
	if err != nil {
		return Received{}, err
	}
	sealed, p, err := f.vouched(b)
	if err != nil {
		return Received{}, err
	}
	r := Received{Area: p.Area, Month: p.Month, Number: p.Number, Boxes: p.Boxes, Of: p.Of, Tables: len(p.Tables), Latest: p.Number}
	if today := schema.Day(crdt.Int(now.UnixMilli())); p.Month >= today[:len(p.Month)] {
		return r, publication.Refuse(nil, "%[2]s 报送的 %[1]s 还没有过完（本机日期 %[3]s）：请核对本机时钟，或问该地区为什么提前结账", "%s of %s is not over, by this machine's clock, which says %s: set the clock, or ask the county why it closed it", p.Month, p.Area, today)
	}
	had, err := f.history(p.Area, p.Month)
	if err != nil {
		return r, err
	}
	var before [][]byte
	for _, h := range had {
		r.Latest = max(r.Latest, h.p.Number)
		r.Known = r.Known || bytes.Equal(h.bytes, sealed.Publication)
		before = append(before, h.bytes)
	}
	if r.Known {
		return r, f.disk.sync(filepath.Join(f.dir, receivedDir)) // who took it may have been killed before this
	}
	if err := publication.Follows(before, sealed.Publication); err != nil {
		return r, err
	}
	return r, f.keep(receivedDir, p, b)
}

// readFile reads a file that may be a sealed publication. One that is too large is not
// read.
func readFile(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, publication.Refuse(err, "文件打不开，请核对文件名和权限：%v", "the file cannot be opened, look at its name and whose it is: %v", err)
	}
	defer in.Close()
	about, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if !about.Mode().IsRegular() {
		return nil, publication.Refuse(nil, "这不是文件：请给出该地区 wangge publish 写出的文件", "this is no file: name the file that the county's wangge publish wrote")
	}
	if about.Size() > publication.SealedMost {
		return nil, tooLarge(about.Size())
	}
	b, err := io.ReadAll(io.LimitReader(in, publication.SealedMost+1)) // it may grow meanwhile
	if len(b) > publication.SealedMost {
		return nil, tooLarge(int64(len(b)))
	}
	return b, err
}

func tooLarge(size int64) error {
	return publication.Refuse(nil, "报送文件最大 %d 字节，这个文件有 %d 字节，没有读取：请给出该地区 wangge publish 写出的文件",
		"a sealed publication has %d bytes at the most, this file has %d and was not read: name the file that the county's wangge publish wrote", publication.SealedMost, size)
}

// vouched reads a sealed publication of an area that lies here, and finds out whether that
// area sealed it.
func (f *Folder) vouched(b []byte) (publication.Sealed, *publication.Publication, error) {
	sealed, p, err := publication.ReadSealed(b)
	if err != nil {
		return sealed, p, err
	}
	if p.Area == f.area {
		return sealed, p, publication.Refuse(nil, "这是 %s 自己的报送：请交到上一级", "this is what %s itself publishes: bring it to the level above", p.Area)
	}
	if !f.over(p.Area) {
		return sealed, p, publication.Refuse(nil, "这是 %s 的报送，它不属于 %s：请交到它所属的地区", "this is of %s, which does not lie in %s: bring it to whom that area belongs to", p.Area, f.area)
	}
	roots, err := f.roots(p.Area)
	if err != nil {
		return sealed, p, err
	}
	if len(roots) == 0 {
		if city, ok := f.between(p.Area); ok {
			return sealed, p, publication.Refuse(nil, "这是 %s 的报送，它属于 %s，由后者汇总后报到这里：请交到那里", "this is of %s, which lies in %s, and that publishes to here what all of its areas come to: bring it there", p.Area, city)
		}
		return sealed, p, publication.Refuse(nil, "这里还不认得 %s 的根证书：请由认识的人把它的 county.crt 送来，存为 %s", "nothing is known here of who publishes for %s: have somebody you know bring its county.crt, and put it at %s",
			p.Area, filepath.Join(f.dir, trustedDir, p.Area+".pem"))
	}
	for _, root := range roots {
		if root.Published(sealed.Content(), sealed.Seal) == nil {
			return sealed, p, nil
		}
	}
	return sealed, p, publication.Refuse(nil, "%[1]s 的 %[2]s 这份报送不是 %[1]s 签发的：途中被人改过或是伪造的，请不要使用，向该地区要原文件；如果它换了新的根证书，请把 %[1]s.pem 改名为 %[1]s.1.pem，再由认识的人送来新的",
		"what this says of %[1]s in %[2]s was not sealed by %[1]s: somebody changed or made it up on the way, so do not use it and ask that area for its file; "+
			"if it has a new root, keep %[1]s.pem as %[1]s.1.pem and have the new one brought", p.Area, p.Month)
}

// kept is a publication as it lies here.
type kept struct {
	p      *publication.Publication
	bytes  []byte // what was signed
	sealed []byte // the file
}

// history reads all that an area published of a month, the oldest first.
func (f *Folder) history(area, month string) ([]kept, error) {
	return f.read(receivedDir, area, month, f.vouched, schema.Text{Zh: "请移走它，再接收一次该地区的文件", En: "remove it and receive the county's file again"})
}

// read reads all of a month in a folder, and says what to do when a file is not whole.
func (f *Folder) read(dir, area, month string, open func([]byte) (publication.Sealed, *publication.Publication, error), todo schema.Text) ([]kept, error) {
	paths, err := filepath.Glob(filepath.Join(f.dir, dir, name(area, month, "*")))
	if err != nil {
		return nil, err
	}
	var all []kept
	for _, path := range paths {
		b, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		sealed, p, err := open(b)
		if err == nil && filepath.Base(path) != name(p.Area, p.Month, strconv.Itoa(p.Number)) {
			err = publication.Refuse(nil, "文件名与内容不符", "it has another's name")
		}
		if err != nil {
			why := publication.Say(err)
			return nil, publication.Refuse(err, "%[1]s 与收到时不同：%[2]s；原因：%[4]s", "%[1]s is not as it was: %[3]s; it says: %[5]s", path, todo.Zh, todo.En, why.Zh, why.En)
		}
		all = append(all, kept{p, sealed.Publication, b})
	}
	slices.SortFunc(all, func(a, b kept) int { return a.p.Number - b.p.Number })
	return all, nil
}

func name(area, month, number string) string {
	return strings.Join([]string{area, month, number}, "-") + ending
}

// partLife is how long what an interrupted program left is taken for one that is still at it.
const partLife = time.Hour

// keep puts a file under the name of its publication, which no file has, durably: its
// bytes, then its name. One that is cut off leaves at most a part under a name of its own.
func (f *Folder) keep(dir string, p *publication.Publication, b []byte) error {
	dir = filepath.Join(f.dir, dir)
	path := filepath.Join(dir, name(p.Area, p.Month, strconv.Itoa(p.Number)))
	if err := f.sweep(dir); err != nil {
		return err
	}
	part := fmt.Sprintf("%s.%d.part", path, os.Getpid())
	err := f.disk.write(part, b)
	if err == nil {
		err = f.disk.link(part, path)
	}
	if errors.Is(err, fs.ErrExist) {
		err = publication.Refuse(err, "另一个程序同时收下了 %[2]s 的 %[3]s 第 %[1]d 号报送：请再做一次，看是否相同", "another program took publication %d of %s for %s meanwhile: do this again to see whether it is the same", p.Number, p.Area, p.Month)
	}
	if gone := f.disk.remove(part); err == nil {
		err = gone
	}
	return errors.Join(err, f.disk.sync(dir))
}

// sweep removes the parts that programs left which were cut off.
func (f *Folder) sweep(dir string) error {
	parts, err := filepath.Glob(filepath.Join(dir, "*.part"))
	if err != nil {
		return err
	}
	for _, part := range parts {
		if about, err := os.Stat(part); err == nil && time.Since(about.ModTime()) > partLife {
			if err := f.disk.remove(part); err != nil {
				return err
			}
		}
	}
	return nil
}
