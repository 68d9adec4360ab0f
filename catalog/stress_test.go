package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTwoLiveCatalogsOfAChangingDrive has two catalogs of one file follow a drive that
// changes, while others look, report, verify, pause and go; in the end both show what is
// there, and nothing is left running.
func TestTwoLiveCatalogsOfAChangingDrive(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	before := runtime.NumGoroutine()
	s := newShoot(t)
	var paths []string
	for i := range 5 {
		paths = append(paths, s.roll(fmt.Sprintf("A%03dR1AB", i+1), map[string]string{"a.mov": "aaa", "sub/b.mov": strings.Repeat("b", 1<<20)}))
	}
	s.settle()
	ctx, stop := context.WithTimeout(t.Context(), 6*time.Second)
	defer stop()
	var all sync.WaitGroup
	loop := func(fn func() error) {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := fn(); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	lives, end := make([]*Catalog, 2), make(chan struct{})
	var background sync.WaitGroup
	for i := range lives {
		c := s.open()
		lives[i] = c
		background.Go(func() {
			work := c.Start(context.Background())
			work.Verify(VerifyOptions{})
			<-end
			work.Stop()
		})
		loop(func() error {
			for _, r := range c.Rolls(Filter{}) {
				if _, err := c.File(ctx, r.ID, "a.mov"); err != nil && !errors.Is(err, iofs.ErrNotExist) {
					return err
				}
				c.Roll(ctx, r.ID)
				c.Days()
			}
			return c.WriteReport(ctx, io.Discard, ProblemReport, Filter{}, false)
		})
		loop(func() error {
			c.Pause()
			c.Next(Filter{Roll: "A003R1AB"})
			c.Resume()
			return sleep(ctx, 200*time.Millisecond)
		})
	}
	loop(func() error { // another process
		c, err := Open(ctx, Options{Path: s.path, Drives: []string{s.dir}})
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.AddDrive(ctx, s.dir); err != nil {
			return err
		}
		return c.Verify(ctx, Filter{}, VerifyOptions{Force: rand.IntN(2) == 0})
	})
	loop(func() error { // the drive
		roll := filepath.Join(s.dir, paths[rand.IntN(len(paths))])
		switch rand.IntN(3) {
		case 0:
			os.WriteFile(roll+"/a.mov", []byte("xxx"), 0o644)
			sleep(ctx, 50*time.Millisecond)
			return os.WriteFile(roll+"/a.mov", []byte("aaa"), 0o644)
		case 1:
			if err := os.Rename(roll, roll+"x"); err != nil {
				return err
			}
			sleep(ctx, 50*time.Millisecond)
			return os.Rename(roll+"x", roll)
		}
		return sleep(ctx, 100*time.Millisecond)
	})
	all.Wait()
	settled := func() bool {
		for _, c := range lives {
			got := statuses(c)
			for _, status := range got {
				if status != RollVerified {
					return false
				}
			}
			if len(got) != len(paths) {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(40 * time.Second); !settled(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after all is as it was: %v and %v", statuses(lives[0]), statuses(lives[1]))
		}
	}
	close(end)
	background.Wait()
	for _, c := range lives {
		for _, note := range c.Notes() {
			t.Errorf("unexpected note: %s", note)
		}
		c.Close()
	}
	for range 50 {
		if runtime.NumGoroutine() <= before+2 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%d goroutines were there before and %d are now:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
}
