// Makedrive writes a shoot drive for tests, benchmarks and trying out into a folder.
// Without flags it is the sample drive of testdata/drive with its times and empty
// folders. With -list it prints what is to be found on a drive of that kind instead.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

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
	list := flags.String("list", "", "print `WHAT` is found on this kind: rolls; looked, read or all (findings)")
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
	lines, err := drives.Describe(kind, what)
	for _, line := range lines {
		fmt.Println(line)
	}
	return err
}
