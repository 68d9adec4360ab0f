package catalog

import (
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"footagefs/catalog/profile"
	"footagefs/verify"
	"footagefs/verify/drive"
	"footagefs/verify/mhl"
)

// severities of the findings of a roll and its manifests; what is not here is an error.
var severities = map[string]Severity{
	"manifest-not-in-chain": Warning, "chain-not-c4": Warning, "multiple-manifests": Warning,
	"manifest-outside-roll": Warning, "directory-hash": Warning, "mtime-shifted": Warning,
	"unlisted": Warning, "size-only": Warning, "illegal-name": Warning, "symlink": Warning,
	"special-file": Warning, "stray-file": Warning,
}

func severityOf(code string) Severity {
	if s, ok := severities[code]; ok {
		return s
	}
	return Error
}

// finding is one about the roll; path is relative to the drive.
func (r *rollState) finding(s Severity, code, path, message string) Finding {
	return Finding{
		Severity: s, Code: code, Path: path, Message: message,
		Roll: r.found.Name, RollType: r.found.Type, Date: r.found.Date,
		Drive: r.drive.id, DriveName: r.drive.name, RollID: r.id,
	}
}

// fillIn completes a finding that was made without knowing the roll.
func (r *rollState) fillIn(f Finding) Finding {
	return r.finding(f.Severity, f.Code, f.Path, f.Message)
}

// settleTime is how long a roll without a manifest must have been quiet before its offload
// is not thought to be running any more.
const settleTime = time.Minute

// title is how a message calls a path of the drive: the drive itself by its folder's name.
func (ds *driveState) title(at string) string {
	if at == "." {
		return filepath.Base(ds.dir)
	}
	return at
}

// rollFindings are the findings of a roll, its manifests and folders.
func (c *Catalog) rollFindings(r *rollState, inv *inventory, met *contents, problems []mhl.Finding) []Finding {
	var list []Finding
	root := r.found.Path
	for _, p := range problems {
		if p.Code == "multiple-manifests" && c.profile.SeveralManifests() {
			continue
		}
		if p.Code == codeUnreadable && !p.Outside && inv.hidden(p.Path) {
			continue // said below, of the folder
		}
		path, message := drive.Join(root, p.Path), p.Message
		switch rest, ofRoll := strings.CutPrefix(message, "the roll: "); {
		case p.Outside:
			path = p.Path
		case ofRoll:
			message = root + ": " + rest
		default:
			message = joinMessage(root, message)
		}
		list = append(list, r.finding(severityOf(p.Code), p.Code, path, message))
	}
	for at, u := range met.unreadable {
		path, what := drive.Join(root, at), "read this folder"
		if u.kind != drive.Folder {
			what = "look at it"
		}
		list = append(list, r.finding(Error, codeUnreadable, path,
			r.drive.title(path)+": the drive could not "+what+" ("+reasonOf(u.err)+"); check cable, drive and permissions, then verify again"))
	}
	for _, f := range met.odd {
		list = append(list, r.fillIn(f))
	}
	list = append(list, c.missingManifest(r, met)...)
	for _, folder := range met.folders {
		if _, name := drive.Split(folder); !c.profile.LitterPath(folder) {
			list = append(list, illegalName(r, c.profile, folder, name)...)
		}
	}
	if inv.shift != 0 {
		list = append(list, r.finding(Warning, "mtime-shifted", root, root+": all times moved by "+
			time.Duration(inv.shift).String()+", as between time zones; results are kept, verify --recheck reads the roll again"))
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

// missingManifest says that a roll has no manifest of its own, or nothing at all.
func (c *Catalog) missingManifest(r *rollState, met *contents) []Finding {
	for _, f := range met.files {
		if f.Kind == drive.Regular && isManifestName(f.Path) && !strings.Contains(f.Path, "/") || f.Path == "ascmhl" && f.Kind == drive.Folder {
			return nil
		}
	}
	if len(met.unreadable) > 0 {
		return nil // it may be where the drive could not read
	}
	path := r.found.Path
	var newest int64
	regular := 0
	for i, f := range met.files {
		if f.Kind == drive.Regular {
			regular++
			newest = max(newest, met.looks[i].ModTime, met.looks[i].ChangeTime)
		}
	}
	if regular == 0 {
		return []Finding{r.finding(Error, "empty-roll", path, path+": there is no file in this roll; offload it again, or remove the folder")}
	}
	message := path + ": no manifest (MHL) at the roll's root; have the offload's MHL put there, or write one with footagefs seal"
	if c.now().UnixNano()-newest < settleTime.Nanoseconds() {
		message = path + ": no manifest (MHL) at the roll's root yet; it changed within the last minute, the offload may still be running"
	}
	return []Finding{r.finding(Error, "no-manifest", path, message)}
}

// isManifestName is true for the names that a roll's root manifest may have.
func isManifestName(name string) bool {
	return len(name) > 4 && strings.EqualFold(name[len(name)-4:], ".mhl") && !strings.HasPrefix(name, "._")
}

func illegalName(r *rollState, p *profile.Profile, path, name string) []Finding {
	chars, bad := p.IllegalCardName(name)
	if !bad {
		return nil
	}
	full := drive.Join(r.found.Path, path)
	return []Finding{r.finding(Warning, "illegal-name", full, full+": post may refuse this name ("+chars+"); a card's files are not to be renamed, tell post")}
}

// fileFindings are the findings of one file. What a whole roll suffers from (no manifest,
// one that cannot be used) is a finding of the roll, not of its every file.
func fileFindings(r *rollState, e *entry, v verdict, p *profile.Profile) []Finding {
	var list []Finding
	add := func(code, message string) {
		path := drive.Join(r.found.Path, e.item.Path)
		list = append(list, r.finding(severityOf(code), code, path, joinMessage(r.found.Path, message)))
	}
	switch v.status {
	case verify.Unreadable:
		if v.because == "" { // else that has a finding, one for all files
			add(string(v.status), v.message)
		}
	case verify.Mismatch, verify.Missing, verify.Rejected, verify.Unlisted, verify.SizeOnly:
		add(string(v.status), v.message)
	case verify.Unverifiable:
		if e.item.Kind == mhl.Listed {
			add(string(v.status), v.message)
		}
	}
	if e.item.Contradiction != "" {
		add("contradiction", e.item.Path+": "+e.item.Contradiction)
	}
	if _, name := drive.Split(e.item.Path); e.there && v.status != verify.Ignored {
		list = append(list, illegalName(r, p, e.item.Path, name)...)
	}
	return list
}

// joinMessage puts the roll's folder before a message that begins with a path in the roll.
func joinMessage(root, message string) string {
	if root == "." || message == "" {
		return message
	}
	return root + "/" + message
}

// Findings are all findings about what the filter selects, sorted as problems.csv is.
func (c *Catalog) Findings(f Filter) []Finding {
	var list []Finding
	for fs := range c.findings(f) {
		list = append(list, fs)
	}
	sortFindings(list)
	return list
}

// FindingFolders are the folders in which lies what the findings are about.
func (c *Catalog) FindingFolders(f Filter) map[DriveID]map[string]bool {
	folders := make(map[DriveID]map[string]bool)
	for fs := range c.findings(f) {
		folder, _ := drive.Split(fs.Path)
		if folders[fs.Drive] == nil {
			folders[fs.Drive] = make(map[string]bool)
		}
		folders[fs.Drive][folder] = true
	}
	return folders
}

func sortFindings(list []Finding) {
	sort.SliceStable(list, func(i, j int) bool {
		a, b := &list[i], &list[j]
		switch {
		case a.RollType != b.RollType:
			return a.RollType < b.RollType
		case a.Date != b.Date:
			return a.Date < b.Date
		case a.Roll != b.Roll:
			return a.Roll < b.Roll
		case a.Path != b.Path:
			return a.Path < b.Path
		case a.Drive != b.Drive:
			return a.Drive < b.Drive
		}
		return a.Code < b.Code
	})
}

// duplicates are the findings about rolls of one type and name, letter case aside, that
// are not copies of one roll: copies are on different drives, of one date, and their
// oldest manifest has the same bytes. namesakes are their places in rolls.
func duplicates(rolls []Roll, namesakes [][]int) []Finding {
	var list []Finding
	for _, places := range namesakes {
		g := make([]*Roll, len(places))
		for i, at := range places {
			g[i] = &rolls[at]
		}
		if allCopies(g) {
			continue
		}
		for _, r := range g {
			list = append(list, Finding{
				Severity: Error, Code: "duplicate-roll", Roll: r.Name, RollType: r.Type, Date: r.Date, Path: r.Path,
				Message: r.Path + ": another " + string(r.Type) + " roll has this name (" + otherPlaces(g, r) + "); roll names must be unique, ask which is which",
				Drive:   r.Drive, DriveName: r.DriveName, RollID: r.ID,
			})
		}
	}
	return list
}

func allCopies(g []*Roll) bool {
	drives := map[DriveID]bool{}
	for _, r := range g {
		if r.Name != g[0].Name || r.Date != g[0].Date || r.Oldest == "" || r.Oldest != g[0].Oldest || drives[r.Drive] {
			return false
		}
		drives[r.Drive] = true
	}
	return true
}

func otherPlaces(g []*Roll, self *Roll) string {
	var places []string
	for _, r := range g {
		switch {
		case r == self:
		case len(places) == 3:
			return strings.Join(places, ", ") + " and " + strconv.Itoa(len(g)-4) + " more"
		default:
			places = append(places, drive.Join(r.DriveName, r.Path))
		}
	}
	return strings.Join(places, ", ")
}

// reasonOf is the innermost reason of an error, for a message.
func reasonOf(err error) string { return drive.Reason(err) }
