package catalog

import (
	"fmt"
	"path"
	"strings"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
)

// The codes of the findings of the structure.
const (
	codeBadDate     = "bad-date-folder"
	codeBadMedia    = "bad-media-folder"
	codeStrayFolder = "stray-folder"
	codeStrayFile   = "stray-file"
	codeIllegalName = "illegal-name"
	codeSymlink     = "symlink"
	codeSpecial     = "special-file"
	codeForeign     = "other-file-system"
	codeUnreadable  = "unreadable"
	codeNoRolls     = "no-rolls"
)

// What is said of findings that are always the same: what is wrong and what to do.
const (
	messageStrayFile = "a file beside the rolls, which is part of none; move it into its roll if the offload left it out, else out of here"
	messageSymlink   = "a symbolic link, which is not followed and not shown; put what it leads to in its place, or remove it"
	messageSpecial   = "neither a file nor a folder (a FIFO, socket or device), and not shown; remove it"
	messageForeign   = "another file system is mounted there; give it as a DRIVE of its own"
	// messageUnread is said of a folder that cannot be listed, messageShut of one in which
	// nothing can be looked at, messageShort of one for which this process lacks something.
	messageUnread  = "the drive could not read this folder (%s); check cable, drive and permissions, then look again"
	messageShut    = "nothing in this folder can be looked at (%s); check cable, drive and permissions, then look again"
	messageShort   = "this folder was not read, since this program has no more descriptors or memory (%s); end other programs or raise the limit (ulimit -n), then look again"
	messageUnknown = "the drive could not look at it, so nobody knows what it is; check cable and drive, then look again"
	messageCut     = "so much lies on it that not everything was looked at, and rolls may be missing; give the folder in which the day folders lie as DRIVE"
)

// report adds a finding about a path of the structure.
func (w *walk) report(s Severity, code, path, message string) {
	w.reportOf(foundRoll{}, s, code, path, message)
}

// reportOf adds a finding about a roll.
func (w *walk) reportOf(r foundRoll, s Severity, code, path, message string) {
	if len(w.out.findings) == mostFindings && code != codeUnreadable {
		w.cut = true
		return
	}
	w.out.findings = append(w.out.findings, Finding{
		Severity: s, Code: code, Path: path, Message: w.title(path) + ": " + message,
		Roll: r.Name, RollType: r.Type, Date: r.Date,
	})
}

// title is how a message calls a path: the drive by its folder's name.
func (w *walk) title(at string) string {
	if at == "." {
		return path.Base(w.drive.Dir())
	}
	return at
}

// odd reports what lies directly in a folder and is neither file nor folder of the drive.
func (w *walk) odd(path string, l *listing) {
	for _, e := range l.entries {
		at := drive.Join(path, e.Name)
		switch e.Kind {
		case drive.Symlink:
			w.report(Warning, codeSymlink, at, messageSymlink)
		case drive.Special:
			w.report(Warning, codeSpecial, at, messageSpecial)
		case drive.Foreign:
			w.report(Error, codeForeign, at, messageForeign)
		case drive.Unknown:
			w.report(Error, codeUnreadable, at, messageUnknown)
		}
	}
}

// legal reports a name of the structure that post may refuse; of is the roll where it is one's.
func (w *walk) legal(path, name string, of foundRoll) {
	if chars, bad := w.profile.IllegalStructureName(name); bad {
		w.reportOf(of, Warning, codeIllegalName, path, fmt.Sprintf("post may refuse this name (%s); rename the folder with %s only", chars, w.profile.Names.Legal))
	}
}

// wrongDate says what is wrong with the date of a folder; asset is the asset type folder in
// it, "" where it was told by its name.
func (w *walk) wrongDate(at, name, asset string) string {
	p := w.profile
	must := "shoot date must be " + p.DayFolder.Date
	if !profile.BeginsWithDate(name) {
		return fmt.Sprintf("it holds %s, but %s at the beginning of its name, and there is none; rename it to the day folder that it is, or move %s into one", asset, must, asset)
	}
	if p.BeginsWithRightDate(name) {
		must += ", alone or followed by " + p.DayFolder.Separator
	}
	if better, ok := p.Suggest(name, w.now().Year()+1); ok && !w.taken(at, better) {
		return must + "; rename it to " + better
	}
	return must + "; rename it so that it begins with the date on which it was shot"
}

// taken is true where a folder beside another one has the name that it should get.
func (w *walk) taken(at, name string) bool {
	if at == "." {
		return false
	}
	_, err := w.look(w.ctx, drive.Join(path.Dir(at), name))
	return err == nil
}

// misspelt says what is wrong with a folder that is nearly an asset type folder.
func (w *walk) misspelt(a *profile.AssetType, exists bool) string {
	if exists {
		return fmt.Sprintf("%s rolls belong in %s, spelled exactly so; move what is in it there", a.RollType, a.Folder)
	}
	return fmt.Sprintf("the folder of %s rolls must be called %s exactly; rename it", a.RollType, a.Folder)
}

// misfiled is said of a folder in a day folder that holds what seem to be rolls.
func (w *walk) misfiled() string {
	return fmt.Sprintf("it holds folders with manifests, but rolls lie in %s only; move them there", w.profile.AssetFolders())
}

// stray is said of a folder with a manifest that is no roll.
func (w *walk) stray() string {
	return fmt.Sprintf("it has a manifest but is no roll, since it does not lie in %s of a day folder; move it there if it is one", w.profile.AssetFolders())
}

// noRolls is said of a drive on which nothing is a roll.
func (w *walk) noRolls(r role) string {
	if r.kind == roleInRoll || r.kind == roleBelowLevel {
		return fmt.Sprintf("nothing in it is recognised as a roll; it lies in the roll %s, so give that", r.roll)
	}
	return fmt.Sprintf("nothing in it is recognised as a roll; rolls lie in %s, in day folders whose names begin with the date as %s",
		strings.ReplaceAll(w.profile.AssetFolders(), " or ", " and "), w.profile.DayFolder.Date)
}
