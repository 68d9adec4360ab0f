package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"footagefs/testdata/drives"
)

// drive names a drive that rows are measured on.
type drive string

const (
	clips      drive = "clips"      // 8 clips of random bytes, sealed with XXH64
	clipsXXH3  drive = "clips-xxh3" // the same files, sealed with XXH3 (128 bits)
	takes      drive = "takes"      // 16 clips, MD5
	takesC4    drive = "takes-c4"   // the same files, C4 in an ASC MHL history
	single     drive = "single"     // one clip, MD5 and XXH64
	walked     drive = "walked"     // many files in walkedRolls rolls
	attributed drive = "attributed" // the same with attributes of its own
	small      drive = "small"      // many files of 1 KiB in one roll
	smallASC   drive = "small-asc"  // the same files in an ASC MHL history
	many       drive = "library"    // many rolls
)

// recipe is how a drive is made. A drive made from another links its files.
type recipe struct {
	from drive
	make func(s size, dir, from string) error
}

var recipes = map[drive]recipe{
	clips:     {make: media(8, legacy("xxhash64be"))},
	clipsXXH3: {from: clips, make: linked(asc("xxh128"))},
	takes:     {make: media(16, legacy("md5"))},
	takesC4:   {from: takes, make: linked(asc("c4"))},
	single:    {make: media(1, legacy("md5", "xxhash64be"))},
	walked: {make: func(s size, dir, _ string) error {
		return drives.Scale(dir, walkedRolls, s.files/walkedRolls, scaleFile)
	}},
	attributed: {make: attribute},
	small:      {make: func(s size, dir, _ string) error { return drives.Frames(dir, s.small, scaleFile) }},
	smallASC:   {from: small, make: linked(asc("xxh64"))},
	many:       {make: func(s size, dir, _ string) error { return drives.Scale(dir, s.rolls, s.perRoll, scaleFile) }},
}

// rollPath is the one roll of the drives of media and frames.
const rollPath = "20230510_EP103_Day05_MU/Camera_Media/A001R1AB"

// scaleFile is the size of the files of large drives, in bytes.
const scaleFile = 1024

// walkedRolls is the number of rolls of the drive that is walked.
const walkedRolls = 20

var shot = time.Date(2023, 5, 10, 9, 0, 0, 0, time.UTC)

// drive is the folder of a drive, which is made where it is not there yet.
func (b *bench) drive(ctx context.Context, d drive) (string, error) {
	dir := filepath.Join(b.drives, string(d))
	if b.made[d] {
		return dir, nil
	}
	r := recipes[d]
	var from string
	if r.from != "" {
		var err error
		if from, err = b.drive(ctx, r.from); err != nil {
			return "", err
		}
	}
	b.say("making the drive %s", d)
	b.made[d] = true // also where it ends half made: it is to be removed
	if err := b.command(b.probe, "probe", "drive", b.size.name, string(d), dir, from).run(ctx); err != nil {
		return dir, err
	}
	return dir, b.plugIn(ctx)
}

// makeDrive makes a drive in a child: that can be stopped at any time.
func makeDrive(args []string) error {
	if len(args) != 4 {
		return errUsage
	}
	s, err := sizeOf(args[0])
	r, ok := recipes[drive(args[1])]
	if err != nil || !ok {
		return errUsage
	}
	return r.make(s, args[2], args[3])
}

// dropDrives removes the drives that no row to come needs.
func (b *bench) dropDrives(rows []row) {
	needed := map[drive]bool{}
	for _, r := range rows {
		for _, d := range r.drives {
			needed[d], needed[recipes[d].from] = true, true
		}
	}
	for d := range b.made {
		if needed[d] {
			continue
		}
		if err := os.RemoveAll(filepath.Join(b.drives, string(d))); err != nil {
			b.say("removing the drive %s: %s", d, err)
		}
		delete(b.made, d)
	}
}

// sealing writes the manifest of a roll.
type sealing func(roll string) error

func legacy(elements ...string) sealing {
	return func(roll string) error {
		_, err := drives.SealLegacy(roll, shot.Add(8*time.Hour), elements...)
		return err
	}
}

func asc(elements ...string) sealing {
	return func(roll string) error {
		return drives.SealASC(roll, drives.Generation{At: shot.Add(8 * time.Hour), Elements: elements})
	}
}

// media makes n clips of random bytes: nothing on the way can compress or share them.
func media(n int, seal sealing) func(size, string, string) error {
	return func(s size, dir, _ string) error {
		roll := filepath.Join(dir, rollPath)
		if err := os.MkdirAll(roll, 0o755); err != nil {
			return err
		}
		bytes := s.media / int64(n)
		for i := range n {
			if err := writeClip(filepath.Join(roll, fmt.Sprintf("A001C%03d_230510_R1AB.mxf", i+1)), byte(i), bytes); err != nil {
				return err
			}
		}
		return seal(roll)
	}
}

// writeClip writes random bytes and sees them to the disk, so that their pages can be
// dropped.
func writeClip(path string, seed byte, bytes int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, io.LimitReader(rand.NewChaCha8([32]byte{seed}), bytes), make([]byte, chunk))
	err = errors.Join(err, f.Sync(), f.Close())
	return errors.Join(err, os.Chtimes(path, shot, shot))
}

// linked makes a drive of another one's files and seals it differently.
func linked(seal sealing) func(size, string, string) error {
	return func(_ size, dir, from string) error {
		err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
			target := filepath.Join(dir, strings.TrimPrefix(path, from))
			switch {
			case err != nil:
				return err
			case d.IsDir():
				return os.MkdirAll(target, 0o755)
			case filepath.Ext(path) == ".mhl":
				return nil
			}
			return os.Link(path, target)
		})
		return errors.Join(err, seal(filepath.Join(dir, rollPath)))
	}
}

// files are the files of a drive but its manifests, sorted.
func files(dir string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Ext(path) != ".mhl" && filepath.Ext(path) != ".xml" {
			all = append(all, path)
		}
		return err
	})
	slices.Sort(all)
	return all, err
}

// onMount is where files of a drive's only roll are in its library.
func onMount(m *mounted, names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, filepath.Join(m.cameraRolls(), "20230510", filepath.Base(rollPath), filepath.Base(name)))
	}
	return all
}

// rebased moves paths below one folder to another.
func rebased(names []string, from, to string) []string {
	var all []string
	for _, name := range names {
		all = append(all, filepath.Join(to, strings.TrimPrefix(name, from)))
	}
	return all
}

// manifestOf is the legacy manifest of the drive's only roll.
func manifestOf(dir string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, rollPath, "*.mhl"))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d manifests in %s", len(found), rollPath)
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}
