package finding

// Code names a kind of finding. Users see it, and scripts select by it.
type Code string

// The codes of files: their statuses, and what else is wrong with one.
const (
	Mismatch      Code = "mismatch"
	Missing       Code = "missing"
	Rejected      Code = "rejected"
	Unreadable    Code = "unreadable"
	Unlisted      Code = "unlisted"
	SizeOnly      Code = "size-only"
	Unverifiable  Code = "unverifiable"
	Contradiction Code = "contradiction"
)

// The codes of rolls.
const (
	NoRolls           Code = "no-rolls"
	NotVerified       Code = "not-verified"
	NoManifest        Code = "no-manifest"
	EmptyRoll         Code = "empty-roll"
	MultipleManifests Code = "multiple-manifests"
	DirectoryHash     Code = "directory-hash"
	DuplicateRoll     Code = "duplicate-roll"
	RollGone          Code = "roll-gone"
	MtimeShifted      Code = "mtime-shifted"
)

// The codes of manifests and chains.
const (
	ManifestMalformed     Code = "manifest-malformed"
	ManifestEmpty         Code = "manifest-empty"
	ManifestUnsafe        Code = "manifest-unsafe"
	ManifestVersion       Code = "manifest-version"
	ChainMissing          Code = "chain-missing"
	ChainMismatch         Code = "chain-mismatch"
	ChainManifestMissing  Code = "chain-manifest-missing"
	ManifestNotInChain    Code = "manifest-not-in-chain"
	ChainNotC4            Code = "chain-not-c4"
	ManifestOutsideRoll   Code = "manifest-outside-roll"
	ManifestNotAtRollRoot Code = "manifest-not-at-roll-root"
)

// The codes of folders, and of what lies where it does not belong.
const (
	BadDateFolder   Code = "bad-date-folder"
	BadMediaFolder  Code = "bad-media-folder"
	StrayFolder     Code = "stray-folder"
	StrayFile       Code = "stray-file"
	IllegalName     Code = "illegal-name"
	Symlink         Code = "symlink"
	SpecialFile     Code = "special-file"
	OtherFileSystem Code = "other-file-system"
)
