package mhl

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// history is being read.
type history struct {
	*reader
	*Source
	names  map[string]drive.Kind // what lies in its folder
	broken bool                  // the chain has an error
	notC4  bool                  // the chain uses another hash
}

// history reads the history of a scope. Its source is nil only with an error, one that
// ends the reading.
func (rd *reader) history(scope string) (*Source, error) {
	h := &history{reader: rd, Source: &Source{
		Path: path.Join(scope, historyFolder), Scope: scope, Outside: rd.outside, Format: ASC, Trusted: true,
	}}
	names, err := rd.list(h.Path)
	if ends(err) {
		return nil, err
	}
	if err != nil {
		rd.unreadable(h.Path, err)
		h.distrust(reasonUnreadable, err)
		return h.Source, nil
	}
	h.names = names
	chain, err := h.readChain()
	if err != nil {
		return nil, err
	}
	if chain == nil {
		err = h.unchained()
	} else {
		err = h.chained(chain)
	}
	return h.Source, err
}

// list is what lies in a folder, by name.
func (rd *reader) list(p string) (map[string]drive.Kind, error) {
	entries, err := rd.d.ReadDir(rd.onDrive(p))
	if err != nil {
		return nil, err
	}
	names := make(map[string]drive.Kind, len(entries))
	for _, e := range entries {
		names[e.Name] = e.Kind
	}
	return names, nil
}

// breakChain reports an error of the chain: nothing is verified by this history.
func (h *history) breakChain(code finding.Code, p, what string) {
	h.broken = true
	h.distrust(reasonChain, nil)
	h.report(code, p, what)
}

// readChain returns the chain's entries by number; none where the chain is of no use,
// which is reported. Its error ends the reading.
func (h *history) readChain() ([]chainEntry, error) {
	p := path.Join(h.Path, chainName)
	if kind, there := h.names[chainName]; !there || kind != drive.Regular && kind != drive.Unknown {
		h.breakChain(finding.ChainMissing, h.Path, "it has no "+chainName)
		return nil, nil
	}
	chain, err := h.openChain(p)
	var known *Error
	switch {
	case err == nil:
	case ends(err):
		return nil, err
	case !errors.As(err, &known):
		h.unreadable(p, err)
		h.distrust(reasonUnreadable, err)
		return nil, nil
	case known.Code == finding.ManifestUnsafe:
		h.breakChain(finding.ManifestUnsafe, p, known.Error())
		return nil, nil
	default:
		h.breakChain(finding.ChainMismatch, p, known.Error())
		return nil, nil
	}
	if err := orderChain(chain); err != nil {
		h.breakChain(finding.ChainMismatch, p, err.Error())
	}
	return chain, nil
}

func (h *history) openChain(p string) ([]chainEntry, error) {
	f, info, err := h.d.OpenFile(h.onDrive(p))
	if err != nil {
		return nil, fmt.Errorf("opening the chain: %w", err)
	}
	defer f.Close()
	if info.Size > maxBytes {
		return nil, tooManyBytes()
	}
	return parseChain(f)
}

// unchained reads the manifests of a history whose chain is of no use. They are compared
// by name only: what is missing shows all the same.
func (h *history) unchained() error {
	for _, name := range h.manifestNames(nil) {
		m, err := h.manifest(path.Join(h.Path, name))
		if ends(err) {
			return err
		}
		if m == nil {
			h.distrust(reasonOf(err), err)
		} else if m.Format == ASC {
			h.Manifests = append(h.Manifests, Generation{generationOf(name), path.Join(h.Path, name), m})
		}
	}
	slices.SortStableFunc(h.Manifests, func(a, b Generation) int { return cmp.Compare(a.Number, b.Number) })
	return nil
}

// manifestNames are the manifests in the history's folder that are not chained, sorted.
func (h *history) manifestNames(chained map[string]bool) []string {
	var names []string
	for name, kind := range h.names {
		if kind == drive.Regular && isManifestName(name) && !chained[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// chained reads the manifests that the chain lists.
func (h *history) chained(chain []chainEntry) error {
	names := make(map[string]bool, len(chain))
	for _, e := range chain {
		name, ok := chainedName(e.path)
		if !ok {
			h.breakChain(finding.ManifestUnsafe, path.Join(h.Path, chainName),
				fmt.Sprintf("its entry %q leads out of the history's folder", e.path))
			continue
		}
		if name = h.spelled(name); names[name] {
			h.breakChain(finding.ChainMismatch, path.Join(h.Path, chainName), fmt.Sprintf("it lists %q twice", name))
			continue
		}
		names[name] = true
		if err := h.generation(e, name); err != nil {
			return err
		}
	}
	if h.broken {
		return nil
	}
	for _, name := range h.manifestNames(names) {
		h.report(finding.ManifestNotInChain, path.Join(h.Path, name), "the chain does not list it, it is not used")
	}
	if h.notC4 {
		h.report(finding.ChainNotC4, h.Scope, "its history's chain uses another hash than C4")
	}
	return nil
}

// spelled is how the folder spells the name of a chained manifest: a copy may have
// changed its Unicode form.
func (h *history) spelled(name string) string {
	if _, ok := h.names[name]; ok || isASCII(name) {
		return name
	}
	found, want := name, norm.NFC.String(name)
	for other := range h.names {
		if norm.NFC.String(other) == want {
			if found != name {
				return name // not unique
			}
			found = other
		}
	}
	return found
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// generation reads one manifest that the chain lists and holds it against the chain.
func (h *history) generation(e chainEntry, name string) error {
	p := path.Join(h.Path, name)
	present, err := h.present(name)
	if err != nil {
		return err
	}
	if !present {
		h.breakChain(finding.ChainManifestMissing, p, "the chain lists it, and it is not there")
		return nil
	}
	m, err := h.manifest(p)
	if ends(err) {
		return err
	}
	if err != nil {
		h.distrustUnlessEmpty(err)
		var known *Error
		if !errors.As(err, &known) {
			return nil
		}
		if m = emptied(err); m == nil {
			return h.compare(e, p, known.Digest)
		}
	}
	if m.Format != ASC {
		h.report(finding.ManifestVersion, p, "it is no ASC MHL 2.0, though the chain lists it")
		h.distrust(reasonVersion, nil)
	} else {
		h.Manifests = append(h.Manifests, Generation{e.number, p, m})
	}
	return h.compare(e, p, m.Digest)
}

func (h *history) distrustUnlessEmpty(err error) {
	if emptied(err) == nil {
		h.distrust(reasonOf(err), err)
	}
}

// present reports whether a chained manifest is a file in the history's folder.
func (h *history) present(name string) (bool, error) {
	if !strings.Contains(name, "/") {
		kind, there := h.names[name]
		return there && (kind == drive.Regular || kind == drive.Unknown), nil
	}
	info, err := h.d.Stat(h.onDrive(path.Join(h.Path, name)))
	if ends(err) {
		return false, err
	}
	return err == nil && info.Kind == drive.Regular, nil
}

// compare holds the digest of a manifest's bytes, where it is known, against what the
// chain records.
func (h *history) compare(e chainEntry, p, digest string) error {
	agrees, err := h.agreesWith(e, p, digest)
	switch {
	case ends(err):
		return err
	case err != nil:
		h.unreadable(p, err)
		h.distrust(reasonUnreadable, err)
	case len(e.sums) == 0:
		h.breakChain(finding.ChainMismatch, p, "the chain records no checksum of it that is known")
	case !agrees:
		h.breakChain(finding.ChainMismatch, p, "it is not as it was when the chain recorded it")
	}
	return nil
}

func (h *history) agreesWith(e chainEntry, p, digest string) (bool, error) {
	if digest == "" {
		return true, nil // refused before it was read whole, and reported
	}
	for _, s := range e.sums {
		if s.Algorithm == checksum.C4 {
			return digest == s.Digest, nil
		}
	}
	for _, s := range e.sums {
		if ok, err := h.agrees(p, s); err != nil || !ok {
			return false, err
		}
	}
	h.notC4 = true
	return true, nil
}
