package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"footagefs/catalog"
	"footagefs/verify/finding"
)

// progress is the one display of long work on a terminal: bytes of the whole job, rate,
// time left and the current file. Elsewhere it shows nothing. Its width follows the
// terminal's at each refresh.
type progress struct {
	bars *mpb.Progress // nil where nothing is shown
	bar  *mpb.Bar

	mu      sync.Mutex
	last    time.Time
	now     catalog.Progress
	rate    rate
	current string
}

func newProgress(w io.Writer) *progress {
	p := &progress{}
	if !isTerminal(w) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(250*time.Millisecond))
	p.bar = p.bars.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░"),
		mpb.BarRemoveOnComplete(), mpb.BarWidth(20),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return p.numbers() })),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.file() })))
	return p
}

// updateTime is how often the display has something new to show at most.
const updateTime = 100 * time.Millisecond

// update takes how far the work is, however often it is called.
func (p *progress) update(now catalog.Progress) {
	if p.bars == nil || !p.take(time.Now(), now) {
		return
	}
	// One more than there is: the bar must not end before the work does.
	p.bar.SetTotal(now.BytesTotal+1, false)
	p.bar.SetCurrent(now.BytesDone)
}

// mismatches tells of every mismatch when it is found, above the display: who waits for
// hours wants to copy that file again now. The returned function ends it.
func (p *progress) mismatches(ctx context.Context, work *verifyWork) (stop func()) {
	if p.bars == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		known := map[catalog.RollID]int{}
		said := map[string]bool{}
		for tick := time.NewTicker(time.Second); ; {
			for _, message := range newMismatches(work, known, said) {
				fmt.Fprintf(p.bars, "%s\n", escape(message))
			}
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	})
	return func() { cancel(); watching.Wait() }
}

// newMismatches looks at the findings of those rolls alone that have more than before.
func newMismatches(work *verifyWork, known map[catalog.RollID]int, said map[string]bool) []string {
	var messages []string
	for _, r := range work.cat.Rolls(work.filter) {
		if r.Counts.Mismatch <= known[r.ID] {
			continue
		}
		known[r.ID] = r.Counts.Mismatch
		for _, f := range work.cat.Findings(catalog.Filter{IDs: []catalog.RollID{r.ID}}) {
			if message := f.Message(); f.Code == finding.Mismatch && !said[message] {
				said[message] = true
				messages = append(messages, message)
			}
		}
	}
	return messages
}

func (p *progress) take(at time.Time, now catalog.Progress) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at.Sub(p.last) < updateTime {
		return false
	}
	p.last, p.now, p.current = at, now, escape(now.Current)
	p.rate.add(at, now.BytesDone)
	return true
}

// end takes the display away.
func (p *progress) end() {
	if p.bars == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
}

func (p *progress) numbers() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return progressText(p.now, p.rate.perSecond()) + " "
}

func (p *progress) file() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return " " + p.current
}

// progressText says bytes, rate and time left. Before there is a rate to trust, no time is
// promised.
func progressText(now catalog.Progress, perSecond float64) string {
	text := fmt.Sprintf("%s of %s", bytesText(now.BytesDone), bytesText(now.BytesTotal))
	if perSecond < 1 {
		return text
	}
	left := time.Duration(float64(now.BytesTotal-now.BytesDone) / perSecond * float64(time.Second))
	return fmt.Sprintf("%s  %s/s  %s left", text, bytesText(int64(perSecond)), leftText(left))
}

// leftText is a time to wait, no more exact than it can be known.
func leftText(d time.Duration) string {
	switch d = max(d, 0); {
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%ds", int(d.Seconds())+1)
}

// rateWindow is how long ago the rate begins: long enough to be calm, short enough to
// follow a drive that slows down.
const rateWindow = 30 * time.Second

// rate is how fast bytes were done within the last rateWindow.
type rate struct{ samples []sample }

type sample struct {
	at    time.Time
	bytes int64
}

func (r *rate) add(at time.Time, bytes int64) {
	r.samples = append(r.samples, sample{at, bytes})
	for len(r.samples) > 2 && at.Sub(r.samples[1].at) > rateWindow {
		r.samples = r.samples[1:]
	}
}

// perSecond is 0 where too little is known.
func (r *rate) perSecond() float64 {
	if len(r.samples) < 2 {
		return 0
	}
	first, last := r.samples[0], r.samples[len(r.samples)-1]
	elapsed := last.at.Sub(first.at).Seconds()
	if elapsed < 1 {
		return 0
	}
	return float64(last.bytes-first.bytes) / elapsed
}
