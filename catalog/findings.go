package catalog

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"footagefs/catalog/profile"
	"footagefs/catalog/structure"
	"footagefs/verify"
	"footagefs/verify/drive"
	"footagefs/verify/finding"
	"footagefs/verify/mhl"
)

// finding is one about the roll or something in it; path is relative to the roll.
func (r *rollState) finding(code finding.Code, path, what string) Finding {
	return r.place(finding.New(code, drive.Join(r.found.Path, path), what))
}

// place says of which roll a finding is; its path is relative to the drive.
func (r *rollState) place(f finding.Finding) Finding {
	return Finding{
		Finding: f, Roll: r.found.Name, RollType: r.found.Type, Date: r.found.Date,
		Drive: r.drive.id, DriveName: r.drive.name, RollID: r.id,
	}
}

// settleTime is how long a roll without a manifest must have been quiet before its offload
// is not thought to be running any more.
const settleTime = time.Minute

// rollFindings are the findings of a roll, its manifests and folders.
func (c *Catalog) rollFindings(r *rollState, inv *inventory, met *contents, problems []mhl.Finding) []Finding {
	var list []Finding
	root := r.found.Path
	for _, p := range problems {
		if p.Code == finding.MultipleManifests && c.profile.SeveralManifests() {
			continue
		}
		if p.Code == finding.Unreadable && !p.Outside && inv.hidden(p.Path) {
			continue // said below, of the folder
		}
		if !p.Outside {
			p.Path = drive.Join(root, p.Path)
		}
		list = append(list, r.place(p.Finding))
	}
	for at, u := range met.unreadable {
		what := "read this folder"
		if u.kind != drive.Folder {
			what = "look at it"
		}
		list = append(list, r.finding(finding.Unreadable, at, "the drive could not "+what+" ("+drive.Reason(u.err)+")"))
	}
	for _, f := range met.odd {
		list = append(list, r.place(f))
	}
	list = append(list, c.missingManifest(r, met)...)
	for _, folder := range met.folders {
		if _, name := drive.Split(folder); !c.profile.LitterPath(folder) {
			list = append(list, illegalName(r, c.profile, folder, name)...)
		}
	}
	if inv.shift != 0 {
		list = append(list, r.finding(finding.MtimeShifted, ".", "all times moved by "+time.Duration(inv.shift).String()+", as between time zones"))
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

// missingManifest says that a roll has no manifest of its own, or nothing at all.
func (c *Catalog) missingManifest(r *rollState, met *contents) []Finding {
	for _, f := range met.files {
		if !strings.Contains(f.Path, "/") && structure.IsManifest(drive.Entry{Name: f.Path, Kind: f.Kind}) {
			return nil
		}
	}
	if len(met.unreadable) > 0 {
		return nil // it may be where the drive could not read
	}
	var newest int64
	regular := 0
	for i, f := range met.files {
		if f.Kind == drive.Regular {
			regular++
			newest = max(newest, met.looks[i].ModTime, met.looks[i].ChangeTime)
		}
	}
	if regular == 0 {
		return []Finding{r.finding(finding.EmptyRoll, ".", "there is no file in this roll")}
	}
	if c.now().UnixNano()-newest < settleTime.Nanoseconds() {
		return []Finding{r.place(finding.New(finding.NoManifest, r.found.Path, "no manifest (MHL) at the roll's root yet").
			Doing("it changed within the last minute, the offload may still be running"))}
	}
	return []Finding{r.finding(finding.NoManifest, ".", "no manifest (MHL) at the roll's root")}
}

func illegalName(r *rollState, p *profile.Profile, path, name string) []Finding {
	chars, bad := p.IllegalCardName(name)
	if !bad {
		return nil
	}
	return []Finding{r.finding(finding.IllegalName, path, "post may refuse this name ("+chars+")")}
}

// fileFindings are the findings of one file. What a whole roll suffers from (no manifest,
// one that cannot be used) is a finding of the roll, not of its every file.
func fileFindings(r *rollState, e *entry, v verdict, p *profile.Profile) []Finding {
	var list []Finding
	said := false // by a finding about all such files of the roll
	switch v.status {
	case verify.Unreadable:
		said = v.because != ""
	case verify.Unverifiable:
		said = e.item.Kind != mhl.Listed
	}
	if f, bad := v.finding(e.item); bad && !said {
		f.Path = drive.Join(r.found.Path, f.Path)
		list = append(list, r.place(f))
	}
	if e.item.Contradiction != "" {
		list = append(list, r.finding(finding.Contradiction, e.item.Path, e.item.Contradiction))
	}
	if _, name := drive.Split(e.item.Path); e.there && v.status != verify.Ignored {
		list = append(list, illegalName(r, p, e.item.Path, name)...)
	}
	return list
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
				Finding: finding.New(finding.DuplicateRoll, r.Path, "another "+string(r.Type)+" roll has this name ("+otherPlaces(g, r)+")"),
				Roll:    r.Name, RollType: r.Type, Date: r.Date, Drive: r.Drive, DriveName: r.DriveName, RollID: r.ID,
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
