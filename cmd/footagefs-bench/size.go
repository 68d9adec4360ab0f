package main

import "fmt"

// size is how much is measured.
type size struct {
	name   string
	media  int64 // bytes of media that are read and hashed
	files  int   // files of the drive that is walked
	small  int   // files of the drive of small files
	frames int   // entries of the manifest that is parsed

	rolls, perRoll int // the library: its rolls, files in each

	curve      []int // the scale curve's rolls
	curveFiles int   // files in each of them
}

// sizes are those that --size names. Rows compare themselves with the goals of the
// project at normal and full; quick gives an impression, and tiny shows that all works.
var sizes = []size{
	{"tiny", 8 << 20, 40, 5, 10, 11, 2, []int{1, 2}, 2},
	{"quick", 256 << 20, 10_000, 2_000, 4_800, 200, 10, []int{10, 20, 40, 80}, 100},
	{"normal", 2 << 30, 100_000, 20_000, 48_000, 2_000, 50, []int{50, 100, 200, 400}, 250},
	{"full", 2 << 30, 100_000, 20_000, 48_000, 2_000, 2_500, []int{250, 500, 1000, 2000}, 2_500},
}

func sizeOf(name string) (size, error) {
	for _, s := range sizes {
		if s.name == name {
			return s, nil
		}
	}
	return size{}, fmt.Errorf("--size is quick, normal or full, not %q", name)
}

// count writes 100000 as 100,000.
func count[N int | int64](n N) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}

// binary writes a number of bytes in MiB or GiB.
func binary(bytes int64) string {
	if bytes >= 1<<30 {
		return fmt.Sprintf("%.3g GiB", float64(bytes)/(1<<30))
	}
	return fmt.Sprintf("%.3g MiB", float64(bytes)/(1<<20))
}
