package drives

// When a finding of a broken drive is known.
type When uint8

const (
	Looked   When = iota // from names, sizes and manifests
	Read                 // once the footage was read
	Verified             // only from verify and wait, which say what they could not verify
)

// Finding is a fault of a drive made here, as a row of problems.csv shows it.
type Finding struct {
	Severity, Code, Path string // Path is relative to the drive
	When                 When
}

// severities is what each code of a drive at rest means for an import.
var severities = map[string]string{
	"mismatch": "error", "missing": "error", "rejected": "error", "contradiction": "error",
	"unverifiable": "error", "unlisted": "warning", "size-only": "warning", "not-verified": "error",
	"no-manifest": "error", "empty-roll": "error", "no-rolls": "error",
	"manifest-malformed": "error", "manifest-empty": "error", "manifest-unsafe": "error", "manifest-version": "error",
	"chain-missing": "error", "chain-mismatch": "error", "chain-manifest-missing": "error",
	"manifest-not-in-chain": "warning", "chain-not-c4": "warning",
	"multiple-manifests": "warning", "manifest-outside-roll": "warning", "manifest-not-at-roll-root": "error",
	"directory-hash": "warning", "bad-date-folder": "error", "bad-media-folder": "error",
	"stray-folder": "error", "stray-file": "warning", "duplicate-roll": "error",
	"illegal-name": "warning", "symlink": "warning", "special-file": "warning",
}

// looked is a finding that a look suffices for; path is relative to its roll or
// folder, "" for that itself.
func looked(code, path string) Finding { return Finding{severities[code], code, path, Looked} }

// read is a finding that needs the footage to be read.
func read(code, path string) Finding { return Finding{severities[code], code, path, Read} }
