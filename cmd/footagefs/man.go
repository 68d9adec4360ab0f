package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

const manHelp = `footagefs man writes the manual pages: a page a command, made of its help.

Usage:
  footagefs man DIR

Exit status:
  0  it was done
  1  it could not be done
  2  wrong usage

Example:
  $ footagefs man /usr/local/share/man/man1
`

// manCmd is for those who make packages.
func manCmd(p *program) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "write the manual pages",
		Long:   manHelp,
		Hidden: true,
		Args:   exactly(1, "man DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeManual(cmd.Root(), args[0])
		},
	}
}

// writeManual writes a page for the program and for each command, and one under the name
// that mount(8) calls.
func writeManual(root *cobra.Command, dir string) error {
	pages := map[string]string{
		"footagefs.1":       manPage("footagefs", "a film shoot drive as a verified footage library", root.Long),
		"mount.footagefs.8": ".so man1/footagefs-mount.1\n",
	}
	for _, c := range root.Commands() {
		if !c.Hidden && c.Long != "" && isOurCommand(c) {
			pages["footagefs-"+c.Name()+".1"] = manPage("footagefs-"+c.Name(), c.Short, c.Long)
		}
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing the manual: %w", err)
		}
	}
	return nil
}

// isOurCommand leaves out what cobra brings along.
func isOurCommand(c *cobra.Command) bool { return c.Name() != "help" && c.Name() != "completion" }

// manPage turns a help text into a page. A help text is paragraphs, and sections that begin
// with a line such as "Flags:".
func manPage(name, short, help string) string {
	about, sections, _ := strings.Cut(help, "\nUsage:\n")
	usage, rest, _ := strings.Cut(sections, "\n\n")
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"footagefs %s\" \"User commands\"\n", roff(strings.ToUpper(name)), roff(version()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s", preformatted(usage))
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s", paragraph(about))
	for _, block := range strings.Split(strings.TrimSpace(rest), "\n\n") {
		b.WriteString(manBlock(block))
	}
	b.WriteString(".SH SEE ALSO\n.BR footagefs (1),\n.BR mount (8)\n")
	return b.String()
}

// manBlock is a paragraph, or a section with its heading.
func manBlock(block string) string {
	heading, body, _ := strings.Cut(block, "\n")
	title, isHeading := strings.CutSuffix(heading, ":")
	switch {
	case !isHeading || strings.HasPrefix(heading, " "):
		return ".PP\n" + paragraph(block)
	case strings.HasPrefix(title, "Example"):
		return ".SH EXAMPLES\n" + preformatted(body)
	}
	return ".SH " + roff(strings.ToUpper(title)) + "\n" + definitions(body)
}

// definitions are lines of a term, two spaces and what it means; what is indented further
// goes on with the meaning, what is not indented is a paragraph.
func definitions(body string) string {
	var b strings.Builder
	for line := range strings.Lines(body) {
		text := strings.TrimSpace(line)
		term, meaning, isTerm := strings.Cut(text, "  ")
		switch indent := len(line) - len(strings.TrimLeft(line, " ")); {
		case indent == 0:
			fmt.Fprintf(&b, ".PP\n%s\n", roff(text))
		case indent == 2 && isTerm:
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(term), roff(strings.TrimSpace(meaning)))
		default:
			fmt.Fprintf(&b, "%s\n", roff(text))
		}
	}
	return b.String()
}

func paragraph(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		for line := range strings.Lines(part) {
			b.WriteString(roff(strings.TrimSpace(line)) + "\n")
		}
	}
	return b.String()
}

// preformatted keeps lines as they are.
func preformatted(text string) string {
	var b strings.Builder
	b.WriteString(".nf\n")
	for line := range strings.Lines(text) {
		b.WriteString(roff(strings.TrimSuffix(strings.TrimPrefix(line, "  "), "\n")) + "\n")
	}
	b.WriteString(".fi\n")
	return b.String()
}

// roff makes text harmless to troff: backslashes, hyphens, and what would be a request at
// the beginning of a line.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
