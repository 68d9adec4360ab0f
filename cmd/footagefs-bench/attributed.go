package main

import (
	"fmt"
	iofs "io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"footagefs/testdata/drives"
)

// fiveAttributes are ours that getfattr asks for, with values as long as real ones.
var fiveAttributes = []struct{ name, value string }{
	{"status", "verified"},
	{"checksum", "xxh64:27742888f085accd"},
	{"manifest", "A001R0AB_2023-01-01_170000.mhl"},
	{"roll", "A001R0AB"},
	{"verified_at", "2023-01-02T10:20:30Z"},
}

// fivePattern is what getfattr -m takes to show the five and no others.
func fivePattern() string {
	var names []string
	for _, a := range fiveAttributes {
		names = append(names, a.name)
	}
	return `^user\.footagefs\.(` + strings.Join(names, "|") + ")$"
}

// attribute makes the drive that is walked once more, with the five attributes stored in
// the file system.
func attribute(s size, dir, _ string) error {
	if err := drives.Scale(dir, walkedRolls, s.files/walkedRolls, scaleFile); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, d iofs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		for _, a := range fiveAttributes {
			if err := unix.Setxattr(path, "user.footagefs."+a.name, []byte(a.value), 0); err != nil {
				return fmt.Errorf("storing an attribute: %w", err)
			}
		}
		return nil
	})
}
