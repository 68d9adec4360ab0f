package finding

// Effect is what a finding does to the status of its roll, beyond what files do to it.
type Effect uint8

// The effects.
const (
	None        Effect = iota
	Warns              // the roll is no more than a warning (†)
	Invalidates        // a manifest that the roll is judged by cannot be used or trusted
)

// Kind is what all findings of one code have in common.
type Kind struct {
	Code     Code
	Severity Severity // unless the finding says otherwise
	Effect   Effect
	About    string // what its path is
	Do       string // what to do about it, unless the finding says it better
}

// Kinds has every code that there is.
var Kinds = []Kind{
	{Mismatch, Error, None, "a file", "copy it again from the card and verify it again"},
	{Missing, Error, None, "a file", "copy it from the card"},
	{Rejected, Error, None, "a file", "have the manifest made again"},
	{Unreadable, Error, None, "a file, a manifest, a folder or the drive", "check cable, drive and permissions, then verify again"},
	{Unlisted, Warning, None, "a file", "ask who added it, or remove it from the copy"},
	{SizeOnly, Warning, None, "a file", "have a manifest with checksums made"},
	{Unverifiable, Error, None, "a file", "have the manifest made again"},
	{Contradiction, Error, None, "a file", "ask which one is right"},

	{NoRolls, Error, None, "the drive, or a part of it", "give the drive, or the folder in which the day folders lie"},
	{NotVerified, Error, None, "a roll", "verify again"},
	{NoManifest, Error, None, "a roll", "have the offload's MHL put there, or write one with footagefs seal"},
	{EmptyRoll, Error, None, "a roll", "offload it again, or remove the folder"},
	{MultipleManifests, Warning, Warns, "a roll", "every one is checked, post wants one"},
	{DirectoryHash, Warning, Warns, "a folder", "compare it with the card"},
	{DuplicateRoll, Error, None, "a roll", "roll names must be unique, ask which is which"},
	{RollGone, Error, None, "a roll, or the drive", "copy it again, or forget it with footagefs catalog prune"},
	{MtimeShifted, Warning, None, "a roll", "results are kept, verify --recheck reads the roll again"},

	{ManifestMalformed, Error, Invalidates, "a manifest", "copy it from the offload again"},
	{ManifestEmpty, Error, Invalidates, "a manifest", "ask for the manifest that the offload wrote"},
	{ManifestUnsafe, Error, Invalidates, "a manifest", "do not trust it, ask where it comes from"},
	{ManifestVersion, Error, Invalidates, "a manifest", "ask for an MHL 1.1 or an ASC MHL 2.0"},
	{ChainMissing, Error, Invalidates, "a history's folder", "copy the folder from the offload again"},
	{ChainMismatch, Error, Invalidates, "a manifest, or a history's folder", "copy the history's folder from the offload again"},
	{ChainManifestMissing, Error, Invalidates, "a manifest, or a history's folder", "copy it from the offload again"},
	{ManifestNotInChain, Warning, None, "a manifest", "ask for the whole history as the offload wrote it"},
	{ChainNotC4, Warning, None, "a folder", "nothing is to be done, its hashes agree"},
	{ManifestOutsideRoll, Warning, Warns, "a manifest", "have one written at the roll's root"},
	{ManifestNotAtRollRoot, Error, Warns, "a manifest", "ask for a manifest of the whole roll"},

	{BadDateFolder, Error, None, "a folder", "rename it so that it begins with the date on which it was shot"},
	{BadMediaFolder, Error, None, "a folder", "move what is in it to where rolls lie"},
	{StrayFolder, Error, None, "a folder", "move it to where rolls lie if it is one"},
	{StrayFile, Warning, None, "a file, or the folder in which many lie", "move it into its roll if the offload left it out, else out of here"},
	{IllegalName, Warning, None, "a file or a folder", "a card's files are not to be renamed, tell post"},
	{Symlink, Warning, None, "a symbolic link", "replace it by the file it stands for, or tell post"},
	{SpecialFile, Warning, None, "a FIFO, socket or device", "remove it from the copy"},
	{OtherFileSystem, Error, None, "a folder", "give it as a DRIVE of its own"},
}

// kinds is Kinds by code.
var kinds = func() map[Code]Kind {
	m := make(map[Code]Kind, len(Kinds))
	for _, k := range Kinds {
		m[k.Code] = k
	}
	return m
}()

// Of is what all findings of a code have in common.
func Of(code Code) Kind { return kinds[code] }
