package drive

import "syscall"

// kindOf is the kind that a file's mode says.
func kindOf(mode uint32) Kind {
	switch mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return Regular
	case syscall.S_IFDIR:
		return Folder
	case syscall.S_IFLNK:
		return Symlink
	}
	return Special
}

// kindOfType is the kind that a folder entry's type says, 0 where it says none.
func kindOfType(typ uint8) Kind {
	switch typ {
	case syscall.DT_REG:
		return Regular
	case syscall.DT_DIR:
		return Folder
	case syscall.DT_LNK:
		return Symlink
	case syscall.DT_UNKNOWN:
		return 0
	}
	return Special
}
