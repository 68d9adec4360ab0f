package seal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// read computes what is not known and judges every file.
func (s *sealer) read(ctx context.Context) error {
	s.takeKnown()
	if err := s.run(ctx, func(f *sealedFile) bool { return f.sums == nil }, s.take); err != nil {
		return err
	}
	// Before a failure is recorded it is read once more: a bad cable or memory must not
	// condemn good footage.
	again := func(f *sealedFile) bool { return f.verdict.Status == verify.Mismatch && !f.at.IsZero() }
	if err := s.run(ctx, again, s.confirm); err != nil {
		return err
	}
	bad := 0
	var first *sealedFile
	for _, f := range s.sealed {
		if f.verdict.Status == verify.Mismatch {
			if bad++; bad == 1 {
				first = f
			}
		}
	}
	if bad == 0 || s.recordsFailed() {
		return nil
	}
	why := fmt.Sprintf("%s does not verify (%s)", first.item.Path, first.verdict.Message)
	if bad > 1 {
		why = fmt.Sprintf("%d files do not verify, the first is %s (%s)", bad, first.item.Path, first.verdict.Message)
	}
	return s.refuse(why, s.advice("copy from the card what is damaged"))
}

// recordsFailed reports whether what does not verify is recorded as such.
func (s *sealer) recordsFailed() bool { return s.o.Record || s.o.RecordFailed && !s.o.Legacy }

// takeKnown takes results that are known of files as they look now.
func (s *sealer) takeKnown() {
	if s.o.Known == nil {
		return
	}
	inode := s.d.FileSystem().Strong
	s.sealed = slices.DeleteFunc(s.sealed, func(f *sealedFile) bool {
		sums, look, ok := s.o.Known(f.item.Path)
		ok = ok && look.Same(s.looks[f.item.Path], inode)
		if ok {
			ok = f.accept(sums)
		}
		if ok {
			f.judge(s)
		}
		return !ok && s.o.Record
	})
}

// accept takes checksums if they are all that is needed.
func (f *sealedFile) accept(sums []checksum.Sum) bool {
	var kept []checksum.Sum
	for _, a := range f.algorithms {
		digest, ok := checksum.Find(sums, a)
		if !ok {
			return false
		}
		kept = append(kept, checksum.Sum{Algorithm: a, Digest: digest})
	}
	f.sums = kept
	return true
}

// run reads the files that are wanted.
func (s *sealer) run(ctx context.Context, wanted func(*sealedFile) bool, take func(*sealedFile, verify.Result) error) error {
	var jobs iter.Seq[verify.Job] = func(yield func(verify.Job) bool) {
		for _, f := range s.sealed {
			if wanted(f) && !yield(verify.Job{Path: s.onDrive(f.item.Path), Size: s.looks[f.item.Path].Size, Algorithms: f.algorithms, Key: f}) {
				return
			}
		}
	}
	return verify.Run(ctx, s.d, jobs, s.o.Read, func(r verify.Result) error {
		f := r.Key.(*sealedFile)
		if r.Err != nil {
			return s.unread(f, r.Err)
		}
		if !r.Info.Same(s.looks[f.item.Path], s.d.FileSystem().Strong) {
			return s.unread(f, verify.ErrChanged)
		}
		return take(f, r)
	})
}

// unread is what to do about a file that gave no checksums.
func (s *sealer) unread(f *sealedFile, err error) error {
	switch {
	case errors.Is(err, drive.ErrGone), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, verify.ErrChanged), errors.Is(err, verify.ErrHeldOpen), errors.Is(err, verify.ErrInMemory):
		return s.refuse(f.item.Path+": "+cause(err), "seal it when nothing writes to it any more")
	}
	s.each(Result{Path: f.item.Path, Verdict: verify.Verdict{Status: verify.Unreadable, Message: cause(err)}})
	return s.refuse(f.item.Path+" could not be read ("+cause(err)+")", "check the drive, then seal it again")
}

// cause is the innermost reason of an error.
func cause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

func (s *sealer) take(f *sealedFile, r verify.Result) error {
	if !f.accept(r.Sums) {
		return fmt.Errorf("reading %s: checksums are missing", f.item.Path)
	}
	f.at = r.At.UTC().Truncate(time.Second)
	f.judge(s)
	return nil
}

func (s *sealer) confirm(f *sealedFile, r verify.Result) error {
	if !slices.Equal(f.sums, r.Sums) {
		return s.refuse(f.item.Path+": its bytes come out differently each time they are read", "check cable and drive")
	}
	return nil
}

// judge holds what was read against what is recorded, and reports it.
func (f *sealedFile) judge(s *sealer) {
	size := s.looks[f.item.Path].Size
	f.verdict = verify.Verdict{Status: verify.Verified}
	if f.item.Kind == mhl.Listed {
		if f.verdict = verify.Judge(f.item, size, f.sums); f.verdict.Status == verify.SizeOnly || f.verdict.Status == verify.Unverifiable {
			f.verdict = verify.Verdict{Status: verify.Verified}
		}
	}
	f.hashes = s.record(f)
	result := Result{Path: f.item.Path, Verdict: f.verdict, Action: actionOf(f.hashes)}
	if f.verdict.Status == verify.Mismatch && !s.recordsFailed() {
		result.Action = "" // the roll is refused
	}
	s.each(result)
}

// actionOf is what a file is recorded as, "" where it is not.
func actionOf(hashes []mhl.Hash) mhl.Action {
	var action mhl.Action
	for _, h := range hashes {
		switch {
		case h.Action == mhl.Failed:
			return mhl.Failed
		case action != mhl.Verified:
			action = h.Action
		}
	}
	return action
}
