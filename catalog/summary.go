package catalog

import (
	"context"
	"encoding/json"
	"maps"

	"footagefs/catalog/store"
	"footagefs/verify/finding"
)

// rederive makes the roll's summary anew; a visible change moves the version.
func (c *Catalog) rederive(r *rollState) {
	r.mu.Lock()
	if r.inv == nil {
		r.mu.Unlock()
		return
	}
	s := r.derive(r.inv, c.profile)
	s.Changed = r.sum.Changed
	changed := !sameSummary(s, r.sum)
	if changed {
		s.Changed = c.now()
	}
	stored := s.Revision == r.sum.Revision && s.RootSum == r.sum.RootSum
	r.sum = s
	r.mu.Unlock()
	if changed || !stored {
		c.mu.Lock()
		c.unsaved[r] = true
		c.mu.Unlock()
	}
	if changed {
		c.bump()
	}
}

// sameSummary compares what others see of two summaries.
func sameSummary(a, b summary) bool {
	a.Revision, a.RootSum = b.Revision, b.RootSum
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// saveSummaries stores what changed since it was last stored. What cannot be stored now is
// tried again later.
func (c *Catalog) saveSummaries(ctx context.Context) {
	if c.store.Failing() {
		return
	}
	c.mu.Lock()
	unsaved := c.unsaved
	c.unsaved = map[*rollState]bool{}
	c.mu.Unlock()
	blobs := map[store.RollKey][]byte{}
	for r := range unsaved {
		r.mu.Lock()
		if b, err := packSummary(&r.sum); err == nil && r.dbID != 0 {
			blobs[store.RollKey{ID: r.dbID, Path: r.fsPath()}] = b
		}
		r.mu.Unlock()
	}
	if len(blobs) == 0 {
		return
	}
	if !c.store.SaveSummaries(ctx, blobs) {
		c.mu.Lock()
		maps.Copy(c.unsaved, unsaved)
		c.mu.Unlock()
	}
}

// storedSummary is a summary whose paths survive JSON, whatever bytes they have.
type storedSummary struct {
	summary
	Findings []storedFinding
	Names    [][]byte // Manifest, Tool, Message
}

type storedFinding struct {
	Severity             Severity
	Code                 finding.Code
	Path, What, Do, Note []byte
}

func storeFinding(f finding.Finding) storedFinding {
	return storedFinding{f.Severity, f.Code, []byte(f.Path), []byte(f.What), []byte(f.Do), []byte(f.Note)}
}

// finding is what was stored; ok is false for what an earlier footagefs stored, a sentence
// alone. The first look finds that again.
func (f storedFinding) finding() (_ finding.Finding, ok bool) {
	return finding.Finding{
		Code: f.Code, Severity: f.Severity, Path: string(f.Path), What: string(f.What), Do: string(f.Do), Note: string(f.Note),
	}, len(f.What) > 0
}

func packSummary(s *summary) ([]byte, error) {
	st := storedSummary{summary: *s, Names: [][]byte{[]byte(s.Manifest), []byte(s.Tool), []byte(s.Message)}}
	for _, f := range s.Findings {
		st.Findings = append(st.Findings, storeFinding(f.Finding))
	}
	return json.Marshal(st)
}

// unpackSummary is packSummary's inverse; ok is false for what that did not pack.
func unpackSummary(packed []byte) (_ summary, ok bool) {
	var st storedSummary
	if err := json.Unmarshal(packed, &st); err != nil || len(st.Names) != 3 {
		return summary{}, false
	}
	s := st.summary
	s.Findings = nil
	for _, f := range st.Findings {
		if was, ok := f.finding(); ok {
			s.Findings = append(s.Findings, Finding{Finding: was})
		}
	}
	s.Manifest, s.Tool, s.Message = string(st.Names[0]), string(st.Names[1]), string(st.Names[2])
	return s, true
}
