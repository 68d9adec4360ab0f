package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"
)

// chunk is how much a player or copier asks for at once.
const chunk = 1 << 20

// probe works as a child process: as another user where that is wanted, and killed
// without harm where a mount hangs. Of reading it prints the seconds, those of the
// reading alone.
//
//	probe read FILE...                 all bytes, in order
//	probe random BYTES N FILE          N reads of so many bytes anywhere: their median
//	probe forget FILE...               drop the files' pages
//	probe drive SIZE DRIVE DIR FROM    make a drive
//	probe scale ROLLS FILES DIR        make one of so many rolls of so many files
func probe(args []string, stdout io.Writer) error {
	if len(args) < 2 {
		return errUsage
	}
	var cost float64
	var err error
	switch args[0] {
	case "read":
		cost, err = readAll(args[1:])
	case "random":
		cost, err = readRandom(args[1:])
	case "forget":
		return forget(args[1:])
	case "drive":
		return makeDrive(args[1:])
	case "scale":
		return makeScale(args[1:])
	default:
		return errUsage
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%.9f\n", cost)
	return err
}

func readAll(names []string) (float64, error) {
	buf := pageBuffer(chunk)
	began := time.Now()
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		// Not io.Copy: the reads are to be of this size.
		for err == nil {
			_, err = f.Read(buf)
		}
		f.Close()
		if !errors.Is(err, io.EOF) {
			return 0, err
		}
	}
	return time.Since(began).Seconds(), nil
}

// readRandom reads at the same places each time.
func readRandom(args []string) (float64, error) {
	if len(args) != 3 {
		return 0, errUsage
	}
	bytes, err1 := strconv.ParseInt(args[0], 10, 64)
	n, err2 := strconv.Atoi(args[1])
	if err := errors.Join(err1, err2); err != nil {
		return 0, fmt.Errorf("%w: %w", errUsage, err)
	}
	f, err := os.Open(args[2])
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	buf, places := pageBuffer(bytes), rand.New(rand.NewPCG(1, 2))
	costs := make([]float64, n)
	for i := range costs {
		at := places.Int64N(max(1, (info.Size()-bytes)/4096)) * 4096
		began := time.Now()
		if _, err := f.ReadAt(buf, at); err != nil {
			return 0, err
		}
		costs[i] = time.Since(began).Seconds()
	}
	return median(costs), nil
}

// pageBuffer is a buffer whose pages are there already.
func pageBuffer(bytes int64) []byte {
	buf := make([]byte, bytes)
	for i := 0; i < len(buf); i += 4096 {
		buf[i] = 1
	}
	return buf
}

func forget(names []string) error {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = forgetPages(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// probed is a side that reads files in a child.
func (b *bench) probed(name string, as user, args ...string) side {
	c := b.command(append([]string{b.probe, "probe"}, args...)...)
	c.as = as
	return side{name: name, run: func(ctx context.Context) (float64, error) {
		out, err := c.output(ctx)
		if err != nil {
			return 0, err
		}
		return strconv.ParseFloat(strings.TrimSpace(out), 64)
	}}
}

// forgotten makes a preparation of dropping the pages of files.
func (b *bench) forgotten(as user, names []string) func(context.Context) error {
	c := b.command(append([]string{b.probe, "probe", "forget"}, names...)...)
	c.as = as
	return c.run
}
