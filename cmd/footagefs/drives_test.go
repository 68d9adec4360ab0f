package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"footagefs/testdata/drives"
)

// Tools that say what is on the drives that makedrive writes, and what reports say.
func init() {
	tools["listdrive"] = listDrive
	tools["columns"] = columns
}

// listdrive KIND WHAT prints what is to be found on a drive of a kind: drives.Describe.
func listDrive(args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	lines, err := drives.Describe(args[0], args[1])
	for _, line := range lines {
		fmt.Println(line)
	}
	return err
}

// columns FILE COLUMN... prints these columns of a report, a space between them, the
// lines sorted.
func columns(args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	header, err := r.Read()
	if err != nil {
		return err
	}
	var lines []string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var cells []string
		for _, name := range args[1:] {
			i := slices.Index(header, name)
			if i < 0 {
				return fmt.Errorf("there is no column %s", name)
			}
			cells = append(cells, row[i])
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
	return nil
}
