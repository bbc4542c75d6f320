package store

import "syscall"

// roomLeft returns how many bytes of the disk on which a folder lies may still be
// written, and whether that is known.
func roomLeft(folder string) (left int64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * s.Bsize, true
}
