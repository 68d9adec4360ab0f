package main

import (
	"errors"
	"fmt"
)

// The exit statuses: an interface that scripts rely on. Scripts wipe cards on a 0.
const (
	// exitDone: it was done. Of review, verify and wait it also says that there was at
	// least one roll and that no finding of severity error stands; of verify and wait
	// that every roll is verified or warning.
	exitDone = 0
	// exitFailed: it could not be done; a --date or --roll that matches nothing included.
	exitFailed = 1
	// exitUsage: the command line is wrong; nothing was tried.
	exitUsage = 2
	// exitFindings: review, verify and wait did their work, and findings of severity
	// error stand.
	exitFindings = 3
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

// ended turns the exit status of finished work into an error for cobra's way out.
func ended(status int) error {
	if status == exitDone {
		return nil
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
