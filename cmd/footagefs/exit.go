package main

import (
	"errors"
	"fmt"

	"footagefs/cmd/footagefs/control"
)

// The exit statuses: an interface that scripts rely on. Scripts wipe cards on a 0.
const (
	// exitDone: it was done. Of review, verify and wait it also says that there was at
	// least one roll and that no finding of severity error stands; of verify and wait
	// that every roll is verified or warning.
	exitDone = control.Done // 0
	// exitFailed: it could not be done; a --date or --roll that matches nothing included.
	exitFailed = control.Failed // 1
	// exitUsage: the command line is wrong; nothing was tried.
	exitUsage = 2
	// exitFindings: review, verify and wait did their work, and findings of severity
	// error stand.
	exitFindings = control.Findings // 3
)

// usageError is a command line that cannot be meant; it ends with exitUsage.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// exitError ends the program with a status when all has been said already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// ended turns how work ended into an error for cobra's way out: its own, or its exit status
// where that is not 0.
func ended(status int, err error) error {
	if err != nil || status == exitDone {
		return err
	}
	return exitError(status)
}

// said reports whether an error has nothing to add to what was written.
func said(err error) bool {
	var exit exitError
	return errors.As(err, &exit)
}

// exitStatus is the one place where an error becomes an exit status.
func exitStatus(err error) int {
	var usage *usageError
	var exit exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailed
}
