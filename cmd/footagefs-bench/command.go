package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// user is who runs a command: whoever runs this program, or another.
type user struct {
	other    bool
	uid, gid uint32
}

// nobody is an unprivileged user; on every system that we know they have this number.
var nobody = user{true, 65534, 65534}

// command is a program to be run to its end.
type command struct {
	args []string
	as   user
	dir  string
	out  io.Writer // nil: nowhere
}

func (b *bench) command(args ...string) command { return command{args: args} }

// fg is a footagefs command.
func (b *bench) fg(args ...string) command {
	return b.command(append([]string{b.footagefs}, args...)...)
}

// run runs it. Its error says what the command said last.
func (c command) run(ctx context.Context) error {
	var said bytes.Buffer
	cmd := c.prepare(ctx)
	cmd.Stdout, cmd.Stderr = c.out, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w%s", filepath.Base(c.args[0]), err, lastLine(said.String()))
	}
	return nil
}

func (c command) prepare(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Dir = c.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if c.as.other {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.as.uid, Gid: c.as.gid}}
		cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin"}
	}
	return cmd
}

// output runs it and returns what it prints.
func (c command) output(ctx context.Context) (string, error) {
	var out strings.Builder
	c.out = &out
	err := c.run(ctx)
	return out.String(), err
}

// lines runs it and counts the lines that it prints.
func (c command) lines(ctx context.Context) (int, error) {
	var n lineCounter
	c.out = &n
	err := c.run(ctx)
	return int(n), err
}

type lineCounter int

func (n *lineCounter) Write(p []byte) (int, error) {
	*n += lineCounter(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	if text = text[strings.LastIndexByte(text, '\n')+1:]; text == "" {
		return ""
	}
	return ": " + text
}

// side makes a command's time a side of a contest.
func (c command) side(name string) side {
	return side{name: name, absent: missing(c.args[0]), run: func(ctx context.Context) (float64, error) {
		began := time.Now()
		err := c.run(ctx)
		return time.Since(began).Seconds(), err
	}}
}

// missing says that a program is not there, "" where it is.
func missing(program string) string {
	if _, err := exec.LookPath(program); err != nil {
		return filepath.Base(program) + " is not installed"
	}
	return ""
}
