package drives

import (
	"bytes"
	iofs "io/fs"
	"os"
	"sort"
)

// folderHash is an ASC MHL directory hash: content over the digests of what is in
// the folder, structure over names and digests.
type folderHash struct{ path, element, content, structure string }

// folderHashes are those of every folder of a tree, the root's (path ".") last.
func folderHashes(dir, element string) ([]folderHash, error) {
	var all []folderHash
	_, err := hashFolder(dir, ".", element, &all)
	return all, err
}

func hashFolder(dir, path, element string, all *[]folderHash) (folderHash, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return folderHash{}, err
	}
	var contents, structures []string
	for _, name := range names {
		if skipped("x/"+name.Name(), name) {
			continue
		}
		content, structure, err := hashChild(dir, path, name, element, all)
		if err != nil {
			return folderHash{}, err
		}
		raw, err := decode(element, structure)
		if err != nil {
			return folderHash{}, err
		}
		named, err := Digest(element, append([]byte(name.Name()), raw...))
		if err != nil {
			return folderHash{}, err
		}
		contents, structures = append(contents, content), append(structures, named)
	}
	f := folderHash{path: path, element: element}
	if f.content, err = combine(element, contents); err != nil {
		return f, err
	}
	if f.structure, err = combine(element, structures); err != nil {
		return f, err
	}
	*all = append(*all, f)
	return f, nil
}

// hashChild is what one name adds to its folder's two lists.
func hashChild(dir, path string, name iofs.DirEntry, element string, all *[]folderHash) (content, structure string, err error) {
	if name.IsDir() {
		below := name.Name()
		if path != "." {
			below = path + "/" + below
		}
		f, err := hashFolder(dir+"/"+name.Name(), below, element, all)
		return f.content, f.structure, err
	}
	hashes, err := digestFile(dir+"/"+name.Name(), []string{element})
	if err != nil {
		return "", "", err
	}
	return hashes[0].Text, hashes[0].Text, nil
}

// combine sorts texts as text and hashes the bytes that they spell.
func combine(element string, texts []string) (string, error) {
	sort.Strings(texts)
	var b bytes.Buffer
	for _, text := range texts {
		raw, err := decode(element, text)
		if err != nil {
			return "", err
		}
		b.Write(raw)
	}
	return Digest(element, b.Bytes())
}
