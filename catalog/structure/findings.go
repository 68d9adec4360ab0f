package structure

import (
	"fmt"
	"path"
	"strings"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// What is said of findings that are always the same: what is wrong.
const (
	whatStrayFile = "a file beside the rolls, which is part of none"
	whatSymlink   = "a symbolic link, which is not followed and not shown"
	whatSpecial   = "neither a file nor a folder (a FIFO, socket or device), and not shown"
	whatForeign   = "another file system is mounted there"
	// whatUnread is said of a folder that cannot be listed, whatShut of one in which nothing
	// can be looked at, whatShort of one for which this process lacks something.
	whatUnread  = "the drive could not read this folder (%s)"
	whatShut    = "nothing in this folder can be looked at (%s)"
	whatShort   = "this folder was not read, since this program has no more descriptors or memory (%s)"
	whatUnknown = "the drive could not look at it, so nobody knows what it is"
	whatCut     = "so much lies on it that not everything was looked at, and rolls may be missing"
	// NothingIsARoll is said of what was given as a drive, or as a part of one.
	NothingIsARoll = "nothing in it is recognised as a roll"
)

// What is to be done about them, where that is not what is always to be done.
const (
	doReplace = "put what it leads to in its place, or remove it"
	doRemove  = "remove it"
	doLook    = "check cable, drive and permissions, then look again"
	doEnd     = "end other programs or raise the limit (ulimit -n), then look again"
	doNarrow  = "give the folder in which the day folders lie as DRIVE"
	doSpread  = "spread them over several folders"
)

// report adds a finding about a path of the structure: what is wrong, and what to do where
// that is not what is always to be done.
func (w *walk) report(code finding.Code, path, what, do string) {
	w.reportOf(Roll{}, code, path, what, do)
}

// reportOf adds a finding about a roll.
func (w *walk) reportOf(r Roll, code finding.Code, path, what, do string) {
	if len(w.out.Findings) == mostFindings && code != finding.Unreadable {
		w.cut = true
		return
	}
	f := finding.New(code, path, what).Doing(do)
	w.out.Findings = append(w.out.Findings, Finding{Finding: f, Roll: r.Name, Type: r.Type, Date: r.Date})
}

// odd reports what lies directly in a folder and is neither file nor folder of the drive.
func (w *walk) odd(path string, l *listing) {
	for _, e := range l.entries {
		at := drive.Join(path, e.Name)
		switch e.Kind {
		case drive.Symlink:
			w.report(finding.Symlink, at, whatSymlink, doReplace)
		case drive.Special:
			w.report(finding.SpecialFile, at, whatSpecial, doRemove)
		case drive.Foreign:
			w.report(finding.OtherFileSystem, at, whatForeign, "")
		case drive.Unknown:
			w.report(finding.Unreadable, at, whatUnknown, doLook)
		}
	}
}

// legal reports a name of the structure that post may refuse; of is the roll where it is one's.
func (w *walk) legal(path, name string, of Roll) {
	if chars, bad := w.profile.IllegalStructureName(name); bad {
		w.reportOf(of, finding.IllegalName, path, fmt.Sprintf("post may refuse this name (%s)", chars), fmt.Sprintf("rename the folder with %s only", w.profile.Names.Legal))
	}
}

// wrongDate says what is wrong with the date of a folder, and what to do; asset is the asset type folder in
// it, "" where it was told by its name.
func (w *walk) wrongDate(at, name, asset string) (what, do string) {
	p := w.profile
	must := "shoot date must be " + p.DayFolder.Date
	if !profile.BeginsWithDate(name) {
		return fmt.Sprintf("it holds %s, but %s at the beginning of its name, and there is none", asset, must),
			fmt.Sprintf("rename it to the day folder that it is, or move %s into one", asset)
	}
	if p.BeginsWithRightDate(name) {
		must += ", alone or followed by " + p.DayFolder.Separator
	}
	if better, ok := p.Suggest(name, w.now().Year()+1); ok && !w.taken(at, better) {
		return must, "rename it to " + better
	}
	return must, ""
}

// taken is true where a folder beside another one has the name that it should get.
func (w *walk) taken(at, name string) bool {
	if at == "." {
		return false
	}
	_, err := w.look(w.ctx, drive.Join(path.Dir(at), name))
	return err == nil
}

// misspelt reports a folder that is nearly an asset type folder; exists says that the one
// that it should be is beside it.
func (w *walk) misspelt(path string, a *profile.AssetType, exists bool) {
	if exists {
		w.report(finding.BadMediaFolder, path, fmt.Sprintf("%s rolls belong in %s, spelled exactly so", a.RollType, a.Folder), "move what is in it there")
		return
	}
	w.report(finding.BadMediaFolder, path, fmt.Sprintf("the folder of %s rolls must be called %s exactly", a.RollType, a.Folder), "rename it")
}

// misfiled reports a folder in a day folder that holds what seem to be rolls.
func (w *walk) misfiled(path string) {
	w.report(finding.BadMediaFolder, path, fmt.Sprintf("it holds folders with manifests, but rolls lie in %s only", w.profile.AssetFolders()), "move them there")
}

// stray reports a folder with a manifest that is no roll.
func (w *walk) stray(path string) {
	w.report(finding.StrayFolder, path, fmt.Sprintf("it has a manifest but is no roll, since it does not lie in %s of a day folder", w.profile.AssetFolders()), "move it there if it is one")
}

// noRolls says what to do about a drive on which nothing is a roll.
func (w *walk) noRolls(r role) string {
	if r.kind == roleInRoll || r.kind == roleBelowLevel {
		return fmt.Sprintf("it lies in the roll %s, so give that", r.roll)
	}
	return fmt.Sprintf("rolls lie in %s, in day folders whose names begin with the date as %s",
		strings.ReplaceAll(w.profile.AssetFolders(), " or ", " and "), w.profile.DayFolder.Date)
}
