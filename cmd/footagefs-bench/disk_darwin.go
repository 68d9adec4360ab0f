package main

import (
	"context"
	"errors"
)

var errNoLimit = errors.New("no way to limit a disk's speed here")

func (s *stage) loopDevice(context.Context, string, int64) (string, error) { return "", errNoLimit }

func (s *stage) mountDevice(context.Context, string, string) error { return errNoLimit }

func limitDisk(string, int64) (func() error, error) { return nil, errNoLimit }
