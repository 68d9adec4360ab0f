// Makedrive writes a shoot drive for tests, benchmarks and trying out into a folder.
// Without flags it is the sample drive of testdata/drive with its times and empty
// folders. With -list it prints what is to be found on a drive of that kind instead,
// sorted: rolls as TYPE DATE STATUS PATH, findings as SEVERITY CODE PATH.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"sort"

	"footagefs/testdata/drives"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "makedrive:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("makedrive [-kind KIND] DIR", flag.ExitOnError)
	kind := flags.String("kind", "sample", "`KIND` of drive: sample, broken, cards, hostile, scale or frames")
	rolls := flags.Int("rolls", 20, "scale: `N` rolls")
	files := flags.Int("files", 100, "scale: `N` files a roll; frames: in all")
	size := flags.Int64("size", 1024, "scale, frames: `BYTES` a file")
	list := flags.String("list", "", "print `WHAT` is found on this kind: rolls, looked (findings that need no reading) or all (findings)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *list != "" {
		return printList(*kind, *list)
	}
	if flags.NArg() != 1 {
		return errors.New("one folder is wanted to write the drive into")
	}
	dir := flags.Arg(0)
	switch *kind {
	case "sample":
		return drives.Sample(dir)
	case "broken":
		return drives.Broken(dir)
	case "cards":
		return drives.Cards(dir)
	case "hostile":
		return drives.Hostile(dir)
	case "scale":
		return drives.Scale(dir, *rolls, *files, *size)
	case "frames":
		return drives.Frames(dir, *files, *size)
	}
	return fmt.Errorf("there is no kind of drive called %q", *kind)
}

func printList(kind, what string) error {
	var lines []string
	switch what {
	case "rolls":
		for _, r := range rollsOf(kind) {
			lines = append(lines, r.Type+" "+r.Date+" "+r.Status+" "+r.Path)
		}
	case "looked", "all":
		for _, f := range findingsOf(kind) {
			if what == "all" || f.When == drives.Looked {
				lines = append(lines, f.Severity+" "+f.Code+" "+f.Path)
			}
		}
	default:
		return fmt.Errorf("there is no list called %q", what)
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
	return nil
}

func rollsOf(kind string) []drives.Roll {
	switch kind {
	case "sample":
		return drives.SampleRolls()
	case "broken":
		return drives.BrokenRolls()
	case "cards":
		return drives.CardRolls()
	case "hostile":
		return drives.HonestRolls()
	}
	return nil
}

// findingsOf is empty for drives with which nothing is wrong.
func findingsOf(kind string) []drives.Finding {
	switch kind {
	case "broken":
		return drives.BrokenFindings()
	case "cards":
		return drives.CardFindings()
	}
	return nil
}
