package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// reading is a contest of verification: all bytes are read each time.
func (s *stage) reading(d drive, peers ...side) contest {
	catalog := s.fresh(string(d)) + ".db"
	return contest{
		ours:  s.fg("verify", "--force", "--catalog", catalog, s.paths[d]).side("footagefs"),
		peers: peers,
	}
}

// against is a contest with a program that checks a list of its own making.
func against(d drive, program string, make, check []string) func(context.Context, *stage) (contest, error) {
	return func(ctx context.Context, s *stage) (contest, error) {
		peer, err := s.checker(ctx, d, program, make, check)
		return s.reading(d, peer), err
	}
}

// checker is a program that makes a list of a drive's files with some options and checks
// it with others.
func (s *stage) checker(ctx context.Context, d drive, program string, make, check []string) (side, error) {
	if why := missing(program); why != "" {
		return side{name: program, absent: why}, nil
	}
	names, err := files(s.paths[d])
	if err != nil {
		return side{}, err
	}
	list := s.fresh("checklist")
	if err := s.writeOutput(ctx, list, slices.Concat([]string{program}, make, names)); err != nil {
		return side{}, err
	}
	return s.command(slices.Concat([]string{program}, check, []string{list})...).side(program), nil
}

// writeOutput runs a command and keeps in a file what it prints.
func (b *bench) writeOutput(ctx context.Context, path string, args []string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("keeping the output of %s: %w", args[0], err)
	}
	w := bufio.NewWriter(f)
	c := b.command(args...)
	c.out = w
	err = c.run(ctx)
	return errors.Join(err, w.Flush(), f.Close())
}

// md5 compares with both programs that check lists of MD5. rhash would guess the kind of
// the list, twenty times slower, unless it is told.
func md5(ctx context.Context, s *stage) (contest, error) {
	coreutils, err := s.checker(ctx, takes, "md5sum", nil, []string{"--check", "--quiet"})
	if err != nil {
		return contest{}, err
	}
	rhash, err := s.checker(ctx, takes, "rhash", []string{"--md5"}, []string{"--md5", "--check"})
	return s.reading(takes, coreutils, rhash), err
}

// c4 compares with the reference tool over the same history.
func c4(_ context.Context, s *stage) (contest, error) {
	return s.reading(takesC4, s.reference(takesC4)), nil
}

// reference is the reference tool for ASC MHL, which has its verify in a command of its own.
func (s *stage) reference(d drive) side {
	return s.command("ascmhl-debug", "verify", filepath.Join(s.paths[d], rollPath)).side("ascmhl")
}

// secondAlgorithm verifies one clip with two checksums; the peer computes the slower one.
func secondAlgorithm(_ context.Context, s *stage) (contest, error) {
	names, err := files(s.paths[single])
	if err != nil {
		return contest{}, err
	}
	return s.reading(single, s.command(append([]string{"md5sum"}, names...)...).side("md5sum")), nil
}

// smallLegacy compares with the tool for MHL 1.1.
func smallLegacy(_ context.Context, s *stage) (contest, error) {
	manifest, err := manifestOf(s.paths[small])
	if err != nil {
		return contest{}, err
	}
	return s.reading(small, s.command("mhl", "verify", "-f", manifest).side("mhl")), nil
}

func smallHistory(_ context.Context, s *stage) (contest, error) {
	return s.reading(smallASC, s.reference(smallASC)), nil
}

// again verifies what is known to be verified: everything is looked at, nothing read.
func again(ctx context.Context, s *stage) (contest, error) {
	catalog, err := s.verified(ctx)
	return contest{
		ours:  s.fg("verify", "--catalog", catalog, s.paths[walked]).side("footagefs"),
		peers: []side{s.find(s.paths[walked]).side("find")},
	}, err
}

// fromDisk verifies clips of which the page cache holds nothing, against the disk's own
// speed.
func fromDisk(_ context.Context, s *stage) (contest, error) {
	if kind := fileSystem(s.dir); kind == "tmpfs" {
		return contest{}, errors.New("--dir is in memory")
	}
	names, err := files(s.paths[clips])
	if err != nil {
		return contest{}, err
	}
	c := s.reading(clips, s.fio(names))
	c.ours.prepare = s.forgotten(user{}, names)
	return c, nil
}

// fio reads the files in order, past the page cache, several requests ahead. It takes a
// while to start: the cost is what it says itself that the reading took.
func (s *stage) fio(names []string) side {
	c := s.command("fio", "--name=read", "--readonly", "--rw=read", "--bs=1M", "--direct=1", "--ioengine=libaio",
		"--iodepth=8", "--file_service_type=sequential", "--output-format=json", "--filename="+strings.Join(names, ":"))
	return side{name: "fio", absent: missing("fio"), run: func(ctx context.Context) (float64, error) {
		out, err := c.output(ctx)
		if err != nil {
			return 0, err
		}
		return fioSeconds(out, s.size.media)
	}}
}

// fioSeconds is how long fio's reading took, from its report. It must have read all.
func fioSeconds(report string, bytes int64) (float64, error) {
	var r struct {
		Jobs []struct {
			Read struct {
				Bytes  int64   `json:"io_bytes"`
				Millis float64 `json:"runtime"`
			} `json:"read"`
		} `json:"jobs"`
	}
	// fio may print warnings before its report.
	if err := json.Unmarshal([]byte(report[max(0, strings.IndexByte(report, '{')):]), &r); err != nil {
		return 0, fmt.Errorf("reading fio's report: %w", err)
	}
	if len(r.Jobs) != 1 || r.Jobs[0].Read.Bytes != bytes {
		return 0, fmt.Errorf("fio did not read %d bytes in one job", bytes)
	}
	return r.Jobs[0].Read.Millis / 1000, nil
}
