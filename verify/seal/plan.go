package seal

import (
	"bytes"
	"context"
	"os"
	"os/user"
	"path"
	"slices"
	"strings"
	"time"

	"footagefs/verify/checksum"
	"footagefs/verify/mhl"
)

// plan makes all that is to be written, before anything is: a nested history's manifest
// first, for its digest is recorded in the one above it.
func (s *sealer) plan(context.Context) error {
	if s.o.Legacy {
		return s.planLegacy()
	}
	s.planFiles()
	s.hashFolders()
	for _, t := range slices.Backward(s.targets) {
		if err := s.planTarget(t); err != nil {
			return err
		}
	}
	if s.targets[0].content == nil {
		return ErrNothingToRecord
	}
	return nil
}

// planFiles gives each file to its history.
func (s *sealer) planFiles() {
	for _, f := range s.sealed {
		t := s.target(path.Dir(f.item.Path))
		if len(f.hashes) == 0 || t.ignores(f.item.Path, false) {
			f.hashes = nil
			continue
		}
		t.files++
		t.entries = append(t.entries, s.entry(f, t.within(f.item.Path)))
		s.count(f)
	}
}

// entry is a file's entry under the path that its manifest gives it.
func (s *sealer) entry(f *sealedFile, listed string) mhl.Dated {
	info := s.looks[f.item.Path]
	return mhl.Dated{
		Entry:   mhl.Entry{Path: listed, Size: info.Size, Hashes: f.hashes},
		ModTime: time.Unix(0, info.ModTime), HashAt: f.at,
	}
}

func (s *sealer) count(f *sealedFile) {
	s.report.Files++
	s.report.Bytes += s.looks[f.item.Path].Size
	if actionOf(f.hashes) == mhl.Failed {
		s.report.Failed++
	}
}

// planTarget makes a history's generation, or none where there is nothing to say.
func (s *sealer) planTarget(t *target) error {
	said := t.files > 0 || len(t.entries) > 0 && !s.o.Record
	for _, n := range t.nested {
		said = said || n.content != nil
		if n.digest != "" {
			t.manifest.References = append(t.manifest.References, mhl.Reference{
				Path: t.within(path.Join(n.scope, mhl.HistoryFolder, n.name)), C4: n.digest,
			})
		}
	}
	var chain []mhl.ChainEntry
	if t.history != nil {
		chain = t.history.Chain()
	}
	if !said {
		if len(chain) > 0 {
			t.name, t.digest = chain[len(chain)-1].Path, chain[len(chain)-1].C4
		}
		return nil
	}
	slices.SortFunc(t.entries, func(a, b mhl.Dated) int { return strings.Compare(a.Path, b.Path) })
	t.manifest.Created, t.manifest.Ignore = s.stamp, t.patterns
	var manifest, list bytes.Buffer
	if err := mhl.WriteASC(&manifest, &t.manifest, t.entries, s.creator()); err != nil {
		return err
	}
	t.content = manifest.Bytes()
	t.digest = checksum.Of(t.content, checksum.C4).Digest
	t.name = s.manifestName(len(chain)+1, s.folderName(t))
	if err := mhl.WriteChain(&list, append(chain, mhl.ChainEntry{Path: t.name, C4: t.digest})); err != nil {
		return err
	}
	t.chain = list.Bytes()
	if t.scope == "." {
		s.report.Manifest, s.report.Generation = path.Join(mhl.HistoryFolder, t.name), len(chain)+1
	}
	return nil
}

func (s *sealer) folderName(t *target) string {
	if t.scope == "." {
		return s.name
	}
	return path.Base(t.scope)
}

// planLegacy makes the MHL 1.1.
func (s *sealer) planLegacy() error {
	var entries []mhl.Dated
	for _, f := range s.sealed {
		if mhl.AlwaysIgnored(f.item.Path, false) {
			continue
		}
		entries = append(entries, s.entry(f, f.item.Path))
		s.count(f)
	}
	if len(entries) == 0 {
		return s.refuse("there is no file in it to be sealed", "offload it first")
	}
	var b bytes.Buffer
	if err := mhl.WriteLegacy(&b, entries, s.creator()); err != nil {
		return err
	}
	s.legacy, s.report.Manifest = b.Bytes(), s.manifestName(0, s.name)
	return nil
}

// creator is who writes.
func (s *sealer) creator() mhl.Creator {
	by := mhl.Creator{
		Started: s.stamp, Finished: s.o.Now(), Tool: s.o.Tool, Version: s.o.Version,
		Author: s.o.Author, Location: s.o.Location, Comment: s.o.Comment, Host: "unknown", User: "unknown",
	}
	if host, err := os.Hostname(); err == nil && mhl.Spellable(host) {
		by.Host = host
	}
	if u, err := user.Current(); err == nil && mhl.Spellable(u.Username) {
		by.User = u.Username
	}
	if by.Tool == "" {
		by.Tool = "footagefs"
	}
	return by
}
