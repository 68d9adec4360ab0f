package drives

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// layout is how one kind of recorder fills its card: a list of paths, made from the
// name of the roll's folder and its reel (the first four letters). A path that ends
// in a slash is an empty folder, one that ends in =0 a file without bytes.
type layout struct {
	suffix string // of the roll's folder: A001 and this
	level  string // the camera-format level that it may lie below
	sound  bool
	paths  func(roll, reel string) []string
}

// layouts are those that post meets most.
var layouts = []layout{
	{"R1AB", "ALEXA35", false, arriMXF},
	{"R2CD", "ARRIRAW", false, arriFrames},
	{"_0510FT", "RED", false, red},
	{"FX9", "SONY", false, sonyXDROOT},
	{"A7S", "XAVC-S", false, sonyM4ROOT},
	{"C300", "C300", false, canonXF},
	{"XFVC", "XF-AVC", false, canonXFVC},
	{"VARI", "P2", false, panasonicP2},
	{"AVCHD", "AVCHD_CAM", false, avchd},
	{"BMD", "BRAW", false, blackmagic},
	{"DJI", "DRONE", false, dji},
	{"GP11", "GOPRO", false, gopro},
	{"_788T", "", true, soundDevices},
	{"_ZAX", "", true, zaxcom},
	{"_ZOOM", "", true, zoom},
}

func arriMXF(roll, reel string) []string {
	var paths []string
	for clip := range 5 {
		paths = append(paths, fmt.Sprintf("%sC%03d_230510_%s.mxf", reel, clip+1, roll[4:]))
	}
	return append(paths, roll+"_AVID.ale", roll+"_FCP.xml", roll+"_BIN.bin", ".DS_Store", "._"+paths[0])
}

func arriFrames(roll, reel string) []string {
	paths := []string{".codexvfs"}
	for clip := range 3 {
		name := fmt.Sprintf("%sC%03d_230510_%s", reel, clip+1, roll[4:])
		for frame := range 6 {
			paths = append(paths, fmt.Sprintf("%s/4448x3096/%s.%07d.ari", name, name, 86400+clip*1000+frame))
		}
		paths = append(paths, name+"/xml/"+name+".xml", name+"/wav/"+name+".wav")
	}
	return paths
}

func red(roll, reel string) []string {
	paths := []string{"digital_magazine.bin", "digital_magdynamic.bin", "RedDirList.txt"}
	for clip, take := range []string{"0510Q4", "0510ZE"} {
		name := fmt.Sprintf("%s_C%03d_%s", reel, clip+1, take)
		folder := roll + ".RDM/" + name + ".RDC/"
		paths = append(paths, folder+name+"_001.R3D", folder+name+"_002.R3D", folder+name+".RMD")
	}
	return paths
}

func sonyXDROOT(roll, reel string) []string {
	paths := []string{
		"XDROOT/INDEX.XML", "XDROOT/ALIAS.XML=0", "XDROOT/DISCMETA.XML", "XDROOT/MEDIAPRO.XML", "XDROOT/CUEUP.XML",
		"XDROOT/Edit/", "XDROOT/General/", "XDROOT/Sub/", "XDROOT/Take/", "XDROOT/UserData/",
	}
	for clip := range 4 {
		stem := fmt.Sprintf("XDROOT/Clip/%sC%03d_2305107J", reel, clip+1)
		paths = append(paths, stem+".MXF", stem+"M01.XML")
		if clip != 2 { // slow motion has none
			paths = append(paths, stem+"R01.BIM")
		}
	}
	return paths
}

func sonyM4ROOT(string, string) []string {
	root := "PRIVATE/M4ROOT/"
	return []string{
		root + "MEDIAPRO.XML", root + "CLIP/C0001.MP4", root + "CLIP/C0001M01.XML", root + "CLIP/C0002.MP4",
		root + "CLIP/C0002M01.XML", root + "SUB/C0001S03.MP4", root + "THMBNL/C0001T01.JPG", root + "GENERAL/",
		"DCIM/", "MISC/", "AVF_INFO/AVIN0001.BNP",
	}
}

func canonXF(_, reel string) []string {
	clip := "CONTENTS/CLIPS001/" + reel + "C001H230510AB_CANON"
	return []string{"CONTENTS/INDEX.MIF", clip + ".MXF", clip + ".XML", clip + ".CPF", clip + "-01.MXF"}
}

func canonXFVC(_, reel string) []string {
	clip := "XFVC/REEL_0001/" + reel + "C001_230510AB_CANON"
	return []string{clip + ".MP4", clip + ".XML", "XFVC/INDEX.MIF"}
}

func panasonicP2(string, string) []string {
	var paths []string
	for _, clip := range []string{"0001AB", "0002CD"} {
		paths = append(paths, "CONTENTS/CLIP/"+clip+".XML", "CONTENTS/VIDEO/"+clip+".MXF", "CONTENTS/ICON/"+clip+".BMP")
		for track := range 4 {
			paths = append(paths, fmt.Sprintf("CONTENTS/AUDIO/%s%02d.MXF", clip, track))
		}
	}
	return append(paths, "CONTENTS/PROXY/", "CONTENTS/VOICE/", "LASTCLIP.TXT")
}

func avchd(string, string) []string {
	root := "PRIVATE/AVCHD/"
	return []string{
		root + "BDMV/STREAM/00000.MTS", root + "BDMV/STREAM/00001.MTS", root + "BDMV/CLIPINF/00000.CPI",
		root + "BDMV/CLIPINF/00001.CPI", root + "BDMV/PLAYLIST/00000.MPL", root + "BDMV/INDEX.BDM",
		root + "BDMV/MOVIEOBJ.BDM", root + "AVCHDTN/THUMB.TDT=0", root + "CANONTHM/", "PRIVATE/PANA_GRP/001RAQAM/",
	}
}

func blackmagic(_, reel string) []string {
	return []string{
		reel + "_09231200_C001.braw", reel + "_09231200_C002.braw", reel + "_09231200_C001.sidecar",
		"Proxy/" + reel + "_09231200_C001.mp4",
	}
}

// The file names of action cameras and drones start anew on each card.
func dji(string, string) []string {
	return []string{"DCIM/100MEDIA/DJI_0001.MP4", "DCIM/100MEDIA/DJI_0001.LRF", "DCIM/100MEDIA/DJI_0001.SRT", "MISC/THM/100/"}
}

func gopro(string, string) []string {
	root := "DCIM/100GOPRO/"
	return []string{
		root + "GX010048.MP4", root + "GX020048.MP4", root + "GL010048.LRV", root + "GX010048.THM",
		"MISC/version.txt", "Get_started_with_GoPro.url",
	}
}

func soundDevices(string, string) []string {
	return []string{
		"12A-T01.WAV", "12A-T02.WAV", "14-T01.WAV", "FALSETAKES/", "TRASH/", "SOUNDDEV/AUTO.SML", "SOUNDDEV/SDINFO.TXT",
	}
}

func zaxcom(string, string) []string {
	return []string{"12A01.WAV", "12A02.WAV", "0001.ZAX", "0002.ZAX=0"}
}

func zoom(string, string) []string {
	return []string{
		"ZOOM0001/ZOOM0001_LR.WAV", "ZOOM0001/ZOOM0001_Tr1.WAV", "ZOOM0001/ZOOM0001.hprj", "ZOOM0002/ZOOM0002_LR.WAV",
		"FALSE_TAKE/", "TRASH/",
	}
}

// arrangement is one day of the drive of cards: how the layouts lie in it.
type arrangement struct {
	day           string
	camera        byte // first letter of its reels
	sealed, below bool
}

var arrangements = []arrangement{
	{"20230601_EP105_Day13_MU", 'A', true, false},
	{"20230602_EP105_Day14_MU", 'B', false, false},
	{"20230603_EP105_Day15_MU", 'C', true, true},
	{"20230604_EP105_Day16_MU", 'D', false, true},
}

// Cards writes a drive with every layout four times, a day each: sealed and not yet
// sealed, directly in Camera_Media and below a camera-format level. The files are tiny.
func Cards(dir string) error {
	t := newEmptyTree(dir)
	for _, a := range arrangements {
		for i, l := range layouts {
			t.card(a.roll(i), l, a)
		}
	}
	return t.settle(day("2023-06-01"))
}

// CardRolls are the rolls on the drive of cards.
func CardRolls() []Roll {
	var rolls []Roll
	for _, a := range arrangements {
		for i, l := range layouts {
			r := Roll{a.roll(i), "camera", a.day[:4] + "-" + a.day[4:6] + "-" + a.day[6:8], "unverified"}
			if l.sound {
				r.Type = "sound"
			}
			if a.sealed {
				r.Status = "verified"
			}
			rolls = append(rolls, r)
		}
	}
	return rolls
}

// CardFindings are all findings of the drive of cards: its unsealed rolls.
func CardFindings() []Finding {
	var all []Finding
	for _, r := range CardRolls() {
		if r.Status == "unverified" {
			all = append(all, looked("no-manifest", r.Path))
		}
	}
	return all
}

// roll is the path of layout i on this day.
func (a arrangement) roll(i int) string {
	l := layouts[i]
	name := fmt.Sprintf("%c%03d%s", a.camera, i+1, l.suffix)
	switch {
	case l.sound:
		return path.Join(a.day, "Sound_Media", name)
	case a.below:
		return path.Join(a.day, "Camera_Media", l.level, name)
	}
	return path.Join(a.day, "Camera_Media", name)
}

func (t *tree) card(roll string, l layout, a arrangement) {
	at := day("2023-06-01").Add(9 * time.Hour)
	name := path.Base(roll)
	for _, file := range l.paths(name, name[:4]) {
		switch stem, empty := strings.CutSuffix(file, "=0"); {
		case empty:
			t.file(roll+"/"+stem, nil, at)
		case strings.HasSuffix(file, "/"):
			t.folder(roll + "/" + file)
		default:
			t.file(roll+"/"+file, []byte(roll+"/"+file+"\n"), at)
		}
		at = at.Add(4 * time.Minute)
	}
	if a.sealed && t.err == nil {
		_, err := SealLegacy(t.abs(roll), at.Add(time.Hour), xxh64)
		t.do(err)
	}
}
