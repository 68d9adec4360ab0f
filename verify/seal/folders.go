package seal

import (
	"path"
	"slices"
	"strings"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// sealedFolder is a folder whose directory hashes are being computed.
type sealedFolder struct {
	path     string // relative to the roll
	hashes   map[checksum.Algorithm]*mhl.FolderHash
	complete bool // everything in it is recorded by this generation, and none as failed
}

// hashFolders computes the directory hashes of every history's folders: those are recorded
// only where each file below was hashed in this run.
func (s *sealer) hashFolders() {
	algorithms := s.folderAlgorithms()
	for _, f := range s.files {
		if f.Kind == drive.Folder && !s.litter(f.Path) {
			s.folder(f.Path, algorithms)
		}
	}
	s.folder(".", algorithms)
	for _, f := range s.sealed {
		s.addToFolder(f, algorithms)
	}
	for i := range s.compared.Items {
		s.leaveIncomplete(&s.compared.Items[i], algorithms)
	}
	s.combineFolders(algorithms)
}

// folderAlgorithms are those that were asked for, else those that all files have.
func (s *sealer) folderAlgorithms() []checksum.Algorithm {
	if len(s.o.Algorithms) > 0 || len(s.sealed) == 0 {
		return s.o.Algorithms
	}
	var all []checksum.Algorithm
	for _, h := range s.sealed[0].hashes {
		if !slices.ContainsFunc(s.sealed, func(f *sealedFile) bool {
			return !slices.ContainsFunc(f.hashes, func(other mhl.Hash) bool { return other.Algorithm == h.Algorithm })
		}) {
			all = append(all, h.Algorithm)
		}
	}
	return all
}

// folder is that of a path in the history that records it, nil where it is ignored. The
// root of a nested history is in the one above it, too: as a folder with the same hashes.
func (s *sealer) folder(p string, algorithms []checksum.Algorithm) *sealedFolder {
	t := s.target(p)
	if p != t.scope && t.ignores(p, true) {
		return nil
	}
	if f := t.folders[p]; f != nil {
		return f
	}
	f := &sealedFolder{path: p, hashes: map[checksum.Algorithm]*mhl.FolderHash{}, complete: true}
	for _, a := range algorithms {
		f.hashes[a] = mhl.NewFolderHash(a)
	}
	t.folders[p] = f
	if p != "." && p != t.scope {
		s.folder(path.Dir(p), algorithms)
	}
	return f
}

func (s *sealer) addToFolder(f *sealedFile, algorithms []checksum.Algorithm) {
	folder := s.folder(path.Dir(f.item.Path), algorithms)
	if folder == nil || s.target(path.Dir(f.item.Path)).ignores(f.item.Path, false) {
		return
	}
	folder.complete = folder.complete && len(f.hashes) > 0 && actionOf(f.hashes) != mhl.Failed
	for _, a := range algorithms {
		digest, ok := checksum.Find(f.sums, a)
		folder.complete = folder.complete && ok && folder.hashes[a].AddFile(path.Base(f.item.Path), digest) == nil
	}
}

// leaveIncomplete notes what is there and not recorded, or recorded and not there.
func (s *sealer) leaveIncomplete(item *mhl.Item, algorithms []checksum.Algorithm) {
	if item.Kind == mhl.Ignored || item.Kind == mhl.ManifestFile || mhl.AlwaysIgnored(item.Path, false) {
		return
	}
	gone := item.Kind == mhl.Missing || item.Kind == mhl.Rejected
	if !gone && s.recorded(item.Path) {
		return
	}
	dir := path.Dir(path.Clean("/" + item.Path))[1:]
	for {
		if dir == "" {
			dir = "."
		}
		if _, there := s.looks[dir]; there || dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	if t := s.target(dir); !gone && t.ignores(item.Path, false) {
		return
	}
	if f := s.folder(dir, algorithms); f != nil {
		f.complete = false
	}
}

// recorded reports whether a file is one of those that were sealed; they are sorted.
func (s *sealer) recorded(p string) bool {
	_, ok := slices.BinarySearchFunc(s.sealed, p, func(f *sealedFile, p string) int { return strings.Compare(f.item.Path, p) })
	return ok
}

// combineFolders gives each folder's hashes to the folder above, innermost first.
func (s *sealer) combineFolders(algorithms []checksum.Algorithm) {
	for _, t := range slices.Backward(s.targets) {
		var list []*sealedFolder
		for _, f := range t.folders {
			list = append(list, f)
		}
		slices.SortFunc(list, func(a, b *sealedFolder) int { return strings.Compare("/"+path.Clean(b.path), "/"+path.Clean(a.path)) })
		root := t.folders[t.scope]
		for _, f := range list {
			if f == root {
				continue
			}
			if e := s.folderEntry(t, f, algorithms); mhl.Spellable(e.Path) {
				t.entries = append(t.entries, e)
			}
			f.addTo(t.folders[path.Dir(f.path)], algorithms)
		}
		if root == nil {
			continue
		}
		e := s.folderEntry(t, root, algorithms)
		t.manifest.Content, t.manifest.Structure = e.Content, e.Structure
		if t.above == nil {
			continue
		}
		if above := s.folder(path.Dir(t.scope), algorithms); above != nil {
			e.Path = t.above.within(t.scope)
			t.above.entries = append(t.above.entries, e)
			root.addTo(above, algorithms)
		}
	}
}

func (f *sealedFolder) addTo(above *sealedFolder, algorithms []checksum.Algorithm) {
	above.complete = above.complete && f.complete
	for _, a := range algorithms {
		above.complete = above.complete && above.hashes[a].AddFolder(path.Base(f.path), f.hashes[a].Sums()) == nil
	}
}

// folderEntry records a folder, with its hashes where it is complete.
func (s *sealer) folderEntry(t *target, f *sealedFolder, algorithms []checksum.Algorithm) mhl.Dated {
	e := mhl.Dated{Entry: mhl.Entry{Path: t.within(f.path), Folder: true, Size: -1}}
	if info, ok := s.looks[f.path]; ok {
		e.ModTime = time.Unix(0, info.ModTime)
	}
	if f.complete {
		for _, a := range algorithms {
			sums := f.hashes[a].Sums()
			e.Content, e.Structure = append(e.Content, sums.Content), append(e.Structure, sums.Structure)
		}
	}
	return e
}
