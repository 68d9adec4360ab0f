// Makedrive writes a drive of package drives into a folder: makedrive [-kind KIND] DIR
package main

import (
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
	flags := flag.NewFlagSet("makedrive", flag.ExitOnError)
	kind := flags.String("kind", "sample", "`KIND` of drive: sample or broken")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("want one folder to write the drive into")
	}
	switch *kind {
	case "sample":
		return drives.Sample(flags.Arg(0))
	case "broken":
		return drives.Broken(flags.Arg(0))
	}
	return fmt.Errorf("no kind of drive %q", *kind)
}
