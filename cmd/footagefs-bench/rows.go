package main

import "fmt"

// near1 is how often sides take turns where they are nearly equal.
const near1 = 15

// rows are what is measured, against whom, and what is to be reached: the floor must, the
// goal should.
func rows(s size) []row {
	media, walk, lib := binary(s.media), count(s.files)+" files", count(s.rolls)+" rolls"
	all := fmt.Sprintf("%s, %s files", lib, count(s.rolls*s.perRoll))
	native, bindfs := check{peer: "native"}, check{peer: "bindfs"}
	return []row{
		{1, "sequential read of " + media + ", warm, privileged", []drive{clips}, near1,
			[]check{{"native", faster, 0.90, 0.95}, bindfs}, sequential},
		{2, "sequential read of " + media + ", unprivileged, first", []drive{clips}, 9,
			[]check{{"native", faster, 0.20, 0.25}, {"bindfs", faster, 1.3, 1.5}}, firstRead},
		{3, "sequential read of " + media + ", unprivileged, second", []drive{clips}, near1,
			[]check{{"native", faster, 0.6, 0.75}, bindfs}, secondRead},
		{4, "random 1 MiB reads, median, privileged", []drive{clips}, near1,
			[]check{{"native", within, 1.2, 1.1}, bindfs}, scrubbing("1048576")},
		{4, "random 64 KiB reads, median, privileged", []drive{clips}, near1,
			[]check{{"native", within, 1.2, 1.1}, bindfs}, scrubbing("65536")},
		{5, "find -size over " + walk + ", second run", []drive{walked}, near1,
			[]check{{"native", within, 1.3, 1.1}}, findAgain},
		{6, "find -size over " + walk + ", first run after mount", []drive{walked}, 5,
			[]check{{"native", within, 6, 4}, {"bindfs", faster, 4, 6}}, findFirst},
		{7, "ls -lR over " + walk, []drive{walked}, 5,
			[]check{{"bindfs", faster, 1.5, 2}, native}, list},
		{8, "getfattr -R, five attributes, " + walk, []drive{walked, attributed}, 5,
			[]check{{"bindfs", within, 0.6, 0.4}, native}, attributes},
		{9, "verify XXH64, " + media + " warm, 8 files", []drive{clips}, 9,
			[]check{{"xxhsum", faster, 1.3, 1.6}}, against(clips, "xxhsum", []string{"-H64"}, []string{"-c", "-q"})},
		{9, "verify XXH3 (128 bits), " + media + " warm, 8 files", []drive{clipsXXH3}, 9,
			[]check{{"xxhsum", faster, 1.3, 1.6}}, against(clipsXXH3, "xxhsum", []string{"-H2"}, []string{"-c", "-q"})},
		{10, "verify XXH64, " + media + " cold, from disk", []drive{clips}, near1,
			[]check{{"fio", faster, 0.9, 0.97}}, fromDisk},
		{11, "verify MD5, " + media + " warm, 16 files", []drive{takes}, 5,
			[]check{{"md5sum", faster, 1.8, 3}, {peer: "rhash"}}, md5},
		{12, "verify C4, " + media + " warm, 16 files", []drive{takesC4}, 5,
			[]check{{"ascmhl", faster, 1.8, 3}}, c4},
		{13, "verify one file of " + media + ", MD5 and XXH64", []drive{single}, 9,
			[]check{{"md5sum", within, 1.1, 1.03}}, secondAlgorithm},
		{14, "verify " + count(s.small) + " files of 1 KiB, MHL 1.1", []drive{small}, 5,
			[]check{{"mhl", faster, 1.4, 2}}, smallLegacy},
		{14, "verify " + count(s.small) + " files of 1 KiB, ASC MHL", []drive{smallASC}, 3,
			[]check{{"ascmhl", faster, 30, 50}}, smallHistory},
		{15, "second verify of " + walk, []drive{walked}, 9,
			[]check{{"find", within, 4, 2}}, again},
		{16, "mount to first ls, " + all + ", known", []drive{many}, 5,
			[]check{{"", seconds, 1, 0}}, mountKnown},
		{16, "memory, " + all + " listed, a day browsed and verified", []drive{many}, 1,
			[]check{{"", megabytes, 300, 150}}, memoryBrowsed},
		{16, "memory, " + all + " all walked", []drive{many}, 1,
			[]check{{"", megabytes, 0, 300}}, memoryWalked},
		{17, "mount to first ls, " + all + ", never seen", []drive{many}, 5,
			[]check{{"find", within, 3, 2}}, mountNew},
		{18, "parsing an MHL of " + count(s.frames) + " entries", nil, 9,
			[]check{{"encoding/xml", within, 1.5, 1}}, parsing},
		{19, "report.csv of " + lib + ", after a change", []drive{many}, 9,
			[]check{{"", millis, 50, 10}}, reportChanged},
		{20, "reading a clip while verification runs, limited disk", nil, 5,
			[]check{{"alone", faster, 0.8, 0.95}}, busy},
	}
}
