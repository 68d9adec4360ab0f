package catalog

import "testing"

// A selection of nothing selects no roll, whatever else it says: what is asked of it must not
// be answered for every roll there is.
func TestASelectionOfNothing(t *testing.T) {
	r := Roll{ID: 1, Drive: 1, Date: "20230510", Name: "A001R1AB", Type: Camera, Path: "A001R1AB"}
	for _, f := range []Filter{
		{Nothing: true}, {Nothing: true, Date: r.Date}, {Nothing: true, IDs: []RollID{r.ID}},
		Filter{}.Only(nil), Filter{Type: Camera}.Only(nil), Filter{Nothing: true}.Only([]Roll{r}), Filter{}.Only([]Roll{{ID: 2}}),
	} {
		if f.matches(&r) || f.all() || f.wholeDrives() {
			t.Errorf("%+v selects a roll", f)
		}
	}
	for _, f := range []Filter{{}, {Date: r.Date}, Filter{}.Only([]Roll{r, {ID: 2}})} {
		if !f.matches(&r) {
			t.Errorf("%+v does not select the roll", f)
		}
	}
}
