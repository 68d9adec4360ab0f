package drive

import "testing"

func TestSame(t *testing.T) {
	look := Info{Kind: Regular, Size: 1, ModTime: 2, ChangeTime: 3, Inode: 4, AccessTime: 5}
	for name, change := range map[string]func(*Info){
		"kind": func(i *Info) { i.Kind = Symlink }, "size": func(i *Info) { i.Size++ },
		"mtime": func(i *Info) { i.ModTime++ }, "ctime": func(i *Info) { i.ChangeTime++ }, "inode": func(i *Info) { i.Inode++ },
	} {
		other := look
		change(&other)
		if look.Same(other, true) {
			t.Errorf("a change of the %s is not seen", name)
		}
	}
	other := look
	other.Inode, other.AccessTime = 9, 9
	if !look.Same(other, false) {
		t.Error("an inode number that does not last counts")
	}
}
