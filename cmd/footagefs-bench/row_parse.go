package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"footagefs/testdata/drives"
	"footagefs/verify/mhl"
)

// parsing reads the manifest of a roll of frames from memory, against the least that
// encoding/xml can do with it.
func parsing(_ context.Context, s *stage) (contest, error) {
	data := frameManifest(s.size.frames)
	return contest{
		ours: inMemory("footagefs", func() error {
			m, err := mhl.Parse(bytes.NewReader(data))
			if err == nil && len(m.Entries) != s.size.frames {
				err = fmt.Errorf("%d of %d entries", len(m.Entries), s.size.frames)
			}
			return err
		}),
		peers: []side{inMemory("encoding/xml", func() error { return tokens(data) })},
	}, nil
}

// inMemory is a side that runs in this process. What others left to collect is not its
// cost.
func inMemory(name string, work func() error) side {
	return side{
		name:    name,
		prepare: func(context.Context) error { runtime.GC(); return nil },
		run: func(context.Context) (float64, error) {
			began := time.Now()
			err := work()
			return time.Since(began).Seconds(), err
		},
	}
}

func tokens(data []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// frameManifest is an MHL 1.1 of n frames.
func frameManifest(n int) []byte {
	entries := make([]drives.Entry, n)
	for i := range entries {
		clip := fmt.Sprintf("A001C%03d_230510_R1AB", i/1600+1)
		entries[i] = drives.Entry{
			Path:    fmt.Sprintf("%s/4448x3096/%s.%07d.ari", clip, clip, 86400+i),
			Size:    int64(20_000_000 + i),
			ModTime: shot,
			Hashes:  []drives.Hash{{Element: "xxhash64be", Text: fmt.Sprintf("%016x", uint64(i+1)*0x9e3779b97f4a7c15)}},
		}
	}
	return drives.Legacy(shot, entries)
}
