package seal

import (
	"context"
	"fmt"
	"path"
	"slices"

	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// compare holds the roll against all manifests that speak of it, those of histories whose
// scope lies in it included.
func (s *sealer) compare(context.Context) error {
	load := s.loader()
	files := slices.DeleteFunc(slices.Clone(s.files), func(f mhl.File) bool { return s.litter(f.Path) })
	sources, _, err := mhl.ReadSources(s.d, s.roll, files, load)
	if err != nil {
		return fmt.Errorf("reading its manifests: %w", err)
	}
	if s.histories, _, err = mhl.ReadHistories(s.d, s.roll, files, load); err != nil {
		return fmt.Errorf("reading its histories: %w", err)
	}
	known := map[string]bool{}
	for _, src := range sources {
		remember(known, src)
	}
	for _, h := range s.histories {
		if !known[h.Path] {
			sources = append(sources, h)
		}
	}
	if err := s.admitSources(sources); err != nil {
		return err
	}
	s.compared = mhl.Compare(s.name, s.files, sources, mhl.CompareOptions{Litter: s.o.Litter, RollPath: s.roll})
	return nil
}

func remember(known map[string]bool, src *mhl.Source) {
	if !src.Outside {
		known[src.Path] = true
	}
	for _, n := range src.Nested {
		remember(known, n)
	}
}

// loader remembers what it has parsed: manifests are asked for twice.
func (s *sealer) loader() mhl.Loader {
	load := s.o.Load
	if load == nil {
		load = func(p string) (*mhl.Manifest, error) { return mhl.ReadManifest(s.d, p) }
	}
	kept := map[string]*mhl.Manifest{}
	return func(p string) (*mhl.Manifest, error) {
		if m := kept[p]; m != nil {
			return m, nil
		}
		m, err := load(p)
		if err == nil {
			kept[p] = m
		}
		return m, err
	}
}

// admitSources refuses what another manifest must not be written beside.
func (s *sealer) admitSources(sources []*mhl.Source) error {
	history := false
	for _, src := range sources {
		if src.Outside || src.Below {
			continue
		}
		if !src.Trusted {
			return s.refuse(src.Path+" cannot be used or trusted", "copy it from the offload again, or remove it")
		}
		isHistory := path.Base(src.Path) == mhl.HistoryFolder
		history = history || isHistory && src.Scope == "."
		if (s.o.Legacy || !isHistory) && src.Scope == "." && !s.o.Also && !s.o.Record {
			return s.refuse("it has a manifest ("+src.Path+"), and post may refuse two", "seal it with --also if both are wanted")
		}
	}
	if s.o.Record && !history {
		return ErrNoHistory
	}
	for _, h := range s.histories {
		if !h.Trusted {
			return s.refuse(h.Path+" cannot be used or trusted", "copy it from the offload again, or remove it")
		}
	}
	return nil
}

// admit refuses options that cannot be met, and takes up what is to be recorded.
func (s *sealer) admit(context.Context) error {
	if err := s.admitOptions(); err != nil {
		return err
	}
	s.newTargets()
	for i := range s.compared.Items {
		if err := s.admitItem(&s.compared.Items[i]); err != nil {
			return err
		}
	}
	for _, f := range s.files {
		s.reportOdd(f)
	}
	if len(s.sealed) == 0 && !s.o.Record {
		return s.refuse("there is no file in it to be sealed", "offload it first")
	}
	return nil
}

func (s *sealer) admitOptions() error {
	for _, a := range s.o.Algorithms {
		if ok := a.Known() && (s.o.Legacy && legacyHas(a) || !s.o.Legacy && ascHas(a)); !ok {
			return s.refuse(fmt.Sprintf("%q is no checksum of this kind of manifest", string(a)), "choose another")
		}
	}
	for _, text := range []string{s.o.Author, s.o.Location, s.o.Comment} {
		if !mhl.Spellable(text) {
			return s.refuse(fmt.Sprintf("%q has characters that no manifest can hold", text), "leave them out")
		}
	}
	return nil
}

func legacyHas(a checksum.Algorithm) bool {
	return a == checksum.MD5 || a == checksum.SHA1 || a == checksum.XXH64 || a == checksum.XXH32
}

func ascHas(a checksum.Algorithm) bool { return a != checksum.XXH32 }

// admitItem takes up a path that is to be recorded, or is missing.
func (s *sealer) admitItem(item *mhl.Item) error {
	inHistory := mhl.AlwaysIgnored(item.Path, false)
	switch item.Kind {
	case mhl.Missing, mhl.Rejected:
		return s.admitGone(item)
	case mhl.Ignored:
		return nil
	case mhl.ManifestFile:
		if inHistory || s.o.Legacy || s.o.Record {
			return nil
		}
	case mhl.Listed:
		if inHistory && !s.o.Legacy && path.Base(item.Path) == mhl.ChainName {
			return s.refuse(item.Manifest+" lists "+item.Path+", which sealing changes", "remove one of the two manifests")
		}
	default:
		if s.o.Record {
			return nil // a verification says nothing of it
		}
	}
	if !mhl.Spellable(item.Path) {
		s.find(finding.Unlisted, item.Path, "no manifest can spell its name, it is not recorded", "tell post")
		return nil
	}
	f := &sealedFile{item: item, algorithms: s.algorithms(item)}
	if len(f.algorithms) > 0 {
		s.sealed = append(s.sealed, f)
	}
	return nil
}

// algorithms are those to record and those to verify with.
func (s *sealer) algorithms(item *mhl.Item) []checksum.Algorithm {
	list := verify.Algorithms(item)
	for _, a := range s.o.Algorithms {
		list = appendOnce(list, a)
	}
	return list
}

func appendOnce[T comparable](list []T, v T) []T {
	for _, have := range list {
		if have == v {
			return list
		}
	}
	return append(list, v)
}

// admitGone refuses a roll in which something is missing, or reports it.
func (s *sealer) admitGone(item *mhl.Item) error {
	v := verify.Verdict{Status: verify.Missing, Message: "it is listed and not there"}
	if item.Kind == mhl.Rejected {
		v = verify.Verdict{Status: verify.Rejected, Reason: item.Reason, Message: "its entry leads out of the roll or to a link"}
	}
	s.each(Result{Path: item.Path, Verdict: v})
	if s.recordsFailed() {
		return nil
	}
	return s.refuse(item.Path+" is listed by "+item.Manifest+" and "+string(v.Status), s.advice("copy it from the card"))
}

// advice is what to do about what does not verify.
func (s *sealer) advice(first string) string {
	if s.o.Legacy {
		return first + " (MHL 1.1 cannot record that something failed)"
	}
	return first + ", or seal with --record-failed to record it as it is"
}

// reportOdd finds what no manifest can list.
func (s *sealer) reportOdd(f mhl.File) {
	switch {
	case s.litter(f.Path):
	case f.Kind == drive.Symlink:
		s.find(finding.Symlink, f.Path, "a symbolic link is not recorded", "replace it by the file that it stands for")
	case f.Kind == drive.Special:
		s.find(finding.SpecialFile, f.Path, "a FIFO, socket or device is not recorded", "")
	}
}

// find adds a finding; do is what to do about it where that is not what is always to be done.
func (s *sealer) find(code finding.Code, p, what, do string) {
	s.report.Findings = append(s.report.Findings, finding.New(code, p, what).Doing(do))
}
