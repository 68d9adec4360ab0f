package structure

import (
	"path"
	"strings"

	"footagefs/catalog/profile"
	"footagefs/verify/drive"
)

// rules are those by which a roll is recognised, on names and listings alone: nothing here
// looks at a drive.
type rules struct{ *profile.Profile }

// historyName is the folder of an ASC MHL history.
const historyName = "ascmhl"

// passedOver is true for what is no part of the structure whatever lies in it: litter, and
// the folder of a history, which is never a roll or a level.
func (p rules) passedOver(name string) bool {
	return strings.EqualFold(name, historyName) || p.Litter(name)
}

// subFolders are the folders of a listing that count.
func (p rules) subFolders(entries []drive.Entry) []string {
	var names []string
	for _, e := range entries {
		if isFolder(e) && !p.passedOver(e.Name) {
			names = append(names, e.Name)
		}
	}
	return names
}

// isFolder is true for folders, also for one on which another file system is mounted.
func isFolder(e drive.Entry) bool { return e.Kind == drive.Folder || e.Kind == drive.Foreign }

// IsManifest is true for a manifest, or a history, in the folder in which it is listed.
func IsManifest(e drive.Entry) bool {
	return e.Kind == drive.Regular && isManifestName(e.Name) || e.Kind == drive.Folder && e.Name == historyName
}

// isManifestName is true for the names that a roll's root manifest may have.
func isManifestName(name string) bool {
	return len(name) > 4 && strings.EqualFold(name[len(name)-4:], ".mhl") && !strings.HasPrefix(name, "._")
}

// hasManifest is true for the listing of a folder with a manifest at its root.
func hasManifest(entries []drive.Entry) bool {
	for _, e := range entries {
		if IsManifest(e) {
			return true
		}
	}
	return false
}

// hasMedia is true for the listing of a folder with footage or sound directly in it.
func (p rules) hasMedia(entries []drive.Entry) bool {
	for _, e := range entries {
		if e.Kind == drive.Regular && p.MediaFile(e.Name) {
			return true
		}
	}
	return false
}

// holdsAssetType is the first folder of a listing that is an asset type folder, spelled
// exactly or nearly; "" where there is none.
func (p rules) holdsAssetType(entries []drive.Entry) string {
	for _, e := range entries {
		if _, ok := p.LikeAssetType(e.Name); ok && isFolder(e) {
			return e.Name
		}
	}
	return ""
}

// hasCardFolder is true where one of the sub-folders of a folder shows that it is a roll.
func (p rules) hasCardFolder(parent string, subs []string) bool {
	for _, name := range subs {
		if p.CardFolder(parent, name) {
			return true
		}
	}
	return len(subs) == 1 && p.Reel(subs[0]) == "" && p.Reel(parent) != ""
}

// level tells a camera-format level from a roll: both are folders in an asset type folder
// that may have levels. sealed says whether a sub-folder has a manifest at its root; it is
// asked only where names do not decide.
func (p rules) level(name string, entries []drive.Entry, sealed func(sub string) bool) bool {
	subs := p.subFolders(entries)
	if len(subs) == 0 || hasManifest(entries) || p.hasCardFolder(name, subs) {
		return false
	}
	if !p.hasMedia(entries) && p.allReels(subs) {
		return true
	}
	for _, sub := range subs {
		if sealed(sub) {
			return true
		}
	}
	return false
}

func (p rules) allReels(names []string) bool {
	for _, name := range names {
		if p.Reel(name) == "" {
			return false
		}
	}
	return true
}

// role is what a folder that was opened as a drive is, by the names of the folders above it.
type role struct {
	kind  roleKind
	day   profile.DayName
	name  string             // of the day folder
	asset *profile.AssetType // for what lies in a day folder
	roll  string             // for what lies in a roll: the roll's name, as far as names tell
}

type roleKind uint8

const (
	roleFree       roleKind = iota // nothing of the structure: day folders are below it
	roleDay                        // a day folder
	roleMisspelt                   // directly in a day folder, nearly an asset type folder
	roleAsset                      // an asset type folder
	roleInAsset                    // directly in an asset type folder: a level or a roll
	roleBelowLevel                 // in a folder of an asset type folder: a roll if that is a level
	roleInRoll                     // inside a roll: nothing in it is anything
)

// roleOf tells what the folder at an absolute, clean path is. Only a day folder with an
// asset type folder in it, both on the path, make what is below a part of the structure: a
// drive that is mounted below a folder with a date for a name is a drive all the same.
func (p rules) roleOf(dir string) role {
	names := strings.Split(strings.Trim(dir, "/"), "/")
	for i := range len(names) - 1 {
		day, ok := p.DayName(names[i])
		if !ok {
			continue
		}
		r := role{day: day, name: names[i]}
		if r.asset, ok = p.AssetType(names[i+1]); ok {
			return p.roleInDay(r, names[i+2:])
		}
		if near, ok := p.NearAssetType(names[i+1]); ok && i+2 == len(names) {
			r.kind, r.asset = roleMisspelt, near
			return r
		}
	}
	name := path.Base(dir)
	if day, ok := p.DayName(name); ok {
		return role{kind: roleDay, day: day, name: name}
	}
	return role{}
}

// roleInDay completes the role of what lies in an asset type folder, below by these names.
func (p rules) roleInDay(r role, below []string) role {
	r.kind = roleInRoll
	switch {
	case len(below) == 0:
		r.kind = roleAsset
		return r
	case p.passedOver(below[len(below)-1]):
	case len(below) == 1:
		r.kind = roleInAsset
	case len(below) == 2 && r.asset.Levels && !p.passedOver(below[0]) && !p.CardFolder(below[0], below[1]):
		r.kind = roleBelowLevel
	}
	r.roll = below[0]
	return r
}

// At is the roll that lies at a path of a drive, whose folder is dir, by the names of the
// folders above it. What is none by them is not ok.
func At(p *profile.Profile, dir, path string) (k Known, ok bool) {
	if p.LitterPath(path) {
		return Known{}, false
	}
	r := rules{p}.roleOf(drive.Join(dir, path))
	_, name := drive.Split(drive.Join(dir, path))
	above, _ := drive.Split(path)
	switch r.kind {
	case roleBelowLevel:
		above, _ = drive.Split(above)
		fallthrough
	case roleInAsset:
		above, _ = drive.Split(above)
	default:
		return Known{}, false
	}
	return Known{Roll{
		Name: name, Type: r.asset.RollType, Path: path, DayFolder: above, DayName: r.name,
		Date: r.day.Date, Episode: r.day.Episode, Day: r.day.Day, Unit: r.day.Unit,
	}, Day{Path: above, Name: r.name}}, true
}
