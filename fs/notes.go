package fs

import (
	"sync"
	"time"

	"footagefs/catalog"
)

// notes are the messages of findings about what lies in no roll. They are collected when
// somebody asks for one: most people never do.
type notes struct {
	cat *catalog.Catalog
	now func() time.Time

	mu      sync.Mutex
	built   bool
	version uint64
	pace    pace
	byPlace map[catalog.Place]string
}

// message is what a finding says of a place, "" where there is none.
func (ns *notes) message(version uint64, place catalog.Place) string {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	start := ns.now()
	if !ns.built || ns.version != version && ns.pace.due(start) {
		ns.byPlace = strayMessages(ns.cat.Findings(catalog.Filter{}))
		ns.built, ns.version = true, version
		ns.pace.ended(start, ns.now())
	}
	return ns.byPlace[place]
}

// strayMessages keeps the first message about each place in no roll, errors before warnings.
func strayMessages(findings []catalog.Finding) map[catalog.Place]string {
	messages := make(map[catalog.Place]string)
	for _, severity := range []catalog.Severity{catalog.Error, catalog.Warning} {
		for i := range findings {
			f := &findings[i]
			place := catalog.Place{Drive: f.Drive, Path: f.Path}
			if f.RollID == 0 && f.Severity == severity && messages[place] == "" {
				messages[place] = f.Message()
			}
		}
	}
	return messages
}
