package control

import "footagefs/catalog"

// Selection is a catalog.Filter on its way from a live mount to another process: rolls and
// drives are named by place, because the numbers of rolls mean nothing there.
type Selection struct {
	Date    string           `json:"date,omitempty"`
	Type    catalog.RollType `json:"type,omitempty"`
	Nothing bool             `json:"nothing,omitempty"`
	Paths   []Place          `json:"paths,omitempty"`
	Offline []Roll           `json:"offline,omitempty"` // selected rolls whose drive is not here
}

type Place struct {
	Drive catalog.DriveID `json:"drive"`
	Path  Exact           `json:"path"`
}

// Roll is as much of a roll as a finding says of it.
type Roll struct {
	Type      catalog.RollType `json:"type"`
	Date      string           `json:"date"`
	Name      Exact            `json:"name"`
	Path      Exact            `json:"path"`
	DriveName Exact            `json:"drive_name"`
}

// selectionOf turns a filter into one that another process understands.
func selectionOf(cat *catalog.Catalog, f, narrowed catalog.Filter) Selection {
	s := Selection{Date: f.Date, Type: f.Type}
	for _, p := range f.Paths {
		s.Paths = append(s.Paths, Place{p.Drive, Exact(p.Path)})
	}
	if f.Nothing || len(f.IDs) > 0 {
		for _, r := range cat.Rolls(f) {
			s.Paths = append(s.Paths, Place{r.Drive, Exact(r.Path)})
		}
		s.Nothing = len(s.Paths) == 0
	}
	for _, r := range cat.Rolls(narrowed) {
		if r.Status == catalog.RollOffline {
			s.Offline = append(s.Offline, Roll{r.Type, r.Date, Exact(r.Name), Exact(r.Path), Exact(r.DriveName)})
		}
	}
	return s
}

// Filter selects the same here. numbers are this process's for the live mount's drives;
// places on drives that have none are left out, and a selection of nothing stays one.
func (s Selection) Filter(numbers map[catalog.DriveID]catalog.DriveID) catalog.Filter {
	f := catalog.Filter{Date: s.Date, Type: s.Type}
	for _, p := range s.Paths {
		if id, ok := numbers[p.Drive]; ok {
			f.Paths = append(f.Paths, catalog.Place{Drive: id, Path: string(p.Path)})
		}
	}
	f.Nothing = s.Nothing || len(s.Paths) > 0 && len(f.Paths) == 0
	return f
}

// OfflineRolls are the selected rolls whose drives are not here, as far as they are told.
func (s Selection) OfflineRolls() []catalog.Roll {
	rolls := make([]catalog.Roll, len(s.Offline))
	for i, r := range s.Offline {
		rolls[i] = catalog.Roll{
			Type: r.Type, Date: r.Date, Name: string(r.Name), Path: string(r.Path), DriveName: string(r.DriveName),
			Status: catalog.RollOffline,
		}
	}
	return rolls
}
