package structure

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"footagefs/catalog/profile"
)

// cards are layouts of cards as the makers have them; ROLL is the roll's name and REEL its
// first four letters.
var cards = []struct {
	name, roll string
	sound      bool
	paths      string
}{
	{"ARRI MXF", "R1AB", false, "REELC001_230510_R1AB.mxf REELC002_230510_R1AB.mxf ROLL_AVID.ale ROLL_FCP.xml ROLL_BIN.bin"},
	{"ARRI MXF in Clips", "R2EC", false, "Clips/REELC006_141024_R2EC.mov Sidecar.txt"},
	{"ARRI ProRes", "R1JL", false, "REELC010_20100610_R1JL.mov"},
	{"ARRIRAW", "R2CD", false, ".codexvfs REELC001_230510_R2CD/4448x3096/REELC001.0086400.ari REELC001_230510_R2CD/xml/x.xml REELC001_230510_R2CD/wav/x.wav REELC002_230510_R2CD/4448x3096/x.ari"},
	{"ARRIRAW one clip", "R3CD", false, "REELC001_230510_R3CD/4448x3096/REELC001.0086400.ari"},
	{"ARRIRAW by extension", "R4CD", false, "ari/ROLL/REELC001/x.0086400.ari"},
	{"RED", "_0510FT", false, "digital_magazine.bin RedDirList.txt ROLL.RDM/REEL_C001_0510Q4.RDC/REEL_C001_0510Q4_001.R3D ROLL.RDM/REEL_C002_0510ZE.RDC/x.R3D"},
	{"RED without magazine", "_0511FT", false, "REEL_C001_0510Q4.RDC/x.R3D REEL_C002_0510ZE.RDC/x.R3D"},
	{"Sony XDROOT", "FX9", false, "XDROOT/Clip/REELC001_2305107J.MXF XDROOT/Clip/REELC001_2305107JM01.XML XDROOT/Edit/ XDROOT/INDEX.XML"},
	{"Sony M4ROOT", "A7S", false, "PRIVATE/M4ROOT/CLIP/C0001.MP4 PRIVATE/M4ROOT/GENERAL/ DCIM/ MISC/ AVF_INFO/x"},
	{"Sony M4ROOT at the root", "A7T", false, "M4ROOT/CLIP/C0001.MP4"},
	{"Sony BPAV", "EX3", false, "BPAV/CLPR/x/x.MP4 BPAV/MEDIAPRO.XML"},
	{"Canon CONTENTS", "C300", false, "CONTENTS/CLIPS001/REELC001H230510AB_CANON.MXF CONTENTS/INDEX.MIF"},
	{"Canon CRM", "C500", false, "CONTENTS/CLIPS001/REELC001.CRM CONTENTS/REELS/"},
	{"Canon XFVC", "R5C", false, "XFVC/REEL_0001/REELC001_230510AB_CANON.MP4 XFVC/INDEX.MIF"},
	{"Panasonic P2", "VARI", false, "CONTENTS/CLIP/0001AB.XML CONTENTS/VIDEO/0001AB.MXF CONTENTS/AUDIO/0001AB00.MXF CONTENTS/PROXY/ LASTCLIP.TXT"},
	{"Panasonic MOV", "CX350", false, "PRIVATE/PANA_GRP/001RAQAM/x.MOV"},
	{"AVCHD", "AVC", false, "PRIVATE/AVCHD/BDMV/STREAM/00000.MTS PRIVATE/AVCHD/AVCHDTN/THUMB.TDT"},
	{"AVCHD without PRIVATE", "AVD", false, "AVCHD/BDMV/STREAM/00000.MTS"},
	{"BRAW", "BMD", false, "REEL_09231200_C001.braw REEL_09231200_C001.sidecar"},
	{"BRAW with proxies", "BME", false, "REEL_09231200_C001.braw Proxy/REEL_09231200_C001.mp4"},
	{"DJI", "DJI", false, "DCIM/100MEDIA/DJI_0001.MP4 DCIM/100MEDIA/DJI_0001.LRF MISC/THM/100/"},
	{"GoPro", "GP11", false, "DCIM/100GOPRO/GX010048.MP4 DCIM/100GOPRO/GL010048.LRV MISC/version.txt Get_started_with_GoPro.url"},
	{"Sound Devices", "_788T", true, "12A-T01.WAV FALSETAKES/ TRASH/ SOUNDDEV/SDINFO.TXT"},
	{"Sound Devices by day", "_552", true, "SHOW/07Y01M15/SC1/12A-T01.WAV FALSETAKES/"},
	{"Zaxcom", "_ZAX", true, "12A01.WAV 0001.ZAX"},
	{"Zoom", "_ZOOM", true, "ZOOM0001/ZOOM0001_LR.WAV ZOOM0002/ZOOM0002_LR.WAV FALSE_TAKE/ TRASH/"},
}

// levels are what people call camera-format levels; one is named like a reel.
var levels = []string{"ALEXA35", "C300", "RED", "A-CAM_ARRIRAW"}

// Every layout is a roll, and every level a level: directly in the asset type folder and
// below a level, sealed in either way and not yet sealed, alone in its level and among others.
func TestEveryCardIsARoll(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	var want []string
	date := 20230500
	for _, seal := range []string{"", "/ROLL_2023-05-10_120000.mhl", "/ascmhl/0001_ROLL_2023-05-10_120000Z.mhl"} {
		for _, level := range append([]string{""}, levels...) {
			date++
			for i, c := range cards {
				roll := fmt.Sprintf("%c%03d%s", 'A'+date%20, i+1, c.roll)
				folder := fmt.Sprintf("%d_Day01/Camera_Media/%s", date, level)
				if c.sound {
					folder = fmt.Sprintf("%d_Day01/Sound_Media", date)
				}
				path := strings.TrimSuffix(folder, "/") + "/" + roll
				for _, file := range append(strings.Fields(c.paths), strings.TrimPrefix(seal, "/")) {
					if file != "" {
						lay(t, dir, path+"/"+strings.NewReplacer("ROLL", roll, "REEL", roll[:4]).Replace(file))
					}
				}
				want = append(want, path)
			}
		}
	}
	slices.Sort(want)
	var got []string
	st := scanned(t, scannerOf(t, dir))
	for _, r := range st.Rolls {
		got = append(got, r.Path)
		if (r.Type == profile.Sound) != strings.Contains(r.Path, "/Sound_Media/") || !strings.HasPrefix(r.Path, r.Date) {
			t.Errorf("%s: got %s %s", r.Path, r.Type, r.Date)
		}
		if sealed := hasManifest(r.Root); sealed != (r.Date > "20230505") {
			t.Errorf("%s: got a manifest %v", r.Path, sealed)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rolls -want +got:\n%s", diff)
	}
	if len(st.Findings) > 0 {
		t.Errorf("got findings %v, want none", lines(&Structure{Findings: st.Findings}))
	}
}

// Each card is recognised also where it is the only one in its level, or the only one of
// its day.
func TestEveryCardAlone(t *testing.T) {
	for i, c := range cards {
		for _, level := range append([]string{""}, levels...) {
			if c.sound && level != "" {
				continue
			}
			roll := fmt.Sprintf("A%03d%s", i+1, c.roll)
			path := strings.TrimSuffix("20230510/Camera_Media/"+level, "/") + "/" + roll
			kind := "camera"
			if c.sound {
				path, kind = "20230510/Sound_Media/"+roll, "sound"
			}
			dir := t.TempDir() + "/SHUTTLE01"
			for _, file := range strings.Fields(c.paths) {
				lay(t, dir, path+"/"+strings.NewReplacer("ROLL", roll, "REEL", roll[:4]).Replace(file))
			}
			want := []string{"day 20230510", kind + " 20230510 " + path}
			if diff := cmp.Diff(want, lines(scanned(t, scannerOf(t, dir)))); diff != "" {
				t.Errorf("%s below %q: -want +got:\n%s", c.name, level, diff)
			}
			got := lines(scanned(t, scannerOf(t, dir+"/"+path)))
			if diff := cmp.Diff([]string{"day .", kind + " 20230510 ."}, got); diff != "" {
				t.Errorf("%s below %q, opened itself: -want +got:\n%s", c.name, level, diff)
			}
		}
	}
}
