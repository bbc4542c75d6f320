//go:build linux || darwin

package node

import "syscall"

// diskFree returns how many bytes the disk of a folder has left, 0 if it does not say.
func diskFree(dir string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
