package drives

import "path"

// placeFaults are folders and files that are not where the profile wants them.
func placeFaults() []fault {
	camera := dayPlaces + "/Camera_Media/"
	sealed := func(folder string) func(*site) {
		return func(s *site) { clean(s.site(path.Join(s.path, folder))) }
	}
	return []fault{
		{camera + "D001R4GH", "verified", clean, nil},
		{camera + "D002 R4GH", "verified", clean, []Finding{looked("illegal-name", "")}},
		{camera + "ALEXA35/D003R4GH", "verified", clean, nil},
		{camera + "ALEXA35", "", func(s *site) { s.clip("readme.txt") }, []Finding{looked("stray-file", "readme.txt")}},
		{dayPlaces + "/Sound_Media/S010", "verified", clean, nil},
		{dayPlaces + "/Sound_Media", "", func(s *site) { s.clip("notes.txt") }, []Finding{looked("stray-file", "notes.txt")}},
		{dayPlaces + "/Reports", "", func(s *site) { s.clip("D001R4GH @ noon.pdf") }, nil},
		{dayPlaces + "/camera_media", "", sealed("D004R4GH"), []Finding{looked("bad-media-folder", "")}},
		{dayPlaces + "/Audio", "", sealed("S011"), []Finding{looked("bad-media-folder", "")}},
		{dayPlaces + "/Extras", "", sealed("D005R4GH"), []Finding{looked("bad-media-folder", "")}},
		{dayPlaces + "/Loose", "", clean, []Finding{looked("stray-folder", "")}},
		{"230515_Day10", "", sealed("Camera_Media/D006R4GH"), []Finding{looked("bad-date-folder", "")}},
		{"20230231_EP104_Day11_MU", "", sealed("Camera_Media/D007R4GH"), []Finding{looked("bad-date-folder", "")}},
		{"LOOSE_ROLL", "", clean, []Finding{looked("stray-folder", "")}},
		{"Unsorted/D008R4GH", "", clean, []Finding{looked("stray-folder", "")}},
		{dayFiles + "/Camera_Media/A020R1AB", "verified", clean, []Finding{looked("duplicate-roll", "")}},
		{dayManifests + "/Camera_Media/a020r1ab", "verified", clean, []Finding{looked("duplicate-roll", "")}},
	}
}
