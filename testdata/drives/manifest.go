package drives

import (
	iofs "io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Hash is one hash element of an entry: its name in XML, its text, and with ASC MHL
// its action ("" there means original). Element "null" has no text.
type Hash struct{ Element, Text, Action string }

// Entry is one file as a manifest records it. A Size below 0 is left out.
type Entry struct {
	Path    string
	Size    int64 // bytes
	ModTime time.Time
	Hashes  []Hash
}

// List is every regular file below dir as a manifest in dir would record it, sorted
// by path; manifests at the root, history folders and litter are not listed.
func List(dir string, elements ...string) ([]Entry, error) {
	var entries []Entry
	err := filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel := strings.TrimPrefix(path, dir+"/")
		if skipped(rel, d) {
			if d.IsDir() {
				return iofs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		hashes, err := digestFile(path, elements)
		if err != nil {
			return err
		}
		entries = append(entries, Entry{rel, info.Size(), info.ModTime(), hashes})
		return nil
	})
	sort.Slice(entries, func(i, j int) bool { return entries[i].Path < entries[j].Path })
	return entries, err
}

// skipped is true for what offload software leaves out of its manifests.
func skipped(rel string, d iofs.DirEntry) bool {
	name := d.Name()
	if d.IsDir() {
		return name == "ascmhl"
	}
	atRoot := !strings.Contains(rel, "/")
	return atRoot && strings.EqualFold(filepath.Ext(name), ".mhl") ||
		name == ".DS_Store" || name == "Thumbs.db" || strings.HasPrefix(name, "._")
}

// SealLegacy writes an MHL 1.1 of the whole folder into it, named as offload software
// does, with these hash elements in every entry, and returns its path.
func SealLegacy(dir string, at time.Time, elements ...string) (string, error) {
	entries, err := List(dir, elements...)
	if err != nil {
		return "", err
	}
	return WriteLegacy(dir, at, entries)
}

// WriteLegacy writes an MHL 1.1 with these entries into dir and returns its path.
func WriteLegacy(dir string, at time.Time, entries []Entry) (string, error) {
	path := filepath.Join(dir, filepath.Base(dir)+at.UTC().Format("_2006-01-02_150405.mhl"))
	return path, writeAt(path, Legacy(at, entries), at)
}

// SealASC appends a generation that lists the whole folder to its ASC MHL history.
func SealASC(dir string, g Generation) error {
	if g.Entries == nil {
		var err error
		if g.Entries, err = List(dir, g.Elements...); err != nil {
			return err
		}
	}
	if g.Folders {
		var err error
		if g.folders, err = folderHashes(dir, g.Elements[0]); err != nil {
			return err
		}
	}
	history := filepath.Join(dir, "ascmhl")
	if err := os.MkdirAll(history, 0o755); err != nil {
		return err
	}
	number, err := lastGeneration(history)
	if err != nil {
		return err
	}
	path := filepath.Join(history, generationName(number+1, filepath.Base(dir), g.At))
	if err := writeAt(path, ASC(g), g.At); err != nil {
		return err
	}
	return WriteChain(dir, g.At, "c4")
}

// WriteChain writes the chain over all manifests of dir's history, with hashes of
// this element (c4 is what the specification wants).
func WriteChain(dir string, at time.Time, element string) error {
	history := filepath.Join(dir, "ascmhl")
	names, err := filepath.Glob(history + "/*.mhl")
	if err != nil {
		return err
	}
	sort.Strings(names)
	var links []Hash
	for _, name := range names {
		hashes, err := digestFile(name, []string{element})
		if err != nil {
			return err
		}
		links = append(links, Hash{Element: element, Text: hashes[0].Text, Action: filepath.Base(name)})
	}
	return writeAt(history+"/ascmhl_chain.xml", chain(links), at)
}

func lastGeneration(history string) (int, error) {
	names, err := filepath.Glob(history + "/*.mhl")
	return len(names), err
}

func writeAt(path string, data []byte, at time.Time) error {
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	return os.Chtimes(path, at, at)
}
