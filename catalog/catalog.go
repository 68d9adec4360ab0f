// Package catalog knows what is on the drives and what was observed of it.
//
// It recognises day folders and rolls by a profile, holds each roll's files against
// its manifests, remembers every reading as an observation in an SQLite file, and
// derives verdicts from observations and today's manifests. It knows nothing of mounts
// or output formats other than its reports.
package catalog

import (
	"time"

	"footagefs/catalog/profile"
	"footagefs/verify"
	"footagefs/verify/checksum"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// RollID numbers a roll of the drives given to this catalog; it lasts as long as the
// Catalog value.
type RollID int64

// DriveID numbers a drive given to this catalog, from 1 in the order given.
type DriveID int

// RollType is camera or sound.
type RollType = profile.RollType

// The roll types.
const (
	Camera = profile.Camera
	Sound  = profile.Sound
)

// RollStatus is a roll's status, one word in attributes, reports and output.
type RollStatus string

// The statuses of a roll, worst first; Offline is in no ranking.
const (
	RollFailed          RollStatus = "failed"
	RollInvalidManifest RollStatus = "invalid-manifest"
	RollUnverified      RollStatus = "unverified"
	RollUnreadable      RollStatus = "unreadable"
	RollPending         RollStatus = "pending"
	RollWarning         RollStatus = "warning"
	RollVerified        RollStatus = "verified"
	RollOffline         RollStatus = "offline"
)

// Drive is one drive given to the catalog.
type Drive struct {
	ID      DriveID
	Name    string // volume label or folder name, made unique with " (2)"
	Dir     string // as given, absolute
	Handle  *drive.Drive
	Offline bool
	Watched bool // a watch covers all of it: changes are told, not looked for
}

// Counts are a roll's columns of report.csv. Known is false until the lists have been compared.
type Counts struct {
	Known                                       bool
	Listed, Found, Verified, Mismatch, Missing  int
	Unlisted, Pending, Unreadable, Unverifiable int
	Ignored                                     int
	Size                                        int64 // bytes
}

// Roll is what is known of one roll at one instant: a value, never changed.
type Roll struct {
	ID        RollID
	Drive     DriveID
	DriveName string
	Name      string // the folder's name, byte for byte
	Type      RollType
	Date      string // 20230510
	Episode   string
	Day       string
	Unit      string
	Path      string // relative to the drive
	DayFolder string // relative to the drive; "." where the drive is (in) the day folder
	DayName   string // the day folder's name
	Order     int64  // first seen: the smaller has the bare name where names clash

	Status        RollStatus
	Known         RollStatus // as Status, but for the time since the last look: what was last found out
	Looked        bool       // somebody looked at it since the start, or since its drive came back
	Counts        Counts
	ChecksumTypes []string
	Manifest      string // relative to the roll
	Format        string // mhl1 or ascmhl
	Generation    int    // 0: none
	Created       time.Time
	Tool          string
	VerifiedAt    time.Time // its oldest file's; zero where there is none
	Evidence      string    // strong, weak or ""
	Message       string    // of its worst finding, "" where there is none
	HasError      bool      // a finding of severity error stands in or on it
	PendingBytes  int64     // left to read
	Oldest        string    // digest of its oldest manifest, the same in copies
	Changed       time.Time // when any of the above last changed
}

// DayFolder is a day folder on a drive, or a bad-date folder (then Bad).
type DayFolder struct {
	Drive    DriveID
	Path     string // relative to the drive
	Name     string
	Bad      bool
	Imported bool // at least one roll, all verified, no error finding in or on it
}

// File is what is known of one file of a roll: a fresh look and a look-up, never a hash.
type File struct {
	Path       string // relative to the roll
	Status     verify.Status
	Reason     string
	Recorded   []checksum.Sum // the manifests' order, each once
	Found      []checksum.Sum // likewise, of files that were read
	VerifiedAt time.Time
	Evidence   string
	Manifest   string
	Generation int
	SizeListed int64 // -1: none
	SizeFound  int64 // -1: none
	Message    string
}

// Severity of a finding.
type Severity = finding.Severity

// The severities.
const (
	Error   = finding.Error
	Warning = finding.Warning
)

// Finding is one row of problems.csv.
type Finding struct {
	finding.Finding // its path is relative to the drive; "." is the drive
	Roll            string
	RollType        RollType
	Date            string // 20230510
	Drive           DriveID
	DriveName       string
	RollID          RollID // 0 where it is of no roll
}

// Message is the finding in one sentence, which begins with its path or, of the drive itself,
// with the drive's name.
func (f *Finding) Message() string {
	if f.Path == "." && f.DriveName != "" {
		return f.Finding.Message(f.DriveName)
	}
	return f.Finding.Message(f.Path)
}

// Filter selects rolls; a zero field selects all.
type Filter struct {
	Nothing bool   // no roll at all, whatever else is selected: an empty list would select every roll
	Date    string // 20230510
	Roll    string // a roll's name
	Type    RollType
	Drives  []DriveID
	Paths   []Place // rolls at or below one of these, or above which one of these lies
	IDs     []RollID
}

// Place is a path on a drive.
type Place struct {
	Drive DriveID
	Path  string // relative to the drive
}

// Report selects what WriteReport writes.
type Report string

// The reports.
const (
	RollReport    Report = "rolls"    // report.csv
	ProblemReport Report = "problems" // problems.csv
	FileReport    Report = "files"
)

// VerifyOptions say how footage is read.
type VerifyOptions struct {
	Force   bool  // read again what is known to be verified and unchanged
	Recheck bool  // read again what rests on weak evidence from before this plug-in
	Readers int   // files at once; 0: chosen by the drive
	Limit   int64 // bytes a second; 0: none
	Polite  bool  // lowest I/O priority, stand back while others use the device
	// Progress, where not nil, is called a few times a second.
	Progress func(Progress)
}

// Progress is how far a verification is.
type Progress struct {
	BytesTotal, BytesDone int64
	FilesTotal, FilesDone int
	Current               string // path of the file being read, relative to its drive
}

// Activity is what a live catalog is doing now.
type Activity struct {
	Progress
	Paused  bool
	Reading []string // paths relative to their drives
}
