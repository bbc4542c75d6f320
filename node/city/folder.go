// Package city is the folder of a city or province: what its areas published, as it came, and
// what that adds up to. It sees figures of some persons each, and never a person.
package city

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"wangge/node/policy"
	"wangge/node/publication"
)

// What lies in the folder (FORMAT.md), beside the root that signs what it publishes itself.
const (
	aboutFile   = "city.json"
	trustedDir  = "trusted"  // AREA.pem: the root certificate of an area, which somebody trusted has brought
	receivedDir = "received" // AREA-MONTH-NUMBER.publication, as they came
	publishDir  = "published"
	ending      = ".publication"
)

// Folder is the folder of one city or province. Any number of programs may use it at once.
type Folder struct {
	dir  string
	area string
	disk disk
}

// about is what the folder says of itself.
type about struct {
	Format int    `json:"format"` // 1
	Area   string `json:"area"`   // four digits of a city, two of a province
}

var codes = regexp.MustCompile(`^[1-9][0-9](?:[0-9]{2})?$`)

// Found makes a folder for a city or province, with a root of its own.
func Found(dir, area, name string, now time.Time) error {
	if !codes.MatchString(area) {
		return publication.Refuse(nil, "%q 下面没有报送的地区：请给出市的四位代码或省的两位代码", "the area %q publishes upward of no others: want the four digits of a city, or the two of a province", area)
	}
	if _, err := policy.NewCounty(dir, name, now); err != nil {
		return err
	}
	for _, sub := range []string{trustedDir, receivedDir, publishDir} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	text, err := json.Marshal(about{1, area})
	if err != nil {
		return err
	}
	d := realDisk{}
	return errors.Join(d.write(filepath.Join(dir, aboutFile), append(text, '\n')), d.sync(dir)) // last: a folder that has it is whole
}

// Open opens the folder of a city or province.
func Open(dir string) (*Folder, error) {
	b, err := os.ReadFile(filepath.Join(dir, aboutFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, publication.Refuse(nil, "%[1]s 不是市的文件夹：用 wangge init --county %[1]s --area 1405 --name 晋城市 建一个", "%[1]s is the folder of no city: make one with wangge init --county %[1]s --area 1405 --name 晋城市", dir)
	}
	if err != nil {
		return nil, err
	}
	var a about
	read := json.NewDecoder(bytes.NewReader(b))
	read.DisallowUnknownFields()
	if err := read.Decode(&a); err != nil || a.Format != 1 || !codes.MatchString(a.Area) {
		return nil, publication.Refuse(nil, `%s 读不了：请恢复它，内容是 {"format":1,"area":"1405"}，代码换成本市的`, `%s cannot be read: restore it, it says {"format":1,"area":"1405"} with the city's own code`, filepath.Join(dir, aboutFile))
	}
	return &Folder{dir, a.Area, realDisk{}}, nil
}

// Is reports whether a folder is that of a city or province.
func Is(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, aboutFile))
	return err == nil
}

// Area returns whose folder this is.
func (f *Folder) Area() string { return f.area }

// Areas returns the areas whose root is trusted here, and so those that are awaited, in
// order, by their codes and what their roots call them.
func (f *Folder) Areas() ([]Area, error) {
	names, err := filepath.Glob(filepath.Join(f.dir, trustedDir, "*.pem"))
	if err != nil {
		return nil, err
	}
	var all []Area
	for _, path := range names {
		code := strings.TrimSuffix(filepath.Base(path), ".pem")
		if older := strings.Contains(code, "."); older { // 140581.1.pem
			continue
		}
		if !f.over(code) {
			return nil, publication.Refuse(nil, "%[1]s 的文件名不是 %[2]s 下面的地区：应为代码，例如 %[2]s81.pem", "%[1]s is named after no area of %[2]s: want the code of one, such as %[2]s81.pem", path, f.area)
		}
		root, err := readRoot(path)
		if err != nil {
			return nil, err
		}
		all = append(all, Area{code, root.Name()})
	}
	slices.SortFunc(all, func(a, b Area) int { return strings.Compare(a.Code, b.Code) })
	for i := range len(all) - 1 {
		if strings.HasPrefix(all[i+1].Code, all[i].Code) {
			return nil, publication.Refuse(nil, "%s 属于 %s，两者都在 %s，会重复计算：请移走一个", "%s lies in %s, and both are in %s, so it would count twice: remove one",
				all[i+1].Code, all[i].Code, filepath.Join(f.dir, trustedDir))
		}
	}
	return all, nil
}

// Area is one that publishes to here.
type Area struct {
	Code string `json:"area"`
	Name string `json:"name"`
}

var lower = regexp.MustCompile(`^[0-9]{4}(?:[0-9]{2})?$`)

// over reports whether an area lies in the folder's own.
func (f *Folder) over(area string) bool {
	return lower.MatchString(area) && len(area) > len(f.area) && strings.HasPrefix(area, f.area)
}

// between returns the trusted area in which another lies, if there is one: a city of a
// province, which publishes for its counties.
func (f *Folder) between(area string) (string, bool) {
	for digits := len(f.area) + 2; digits < len(area); digits += 2 {
		if _, err := os.Stat(filepath.Join(f.dir, trustedDir, area[:digits]+".pem")); err == nil {
			return area[:digits], true
		}
	}
	return "", false
}

// roots returns the roots that speak for an area: AREA.pem, and of one that had to make a
// new root the earlier ones as well, AREA.1.pem.
func (f *Folder) roots(area string) ([]*policy.Authority, error) {
	var all []*policy.Authority
	for _, pattern := range []string{area + ".pem", area + ".*.pem"} {
		paths, err := filepath.Glob(filepath.Join(f.dir, trustedDir, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			root, err := readRoot(path)
			if err != nil {
				return nil, err
			}
			all = append(all, root)
		}
	}
	return all, nil
}

func readRoot(path string) (*policy.Authority, error) {
	root, err := policy.ReadAuthority(path)
	if err != nil {
		return nil, publication.Refuse(err, "%s 不是可用的根证书：请重新送来该地区的 county.crt（%v）", "%s is no root certificate that can be read: have that area's county.crt brought again (%v)", path, err)
	}
	return root, nil
}
