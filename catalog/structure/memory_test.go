package structure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footagefs/verify/drive"
	"footagefs/verify/finding"
)

// settled makes a scanner that trusts the drive's times, on a drive that was last changed
// long ago as far as it knows.
func settledScanner(t testing.TB, dir string) *Scanner {
	s := scannerOf(t, dir)
	s.strong = true
	s.now = func() time.Time { return time.Now().Add(time.Minute) }
	return s
}

// again scans once more and returns how many folders were looked at and listed for it.
func again(t testing.TB, s *Scanner) (st *Structure, looks, reads int) {
	t.Helper()
	looks, reads = s.looks, s.reads
	st = scanned(t, s)
	return st, s.looks - looks, s.reads - reads
}

func TestScanRemembers(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "Show/20230510/Camera_Media/ALEXA35/A001R1AB/x.mxf", "Show/20230510/Camera_Media/ONE/TWO/THREE/x", "Show/20230510/Sound_Media/S005/a/b/c")
	s := settledScanner(t, dir)
	first, looks, reads := again(t, s)
	// The drive, Show, the day, two asset types, ALEXA35, A001R1AB, ONE, TWO, S005.
	if looks != 10 || reads != 10 {
		t.Errorf("first scan: got %d looks and %d listings, want 10 of each", looks, reads)
	}
	second, looks, reads := again(t, s)
	if looks != 10 || reads != 0 {
		t.Errorf("second scan: got %d looks and %d listings, want 10 and 0", looks, reads)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("-first +second:\n%s", diff)
	}
	lay(t, dir, "Show/20230510/Camera_Media/ONE/TWO/a.mhl")
	third, _, reads := again(t, s)
	if reads != 1 {
		t.Errorf("after a change in TWO: got %d listings, want 1", reads)
	}
	if got := lines(third); got[2] != "camera 20230510 Show/20230510/Camera_Media/ONE/TWO" {
		t.Errorf("after TWO was sealed: got %q, want ONE to be a level", got)
	}
	if err := os.RemoveAll(dir + "/Show/20230510/Sound_Media"); err != nil {
		t.Fatal(err)
	}
	if st, _, _ := again(t, s); len(st.Rolls) != 2 || len(s.known) != len(third.Rolls)+5 {
		t.Errorf("after Sound_Media went: got %q, %d folders remembered", lines(st), len(s.known))
	}
}

// Every change in a roll's root shows, also of files that are not kept.
func TestRootSum(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	const roll = "20230510/Camera_Media/A001"
	for i := range 200 {
		lay(t, dir, fmt.Sprintf("%s/A001C%03d.mxf", roll, i))
	}
	lay(t, dir, roll+"/z.mhl", roll+"/.DS_Store", roll+"/Sub/", roll+"/zz@")
	s := settledScanner(t, dir)
	sums := map[uint64]string{}
	add := func(what string) {
		t.Helper()
		r := scanned(t, s).Rolls[0]
		if before, ok := sums[r.RootSum]; ok {
			t.Errorf("%s: the sum is that of %s", what, before)
		}
		sums[r.RootSum] = what
		if len(r.Root) > 10 || !hasManifest(r.Root) || !s.profile.hasMedia(r.Root) {
			t.Errorf("%s: got %d entries of the root, want few, with the manifest and a media file", what, len(r.Root))
		}
	}
	add("the beginning")
	lay(t, dir, roll+"/A001C777.mxf")
	add("one more")
	if err := os.Rename(dir+"/"+roll+"/A001C150.mxf", dir+"/"+roll+"/A001C888.mxf"); err != nil {
		t.Fatal(err)
	}
	add("one renamed")
	if err := os.Rename(dir+"/"+roll+"/A001C888.mxf", dir+"/"+roll+"/A001C100.mxf"); err != nil {
		t.Fatal(err)
	}
	add("one replaced")
}

// Where times and link counts tell all that is asked, the roots of rolls are not listed.
func TestScanWithoutListingRoots(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf", "20230510/Camera_Media/ALEXA35/A002/x.mxf", "20230510/Camera_Media/A003/Clips/x.mxf", "20230510/Sound_Media/S001/a/x.wav")
	s := settledScanner(t, dir)
	s.listRoots = false
	first, looks, reads := again(t, s)
	// Listed: the drive, the day, two asset types, ALEXA35 and A003, which have folders; of
	// the latter's no listing is needed, since Clips is a card's.
	if want := 6; s.counts && (looks != 9 || reads != want) {
		t.Errorf("got %d looks and %d listings, want 9 and %d", looks, reads, want)
	}
	if len(first.Rolls) != 4 {
		t.Fatalf("got %q, want four rolls", lines(first))
	}
	for _, r := range first.Rolls {
		if r.Inode == 0 || r.RootSum == 0 || r.Root != nil {
			t.Errorf("got %+v", r)
		}
	}
	lay(t, dir, "20230510/Sound_Media/S001/more.wav")
	second, _, reads := again(t, s)
	if reads != 0 || first.Rolls[3].RootSum == second.Rolls[3].RootSum || first.Rolls[0].RootSum != second.Rolls[0].RootSum {
		t.Errorf("after a change in S001: got %d listings, sums %x and %x", reads, first.Rolls[3].RootSum, second.Rolls[3].RootSum)
	}
}

// What changed a moment ago is read again, and everything on file systems whose times
// cannot be trusted.
func TestScanDoubts(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf")
	s := settledScanner(t, dir)
	s.now = time.Now
	if again(t, s); s.reads == 0 {
		t.Error("got no listings")
	}
	if _, _, reads := again(t, s); reads != 4 {
		t.Errorf("young folders: got %d listings, want 4", reads)
	}
	s.now = func() time.Time { return time.Now().Add(unsettled + time.Second) }
	if _, _, reads := again(t, s); reads != 4 {
		t.Errorf("folders listed when they were young: got %d listings, want 4", reads)
	}
	if _, _, reads := again(t, s); reads != 0 {
		t.Errorf("settled folders: got %d listings, want 0", reads)
	}
	s.now = func() time.Time { return time.Now().Add(2 * believed) }
	if _, _, reads := again(t, s); reads != 4 {
		t.Errorf("after long: got %d listings, want 4", reads)
	}
	weak := settledScanner(t, dir)
	weak.strong = false
	again(t, weak)
	if _, _, reads := again(t, weak); reads != 4 {
		t.Errorf("a file system that is not strong: got %d listings, want 4", reads)
	}
}

// A large level whose files were let go of while it was a roll has its stray files named.
func TestTrimmedFoldersAreReadAgain(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	const level = "20230510/Camera_Media/ONE"
	lay(t, dir, level+"/TWO/x")
	for i := range 100 {
		lay(t, dir, fmt.Sprintf("%s/note%03d.txt", level, i))
	}
	s := settledScanner(t, dir)
	if st := scanned(t, s); len(st.Rolls) != 1 || st.Rolls[0].Path != level || len(st.Findings) != 0 {
		t.Errorf("got %q, want one roll", lines(st))
	}
	lay(t, dir, level+"/TWO/a.mhl")
	for range 2 {
		st := scanned(t, s)
		if len(st.Rolls) != 1 || st.Rolls[0].Path != level+"/TWO" || len(st.Findings) != 100 {
			t.Errorf("got %d rolls and %d findings, want the level's roll and 100 stray files", len(st.Rolls), len(st.Findings))
		}
	}
	if _, _, reads := again(t, s); reads != 0 {
		t.Errorf("got %d listings, want 0", reads)
	}
}

// The rest goes on whatever a drive holds, and what is kept of it is bounded.
func TestScanIsBounded(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf", "2023-05-11/deep/x/x/x/x/x/x/x/x/x/x/x/x.mxf")
	lay(t, dir, "20230510/"+strings.Repeat("x/", 300), strings.Repeat("y/", 300), "20230510/Camera_Media/ALEXA/"+strings.Repeat("z/", 100))
	for i := range keptFiles + 500 {
		lay(t, dir, fmt.Sprintf("20230510/Camera_Media/%04d.txt", i))
	}
	for i := range keptFolders + 5 {
		if err := os.Mkdir(fmt.Sprintf("%s/20230510/Sound_Media%05d", dir, i), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := scannerOf(t, dir)
	st, looks, _ := again(t, s)
	if len(st.Rolls) != 2 || looks > keptFolders+100 {
		t.Errorf("got %d rolls after %d looks", len(st.Rolls), looks)
	}
	count := map[finding.Code]int{}
	for _, f := range st.Findings {
		count[f.Code]++
	}
	want := map[finding.Code]int{"stray-file": keptFiles + 1, "unreadable": 1}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("findings -want +got:\n%s", diff)
	}
	if s.held > keptEntries {
		t.Errorf("got %d entries remembered", s.held)
	}
}

// A search that has to look at too much says so.
func TestSearchesAreBounded(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf", "20230510/Extras/a/", "20230510/Extras/b/", "20230510/Extras/c/a.mhl")
	s := scannerOf(t, dir)
	s.seen = map[string]*listing{}
	w := &walk{Scanner: s, ctx: context.Background(), pool: 2}
	w.start()
	w.out.sort()
	want := []string{"day 20230510", "camera 20230510 20230510/Camera_Media/A001", "unreadable ."}
	if diff := cmp.Diff(want, lines(&w.out)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf", "20230510/Camera_Media/A001/x.mhl")
	s := scannerOf(t, dir)
	s.seen, s.held = map[string]*listing{}, keptEntries
	w := &walk{Scanner: s, ctx: context.Background(), pool: searchPool}
	w.start()
	if len(s.seen) != 0 || len(w.out.Rolls) != 1 || len(w.out.Rolls[0].Root) != 1 || !hasManifest(w.out.Rolls[0].Root) {
		t.Errorf("got %d folders remembered and %+v, want none and a roll with its manifest", len(s.seen), w.out.Rolls)
	}
}

func TestScanOfADriveThatIsGone(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf")
	s := scannerOf(t, dir)
	scanned(t, s)
	s.drive.Release()
	if st, err := s.Scan(context.Background()); !errors.Is(err, drive.ErrGone) || st != nil {
		t.Errorf("got %v, %v, want %v", st, err, drive.ErrGone)
	}
}

func TestScanStops(t *testing.T) {
	dir := t.TempDir() + "/SHUTTLE01"
	lay(t, dir, "20230510/Camera_Media/A001/x.mxf")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if st, err := scannerOf(t, dir).Scan(ctx); !errors.Is(err, context.Canceled) || st != nil {
		t.Errorf("got %v, %v, want %v", st, err, context.Canceled)
	}
}

func BenchmarkScanFirst(b *testing.B) {
	dir := b.TempDir() + "/SHUTTLE01"
	for i := range 100 {
		roll := fmt.Sprintf("202305%02d/Camera_Media/A%03dR1AB/", 1+i%10, i)
		for n := range 1000 {
			lay(b, dir, fmt.Sprintf("%sA%03dC%04d.mxf", roll, i, n))
		}
	}
	for _, list := range []bool{true, false} {
		b.Run(fmt.Sprintf("listRoots=%v", list), func(b *testing.B) {
			for b.Loop() {
				s := scannerOf(b, dir)
				s.listRoots = list
				scanned(b, s)
			}
		})
	}
}

func BenchmarkScanAgain(b *testing.B) {
	dir := b.TempDir() + "/SHUTTLE01"
	for i := range 1000 {
		lay(b, dir, fmt.Sprintf("202305%02d/Camera_Media/ALEXA35/A%03dR1AB/x.mxf", 1+i%30, i))
	}
	s := settledScanner(b, dir)
	scanned(b, s)
	for b.Loop() {
		scanned(b, s)
	}
}
