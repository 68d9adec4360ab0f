package mhl

import (
	"context"
	"errors"
	"fmt"
	iofs "io/fs"
	"path"

	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// ReadManifest opens a manifest beneath the drive and parses it. Errors of type *Error say
// what is wrong with the manifest, others that the drive could not read it.
func ReadManifest(d *drive.Drive, path string) (*Manifest, error) {
	f, info, err := d.OpenFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the manifest: %w", err)
	}
	defer f.Close()
	if info.Size > maxBytes {
		return nil, tooManyBytes()
	}
	return Parse(f)
}

func tooManyBytes() *Error { return unsafeInput("it is larger than %d MB", maxBytes>>20) }

// Why a source is not trusted.
const (
	reasonChain      = "chain"
	reasonManifest   = "manifest"
	reasonVersion    = "version"
	reasonUnreadable = "unreadable"
)

// reader reads the manifests of one roll, and holds them to one limit together.
type reader struct {
	d        *drive.Drive
	load     Loader
	base     string // the folder that paths are relative to, as the drive has it
	outside  bool   // base is the drive, and what is read lies above the roll
	findings []Finding
	kept     int   // bytes of memory that manifests take
	bytes    int64 // of manifest files
}

// ends reports whether an error ends the reading of a roll: the drive is gone, the reading
// was called off, or this process has no more descriptors. Others say something of one file.
func ends(err error) bool {
	return errors.Is(err, drive.ErrGone) || drive.IsShortage(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// report adds a finding: what is wrong with the path.
func (rd *reader) report(code finding.Code, path, what string) {
	rd.findings = append(rd.findings, Finding{finding.New(code, path, what), rd.outside})
}

// onDrive is a path as the drive has it.
func (rd *reader) onDrive(p string) string { return path.Join(rd.base, p) }

// manifest loads a manifest and reports what is wrong with it. An *Error came with a
// finding; other errors mean that it could not be read, which is reported too, unless
// they end the reading.
func (rd *reader) manifest(p string) (*Manifest, error) {
	m, err := rd.loadWithin(p)
	var known *Error
	switch {
	case err == nil || ends(err):
	case errors.As(err, &known):
		rd.report(known.Code, p, known.Error())
	default:
		rd.unreadable(p, err)
	}
	return m, err
}

// loadWithin loads a manifest unless those of the roll become too much of it.
func (rd *reader) loadWithin(p string) (*Manifest, error) {
	info, err := rd.d.Stat(rd.onDrive(p))
	if err != nil {
		return nil, err
	}
	if rd.bytes += info.Size; rd.bytes > maxRollBytes {
		rd.bytes -= info.Size
		return nil, unsafeInput("the manifests of this roll together are larger than %d MB", maxRollBytes>>20)
	}
	m, err := rd.load(rd.onDrive(p))
	if err != nil {
		return nil, err
	}
	n := m.cost()
	if rd.kept+n > maxRollKept {
		return nil, unsafeInput("the manifests of this roll together take more than %d MB of memory", maxRollKept>>20)
	}
	rd.kept += n
	return m, nil
}

func (rd *reader) unreadable(p string, err error) {
	f := finding.New(finding.Unreadable, p, "it could not be read ("+cause(err)+")").Doing("check the drive, the manifest is tried again")
	rd.findings = append(rd.findings, Finding{f, rd.outside})
}

// cause is the root of an error, without the paths that wrap it.
func cause(err error) string {
	var pathErr *iofs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

// reasonOf is why a source with a manifest of this error is not trusted.
func reasonOf(err error) string {
	var known *Error
	switch {
	case !errors.As(err, &known):
		return reasonUnreadable
	case known.Code == finding.ManifestVersion:
		return reasonVersion
	}
	return reasonManifest
}

// emptied is the manifest that an error says lists nothing, nil for other errors.
func emptied(err error) *Manifest {
	var known *Error
	if !errors.As(err, &known) || known.Code != finding.ManifestEmpty {
		return nil
	}
	return &Manifest{Format: known.Format, Digest: known.Digest}
}

// distrust notes why a source is not trusted, of several reasons the gravest.
func (s *Source) distrust(reason string, err error) {
	rank := map[string]int{reasonUnreadable: 1, reasonVersion: 2, reasonManifest: 3, reasonChain: 4}
	s.Trusted = false
	if rank[reason] > rank[s.Reason] {
		s.Reason, s.Err = reason, nil
		if reason == reasonUnreadable {
			s.Err = err
		}
	}
}

// single reads a manifest that stands alone. Its source is nil only with an error,
// one that ends the reading.
func (rd *reader) single(p, scope string) (*Source, error) {
	s := &Source{Path: p, Scope: scope, Outside: rd.outside, Trusted: true}
	m, err := rd.manifest(p)
	if ends(err) {
		return nil, err
	}
	if empty := emptied(err); empty != nil {
		m, err = empty, nil
	}
	if err != nil {
		s.distrust(reasonOf(err), err)
		var known *Error
		if errors.As(err, &known) {
			s.Format = known.Format
		}
		return s, nil
	}
	s.Format = m.Format
	s.Manifests = []Generation{{Path: p, Manifest: m}}
	return s, nil
}

// agrees reports whether a manifest's bytes have a checksum other than C4, which Parse
// gives.
func (rd *reader) agrees(p string, want checksum.Sum) (bool, error) {
	f, info, err := rd.d.OpenFile(rd.onDrive(p))
	if err != nil {
		return false, err
	}
	defer f.Close()
	if info.Size > maxBytes {
		return false, tooManyBytes()
	}
	got, err := checksum.Read(context.Background(), f, want.Algorithm)
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", p, err)
	}
	return len(got) == 1 && got[0] == want, nil
}
