//go:build !catalog

package catalog

import (
	"context"
	"io"
	"log/slog"
	"time"
)

type Options struct {
	Path    string       // the file; "" for the default place
	Profile string       // a profile's name or file; "" for the default
	Drives  []string     // folders that will be given to AddDrive: the catalog lies in none of them
	Log     *slog.Logger // nil: nothing is logged
	Now     func() time.Time
}

// PlaceError says why a catalog cannot lie where the user wants it (exit status 1).
type PlaceError struct{ Path, Reason string }

func (e *PlaceError) Error() string { return e.Path + e.Reason }

// Escape makes any bytes one line of harmless, valid UTF-8.
func Escape(s string) string { return s }

// WriteFindings writes findings as problems.csv has them.
func WriteFindings(w io.Writer, list []Finding, asJSON bool) error { return nil }

// Unfinished are the findings not-verified after Verify: what is left and why.
func (c *Catalog) Unfinished(f Filter) []Finding { return nil }

// OnChange has fn called with the folder in which something changed as soon as a watch tells.
func (c *Catalog) OnChange(fn func(d DriveID, folder string)) {}

type Catalog struct{}

// Open …; every state but the refused ones serves, without memory where need be.
func Open(ctx context.Context, o Options) (*Catalog, error) { return &Catalog{}, nil }
func (c *Catalog) Close() error                             { return nil }

// Path is where the catalog's file lies, "" where it works without memory.
func (c *Catalog) Path() string { return "" }

// Notes are sentences the user must be told (kept aside, fallback, clones …), each once.
func (c *Catalog) Notes() []string { return nil }

// AddDrive opens a drive and looks at its structure (never its files).
func (c *Catalog) AddDrive(ctx context.Context, dir string) (*Drive, error) { return nil, nil }
func (c *Catalog) Drives() []Drive                                          { return nil }

// Inventory looks at every selected roll: files and lists compared, no footage read.
func (c *Catalog) Inventory(ctx context.Context, f Filter) error { return nil }

// Background looks and verifies until ctx ends; read is false for noverify.
func (c *Catalog) Background(ctx context.Context, read bool, o VerifyOptions) error { return nil }

// Verify reads what is not known, in the foreground.
func (c *Catalog) Verify(ctx context.Context, f Filter, o VerifyOptions) error { return nil }

// Version grows with every visible change.
func (c *Catalog) Version() uint64 { return 0 }

// Wait returns when Version differs from v or ctx ends.
func (c *Catalog) Wait(ctx context.Context, v uint64) {}

// Rolls are all rolls of the drives, sorted by type, date, name, path. A shared slice: not to be changed.
func (c *Catalog) Rolls(f Filter) []Roll       { return nil }
func (c *Catalog) Days() []DayFolder           { return nil }
func (c *Catalog) Findings(f Filter) []Finding { return nil }

// Roll is the roll with its status made current as far as a look that costs little can.
func (c *Catalog) Roll(ctx context.Context, id RollID) (Roll, bool) { return Roll{}, false }

// File is the verdict of one path of a roll: one look, never a hash.
func (c *Catalog) File(ctx context.Context, id RollID, path string) (File, error) { return File{}, nil }

// Folder is the worst status below a folder of a roll ("" where there is no file) and its message.
func (c *Catalog) Folder(ctx context.Context, id RollID, path string) (File, error) {
	return File{}, nil
}

func (c *Catalog) WriteReport(ctx context.Context, w io.Writer, r Report, f Filter, json bool) error {
	return nil
}

func (c *Catalog) Activity() Activity { return Activity{} }
func (c *Catalog) Pause()             {}
func (c *Catalog) Resume()            {}

// Next has the selected rolls verified before others.
func (c *Catalog) Next(f Filter) {}

// Release lets go of a drive so that it can be unmounted; its rolls are offline until it is back.
func (c *Catalog) Release(ctx context.Context, id DriveID) error { return nil }

// WorstRoll is the worst status of rolls, "" where there is none.
func WorstRoll(rolls []Roll) RollStatus { return "" }

// Info describes the catalog's file.
type Info struct {
	Path        string // "" in memory
	Size        int64  // bytes, with its journal
	Schema      int
	FileSystems int
	Rolls       int
	Gone        int // rolls that were not found any more when their place was looked at
	Manifests   int
	Files       int // files with a result
	Replaced    int // earlier results that a later one replaced; they are kept
}

func (c *Catalog) Info(ctx context.Context) (Info, error)      { return Info{}, nil }
func (c *Catalog) Check(ctx context.Context) ([]string, error) { return nil, nil } // a sentence for each damage
func (c *Catalog) Prune(ctx context.Context) ([]string, error) { return nil, nil } // what was forgotten, a line each
func DefaultPath() string                                      { return "" }

// LoadProfile, ProfileNames and ProfileText are being written in profile.go.
