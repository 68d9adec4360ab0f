package fs

import (
	"footagefs/catalog"
	"footagefs/verify/drive"
)

// An inode number is made of a path and of what the drive's file is itself, so that it
// lasts across mounts while the file does, and a file put in its place has another. The
// kernel keeps pages, attributes and one passthrough file by it.

// number is a hash in the making, mixed at the end.
type number drive.Number

const firstNumber = number(drive.NoFacts)

// text adds a text and its length: no two lists of texts are one text.
func (n number) text(s string) number {
	return number(drive.Number(n).Text(s).Word(uint64(len(s))))
}

func (n number) word(w uint64) number { return number(drive.Number(n).Word(w)) }

// inode finishes the number. 0 means none, 1 is the kernel's number of the root, and
// go-fuse keeps the largest for itself.
func (n number) inode() uint64 {
	h := uint64(n)
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	if h < 2 || h == ^uint64(0) {
		return 2
	}
	return h
}

// sort tells the numbers of different kinds of things at one path apart.
const (
	sortOwn    = iota + 1 // folders and empty files of our own
	sortLink              // a path and a target
	sortReport            // a path and the digest of the content
	sortRoll              // on a drive, in a roll
	sortDrive             // on a drive, in no roll
)

func ownInode(path string) uint64 { return firstNumber.word(sortOwn).text(path).inode() }

func linkInode(path, target string) uint64 {
	return firstNumber.word(sortLink).text(path).text(target).inode()
}

func reportInode(path string, digest [32]byte) uint64 {
	return firstNumber.word(sortReport).text(path).text(string(digest[:])).inode()
}

// seed tells the numbers of different drives apart; again is not 0 where a drive was
// given more than once.
func seed(f drive.FileSystem, again int) number {
	return firstNumber.text(f.ID).text(f.Prefix).word(uint64(again))
}

// inodeOf is the number of what lies at a path of a drive. Where inode numbers do not
// last, a file is its path, size and time, and a folder its path. A folder has another
// number than a file: the drive may give it the one of a file that it replaces, and the
// kernel answers EIO for ever where a number that it knows turns into something else.
func (d *driveView) inodeOf(roll catalog.RollID, path string, info *drive.Info) uint64 {
	n := d.seed.word(sortDrive)
	if roll != 0 {
		n = d.seed.word(sortRoll)
	}
	n = n.text(path)
	switch {
	case d.strong && info.Kind == drive.Regular:
		n = n.word(info.Inode)
	case d.strong:
		n = n.word(info.Inode).word(uint64(drive.Folder))
	case info.Kind == drive.Regular:
		n = n.word(uint64(info.Size)).word(uint64(info.ModTime))
	}
	return n.inode()
}

// nodeID is the number by which the kernel knows a file: its inode number, and another
// one each time the drive is opened anew, because the kernel keeps one passthrough file
// a number, and one on a drive that was pulled out answers errors for as long as
// anybody holds it open.
func (d *driveView) nodeID(inode uint64, info *drive.Info) uint64 {
	if d.epoch == 0 || info.Kind != drive.Regular {
		return inode
	}
	return number(inode).word(d.epoch).inode()
}
