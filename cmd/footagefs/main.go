// Command footagefs presents a film shoot drive as a verified footage library.
//
// It turns command lines into calls of catalog, fs and verify, and what they answer into
// text and exit statuses. It knows flags, terminals, signals and the background; it knows
// nothing of manifests, checksums or SQL. Results go to stdout, the talk to stderr: lower
// case, without a full stop, saying what to do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr))
}

// run is the program. args begin with the name it was called by: as mount.footagefs it is
// a helper of mount(8). Signals end what is running in good order.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, endings()...)
	defer stop()
	p := &program{stdout: stdout, stderr: stderr}
	defer p.endAtSecondSignal()()
	err := p.execute(ctx, args)
	switch {
	case err == nil || said(err):
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		p.say("interrupted")
	default:
		p.say("%s", err)
	}
	return exitStatus(err)
}

// endings are the signals that end a run. Under nohup the end of the terminal is none.
func endings() []os.Signal {
	list := []os.Signal{unix.SIGINT, unix.SIGTERM}
	if !signal.Ignored(unix.SIGHUP) {
		list = append(list, unix.SIGHUP)
	}
	return list
}

// endAtSecondSignal ends this process when it is told to end once more: what waits for a
// stopped mount or a drive that hangs may never see that it was told. Who serves a mount
// gets the time to give the mount point back first.
func (p *program) endAtSecondSignal() (stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endings()...)
	done := make(chan struct{})
	go func() {
		for range 2 {
			select {
			case <-signals:
			case <-done:
				return
			}
		}
		if p.serves.Load() {
			select {
			case <-time.After(giveBackTime):
			case <-done:
				return
			}
		}
		p.say("interrupted")
		os.Exit(exitFailed)
	}()
	return func() { signal.Stop(signals); close(done) }
}

// giveBackTime is longer than giving a mount point back takes.
const giveBackTime = 2500 * time.Millisecond

// program is one run of the command: where it writes, and the flags that all commands take.
type program struct {
	stdout  io.Writer
	stderr  io.Writer
	catalog string       // --catalog
	profile string       // --profile
	log     *slog.Logger // of a mount, nil else
	serves  atomic.Bool  // this process serves a mount
}

func (p *program) execute(ctx context.Context, args []string) error {
	root := rootCmd(p)
	call, isHelper, err := asHelper(args, func(name string) bool { return isCommand(root, name) })
	switch {
	case err != nil:
		return err
	case isHelper:
		return p.mountHelper(ctx, call)
	}
	root.SetArgs(args[1:])
	return root.ExecuteContext(ctx)
}

// say writes one line of talk. What is in it may come from a drive: it is escaped.
func (p *program) say(format string, args ...any) {
	fmt.Fprintf(p.stderr, "footagefs: %s\n", escape(fmt.Sprintf(format, args...)))
}
